// Snapshots: what they hold, what the log keeps because of them, and a node that begins with one.

import AccountsDomain
import Bytes
import Database
import Files
import Log
import Peers
import Runtime
import Testing

@testable import Projections

@Suite("Snapshots") struct SnapshotTests {
  @Test("a node without tables begins with the newest snapshot and the log from there")
  func begins() async throws {
    let fixture = try EngineFixture()
    let snapshot = try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      try await accounts.submit(.open("a", balance: 10), id: ByteBuffer("once"))
      try await accounts.submit(.open("b", balance: 0))
      let snapshot = try await engine.takeSnapshot(of: "accounts")
      try await accounts.submit(.move(from: "a", to: "b", cents: 4))
      let holder = try #require(log.consumers.first)
      #expect(holder.kind == .snapshot && holder.position == 2)
      return snapshot
    }
    // The tables are lost, the snapshot is not.
    let file = fixture.directory.path / "accounts"
    for name in ["current", "1-v1.sqlite"] { try LocalFiles().remove(file / name) }
    let isThere = try LocalFiles().exists(fixture.directory.file(of: snapshot))
    #expect(isThere)
    try await fixture.withAccounts { accounts, _ in
      #expect(try await accounts.balances() == ["a": 6, "b": 4])
      let again = try await accounts.submit(.open("a", balance: 10), id: ByteBuffer("once"))
      #expect(again.isRepeated)
    }
    #expect(try await fixture.verify().holds)
  }

  @Test("only the newest are kept, and the log is told which")
  func pruned() async throws {
    let fixture = try EngineFixture()
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      var taken: [Snapshot] = []
      for name in ["a", "b", "c"] {
        try await accounts.submit(.open(name, balance: 1))
        taken.append(try await engine.takeSnapshot(of: "accounts"))
      }
      let kept = try fixture.directory.snapshotList(of: "accounts")
      #expect(kept == Array(taken.suffix(2)))
      #expect(log.consumers.map(\.position.value).sorted() == [2, 3])
      await #expect(throws: EngineError.unknown(kind: "running projection", name: "other")) {
        try await engine.takeSnapshot(of: "other")
      }
    }
  }

  @Test("tables in PostgreSQL are not copied: that is said, and nothing is done")
  func postgres() async throws {
    let fixture = try EngineFixture(.postgres)
    try await fixture.withEngine { engine, log in
      _ = try await engine.open(fixture.domain)
      await #expect(throws: EngineError.noSnapshots("accounts")) {
        try await engine.takeSnapshot(of: "accounts")
      }
      #expect(log.consumers.isEmpty)
    }
  }

  @Test("one is taken when enough has happened")
  func automatic() async throws {
    let fixture = try EngineFixture()
    let log = try await fixture.openLog()
    var configuration = ProjectionEngine.Configuration(readModels: fixture.directory)
    configuration.snapshots.everyEvents = 5
    configuration.snapshots.checkInterval = .milliseconds(2)
    let engine = ProjectionEngine(configuration, log: log, pool: fixture.pool)
    let accounts = try await engine.open(fixture.domain)
    for number in 0..<6 { try await accounts.submit(.open("\(number)", balance: 1)) }
    while try fixture.directory.snapshotList(of: "accounts").isEmpty { await Task.yield() }
    try await engine.close()
    try await log.close()
  }

  @Test(
    "names of other files are no snapshots",
    arguments: ["", "unfinished", "1-v1.sqlite-wal", "01-v1.sqlite", "a-v1.sqlite", "1-2.sqlite"])
  func names(name: String) {
    #expect(Snapshot("accounts", fileName: name) == nil)
  }
}
