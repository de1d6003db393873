// Tables in a file that cannot be written for a while: locked by another process, or on a disk that is full.

import AccountsDomain
import Bytes
import Database
import Files
import Foundation
import Log
import Peers
import Records
import Runtime
import Testing
import Wire

@testable import Projections

@Suite("Tables in a file that fails") struct SQLiteFailureTests {
  /// Another process that holds the write lock of a database.
  private final class LockHolder {
    private let process = Process()
    private let input = Pipe()
    // Kept, because it would end if nobody could hear it any more.
    private let output = Pipe()

    /// Returns when it holds the lock.
    init(_ path: FilePath) throws {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "python3", "-c",
        """
        import sqlite3, sys
        database = sqlite3.connect(sys.argv[1], isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        sys.stdin.read()
        """, path.string,
      ]
      process.standardInput = input.fileHandleForReading
      process.standardOutput = output.fileHandleForWriting
      try ForeignProgram.start(process)
      try output.fileHandleForWriting.close()
      let said = String(decoding: output.fileHandleForReading.available(), as: UTF8.self)
      try #require(said.hasPrefix("locked"))
    }

    func release() throws {
      try input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
  }

  private func settings(busyTimeout: Duration) -> SQLiteSettings {
    var settings = SQLiteSettings()
    settings.busyTimeout = busyTimeout
    return settings
  }

  @Test("commands wait for another process's lock that is soon released")
  func lockedForAMoment() async throws {
    let fixture = try EngineFixture(sqlite: settings(busyTimeout: .seconds(10)))
    try await fixture.withAccounts { accounts, log in
      let file = fixture.directory.file(of: try #require(try fixture.directory.current(of: "accounts")))
      let holder = try LockHolder(file)
      async let answer = accounts.submit(.open("a", balance: 5), id: ByteBuffer("a"))
      try holder.release()
      #expect(try await answer.reply.balance == 5)
      #expect(try log.events(of: fixture.topic).count == 1)
    }
    #expect(try await fixture.verify().holds)
  }

  @Test(
    "a lock that is held for longer fails commands before anything was done, and they work when it is gone")
  func lockedForLong() async throws {
    let fixture = try EngineFixture(sqlite: settings(busyTimeout: .milliseconds(5)))
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 5))
      let file = fixture.directory.file(of: try #require(try fixture.directory.current(of: "accounts")))
      let holder = try LockHolder(file)
      let failure = await #expect(throws: CommandError<AccountRefusal>.self) {
        try await accounts.submit(.open("b", balance: 7), id: ByteBuffer("b"))
      }
      #expect(failure == .unavailable(.database(.busy(target: file.string)), isCertain: true))
      #expect(try await accounts.balances() == ["a": 5])
      #expect(try log.events(of: fixture.topic).count == 1)
      try holder.release()
      while accounts.refusal != nil { await Task.yield() }
      let answer = try await accounts.submit(.open("b", balance: 7), id: ByteBuffer("b"))
      #expect(!answer.isRepeated && answer.position.next == 2)
    }
    #expect(try await fixture.verify().holds)
  }

  @Test("tables that stay away are tried ever more slowly")
  func setbacks() async throws {
    let time = HastyTime()
    let fixture = try EngineFixture(time: time, sqlite: settings(busyTimeout: .milliseconds(1)))
    try await fixture.withAccounts { accounts, log in
      try await accounts.submit(.open("a", balance: 5))
      let file = fixture.directory.file(of: try #require(try fixture.directory.current(of: "accounts")))
      let holder = try LockHolder(file)
      // What somebody else appended has to be applied, and cannot be.
      let events = try log.events(of: fixture.topic)
      try await log.topic(fixture.topic).partitions[0].append(
        Record(
          key: ByteBuffer("a"), value: try Varve_Testing_V1_AccountOpened.with("b").serializedBytes(),
          headers: events[0].record.headers.filter { $0.key == "ce_type" }))
      await #expect(throws: CommandError<AccountRefusal>.self) {
        try await accounts.submit(.open("c", balance: 1))
      }
      // Looking for what a snapshot is due sleeps too, and longer.
      func setbacks() -> [Duration] { time.sleeps.filter { $0 <= Setback.lastDelay } }
      while setbacks().count < 12 { await Task.yield() }
      try holder.release()
      while accounts.refusal != nil { await Task.yield() }
      let sleeps = setbacks().prefix(12)
      #expect(sleeps.first == Setback.firstDelay && sleeps.last == Setback.lastDelay, "\(sleeps)")
      #expect(zip(sleeps, sleeps.dropFirst()).allSatisfy(<=), "\(sleeps)")
      #expect(try await accounts.balances() == ["a": 5, "b": 1])
    }
  }

  @Test("closing does not wait for the next attempt", .timeLimit(.minutes(1)))
  func closingWhileAway() async throws {
    let time = HastyTime(isAsleep: true)
    let fixture = try EngineFixture(time: time, sqlite: settings(busyTimeout: .milliseconds(1)))
    let holder = try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 5))
      let file = fixture.directory.file(of: try #require(try fixture.directory.current(of: "accounts")))
      let holder = try LockHolder(file)
      await #expect(throws: CommandError<AccountRefusal>.self) {
        try await accounts.submit(.open("b", balance: 1))
      }
      while time.sleeps.isEmpty { await Task.yield() }
      return holder
    }
    try holder.release()
    #expect(try await fixture.verify().holds)
  }

  // MARK: No room

  @Test(
    "a disk that fills between append and commit takes nothing back: the command succeeds, nothing is decided on tables that do not show it, and they catch up when there is room",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() async throws {
    try await SmallDisk.withMounted(bytes: 1 << 20) { disk in
      let fixture = try EngineFixture(tables: "\(disk)/projections")
      try await fixture.withAccounts { accounts, log in
        try await accounts.submit(.open("a", balance: 100))
        try SmallDisk.fill("\(disk)/filler")
        // SQLite writes at the commit only, when the event is durable already.
        let answer = try await accounts.submit(.open("b", balance: 7), id: ByteBuffer("b"))
        #expect(answer.reply.balance == 7 && answer.position.next == 2)
        #expect(try log.events(of: fixture.topic).count == 2)
        #expect(try await accounts.balances() == ["a": 100])
        await #expect(throws: QueryError.tooEarly(answer.position, reached: 1)) {
          try await accounts.read(atLeast: answer.position, timeout: .milliseconds(1)) {
            _ throws(DatabaseError) in
          }
        }
        // The tables do not show account b; nobody may be told that it is unknown.
        for command in [
          AccountCommand.move(from: "b", to: "a", cents: 1), .open("b", balance: 9), .ensure("b"),
        ] {
          let failure = await #expect(throws: CommandError<AccountRefusal>.self) {
            try await accounts.submit(command)
          }
          guard case .unavailable(.database(.storage), isCertain: true) = failure else {
            Issue.record("\(command) was answered \(String(describing: failure))")
            continue
          }
        }
        #expect(try log.events(of: fixture.topic).count == 2)
        try FileManager.default.removeItem(atPath: "\(disk)/filler")
        #expect(
          try await accounts.balances(atLeast: answer.position, timeout: .seconds(20)) == ["a": 100, "b": 7])
        while accounts.refusal != nil { await Task.yield() }
        let again = try await accounts.submit(.open("b", balance: 7), id: ByteBuffer("b"))
        #expect(again.isRepeated && again.position == answer.position)
        #expect(try await accounts.submit(.move(from: "b", to: "a", cents: 1)).reply.balance == 6)
      }
      #expect(try await fixture.verify().holds)
    }
  }
}

extension Varve_Testing_V1_AccountOpened {
  /// An account with one cent.
  fileprivate static func with(_ account: String) -> Self {
    var opened = Self()
    opened.account = account
    opened.balance = 1
    return opened
  }
}

/// A clock that stands still, and whose sleepers do not wait: it notes for how long they would have. Asleep, it lets
/// them wait until they are cancelled.
private final class HastyTime: TimeSource {
  private let noted = Locked<[Duration]>([])
  private let isAsleep: Bool

  init(isAsleep: Bool = false) { self.isAsleep = isAsleep }

  var sleeps: [Duration] { noted.withLock { $0 } }

  let monotonic = SystemTime().monotonic
  let wall = SystemTime().wall
  var isManual: Bool { true }

  func sleep(until deadline: MonotonicInstant) async throws(CancellationError) {
    let duration = deadline.since(monotonic)
    // Others sleep too, for long.
    let isNoted = duration <= Setback.lastDelay
    if isNoted { noted.withLock { $0.append(duration) } }
    if isAsleep || !isNoted {
      do {
        return try await Task.sleep(for: .seconds(3600))
      } catch {
        throw CancellationError()
      }
    }
    if Task.isCancelled { throw CancellationError() }
    await Task.yield()
  }
}
