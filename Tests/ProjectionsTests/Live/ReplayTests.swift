// The law of the house: the log makes the tables that live traffic made. And what happens when something broke it.

import AccountsDomain
import Bytes
import Database
import Files
import Log
import Peers
import Runtime
import Testing

@testable import Projections

@Suite("Replaying the log") struct ReplayTests {
  /// Accounts with some history: answers kept, repeats, and a command without events.
  private func live(_ fixture: EngineFixture, moves: Int = 50) async throws {
    try await fixture.withAccounts { accounts, _ in
      for name in ["a", "b", "c"] { try await accounts.submit(.open(name, balance: 1000)) }
      for number in 0..<moves {
        let names = ["a", "b", "c"]
        try await accounts.submit(
          .move(from: names[number % 3], to: names[(number + 1) % 3], cents: Int64(number % 7)),
          id: number.isMultiple(of: 2) ? ByteBuffer("move \(number)") : nil)
      }
      try await accounts.submit(.ensure("a"), id: ByteBuffer("sure"))
    }
  }

  @Test("live equals replayed, table by table", arguments: StoreKind.allCases)
  func holds(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await live(fixture)
    let verification = try await fixture.verify()
    #expect(verification.holds)
    #expect(
      verification.tables.map(\.live.table) == ["accounts", "moves", "varve_answers", "varve_positions"])
    #expect(verification.tables.map(\.live.rows) == [3, 50, 26, 1])
  }

  @Test(
    "indexes of queries are made when the tables are built, and wherever they are missing",
    arguments: StoreKind.allCases)
  func indexes(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await live(fixture)
    let log = try await fixture.openLog()
    let loop = try EventLoop.start(name: "indexes", pool: fixture.pool)
    try await fixture.withReadModels { models in
      let domain = fixture.domain
      let generation = try await models.newGeneration(of: domain.name, version: domain.version)
      let store = try await models.open(generation, on: loop)
      func dropIndex() async throws(DatabaseError) {
        try await loop.run { () throws(DatabaseError) in
          try await store.write { tables throws(DatabaseError) in
            try tables.writer.write("DROP INDEX moves_by_source")
            try await tables.settle()
          }
        }
      }
      try await ProjectionEngine.migrate(store, for: domain, isBuilding: true)
      await #expect(throws: DatabaseError.self, "not while rows come in") { try await dropIndex() }
      try await Replay(domain, from: LocalEventSource(log)).run(into: store)
      try await dropIndex()
      try await ProjectionEngine.migrate(store, for: domain)
      try await dropIndex()
      try await store.close()
      try await models.drop(generation)
    }
    await loop.shutdown()
    try await log.close()
  }

  @Test("old answers are dropped at the same events by both")
  func pruning() async throws {
    let time = ManualTime()
    let fixture = try EngineFixture(time: time)
    try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 1), id: ByteBuffer("first"))
      time.advance(by: .seconds(2 * 24 * 3600))
      for number in 0..<1100 { try await accounts.submit(.open("\(number)", balance: 0)) }
      let again = try? await accounts.submit(.open("a", balance: 1), id: ByteBuffer("first"))
      #expect(again == nil, "its answer is too old to be kept")
    }
    let verification = try await fixture.verify()
    #expect(verification.holds)
    #expect(verification.tables.first { $0.live.table == "varve_answers" }?.live.rows == 0)
  }

  @Test("a row that was changed behind the engine's back is named, and so is one that is missing or extra")
  func differences() async throws {
    let fixture = try EngineFixture()
    try await live(fixture)
    let file = fixture.directory.file(of: try #require(try fixture.directory.current(of: "accounts")))
    func change(_ sql: StaticString) async throws {
      let loop = try EventLoop.start(name: "change", pool: fixture.pool)
      let store = try await Store.openSQLite(file.string, on: loop)
      try await loop.run {
        try await store.write { tables throws(DatabaseError) in try tables.writer.write(sql) }
      }
      try await store.close()
      await loop.shutdown()
    }
    try await change("UPDATE accounts SET balance = balance + 1 WHERE account = 'b'")
    var verification = try await fixture.verify()
    #expect(!verification.holds)
    var difference = try #require(verification.tables[0].difference)
    #expect(difference.left?.first == .text("b") && difference.right?.first == .text("b"))
    try await change("UPDATE accounts SET balance = balance - 1 WHERE account = 'b'")
    try await change("DELETE FROM moves WHERE at_offset = 20")
    verification = try await fixture.verify()
    difference = try #require(verification.tables[1].difference)
    #expect(difference.left == nil && difference.right?[1] == .integer(20))
    try await change("INSERT INTO moves VALUES (0, 20, 'x', 'y', 1), (0, 10000, 'x', 'y', 1)")
    verification = try await fixture.verify()
    difference = try #require(verification.tables[1].difference)
    #expect(difference.left?[2] == .text("x") && difference.right?[2] != .text("x"))
  }

  @Test("tables of a moment hold what had happened before it")
  func timeTravel() async throws {
    let fixture = try EngineFixture()
    try await live(fixture, moves: 9)
    let log = try await fixture.openLog()
    let loop = try EventLoop.start(name: "travel", pool: fixture.pool)
    let store = try await Store.openSQLite(fixture.folder.path("then.sqlite"), on: loop)
    let replay = try await Replay(fixture.domain, from: LocalEventSource(log))
    for end in [2, 5, 12] {
      let reached = try await replay.run(into: store, to: .offset(LogOffset(Int64(end))))
      #expect(reached.values.map(\.value) == [Int64(end)])
      let moves = try await store.read { tables throws(DatabaseError) in
        try await tables.rows("SELECT count(*) FROM moves") { row throws(DatabaseError) in
          try row.take(Int.self)
        }
      }
      #expect(moves == [max(0, end - 3)])
    }
    try await store.close()
    await loop.shutdown()
    try await log.close()
  }

  @Test("a replay that was interrupted goes on where it stopped")
  func resumes() async throws {
    let fixture = try EngineFixture()
    try await live(fixture)
    let log = try await fixture.openLog()
    let loop = try EventLoop.start(name: "resume", pool: fixture.pool)
    let store = try await Store.openSQLite(fixture.folder.path("half.sqlite"), on: loop)
    let replay = try await Replay(fixture.domain, from: LocalEventSource(log))
    try await replay.run(into: store, to: .offset(20))
    let seen = Locked<[ReplayProgress]>([])
    try await replay.run(into: store) { progress in seen.withLock { $0.append(progress) } }
    let last = try #require(seen.withLock { $0.last })
    #expect(last.resumedAt == 20 && last.left == 0 && last.done == 54 - 20)
    try await store.close()
    await loop.shutdown()
    try await log.close()
  }

  @Test("tables of another version are not used: they are built anew beside the old ones, which are kept")
  func versions() async throws {
    let fixture = try EngineFixture()
    try await live(fixture, moves: 5)
    var newer = fixture.domain
    newer.version = 2
    try await fixture.withEngine { engine, _ in
      await #expect(throws: EngineError.otherVersion("accounts", tables: 1, program: 2)) {
        _ = try await engine.open(newer)
      }
    }
    let log = try await fixture.openLog()
    let loop = try EventLoop.start(name: "newer", pool: fixture.pool)
    let rebuilt = try await fixture.directory.rebuild(newer, from: LocalEventSource(log), on: loop)
    #expect(rebuilt.replaced?.version == 1 && rebuilt.generation.version == 2)
    await loop.shutdown()
    try await log.close()
    try await fixture.withEngine { engine, _ in
      let accounts = try await engine.open(newer)
      try await accounts.submit(.open("d", balance: 1))
      #expect(try await accounts.balances().count == 4)
    }
    let generations = try fixture.directory.generations(of: "accounts")
    #expect(generations.map(\.version) == [1, 2])
  }
}
