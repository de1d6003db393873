// Tables that are rebuilt while their projections run, and taken over without a restart.

import AccountsDomain
import Bytes
import Database
import Log
import Runtime
import Telemetry
import Testing

@testable import Projections

@Suite("Tables that are exchanged under a running projection") struct ExchangeTests {
  /// Builds a projection's tables anew, as another process would.
  private func rebuild(
    _ projection: some Projection, _ fixture: EngineFixture, _ log: EventLog
  ) async throws -> RebuiltTables {
    try await fixture.withReadModels { models in
      try await fixture.withLoop { loop in
        try await models.rebuild(projection, from: LocalEventSource(log), on: loop)
      }
    }
  }

  @Test(
    "callers notice nothing: no command fails, no answer goes back, the feed goes on",
    arguments: StoreKind.allCases)
  func unnoticed(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      try await accounts.submit(.open("a", balance: 1_000_000))
      let start = try await accounts.submit(.open("b", balance: 0)).position
      let rebuilds = Locked(0)
      try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<4 {
          group.addTask {
            var done = 0
            // Until three exchanges have been lived through, and a little more.
            while done < 40 || rebuilds.withLock({ $0 }) < 3 {
              let id = ByteBuffer("\(index) \(done)")
              let moved = try await accounts.submit(.move(from: "a", to: "b", cents: 1), id: id)
              // What was answered is to be seen at once, whichever tables answer.
              let balances = try await accounts.balances(atLeast: moved.position)
              #expect(balances.values.reduce(0, +) == 1_000_000)
              done += 1
            }
            return done
          }
        }
        for round in 0..<3 {
          let rebuilt = try await rebuild(fixture.domain, fixture, log)
          try await engine.takeOver()
          #expect(accounts.tables.place.generation == rebuilt.generation)
          #expect(rebuilt.generation.number == round + 2)
          // Nobody has the old ones open any more.
          let old = try #require(rebuilt.replaced)
          try await fixture.withReadModels { try await $0.drop(old) }
          rebuilds.withLock { $0 += 1 }
        }
        let moves = try await group.reduce(0, +)
        #expect(try await accounts.balances()["b"] == Int64(moves))
        var feed = try accounts.changes(from: start)
        var entries = 0
        while entries < 2 * moves { entries += try await feed.next().count }
        #expect(entries == 2 * moves)
      }
    }
    #expect(try await fixture.verify().holds)
  }

  @Test("a follower and who waits for a position go on with the new tables", arguments: StoreKind.allCases)
  func following(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      let moved = try await accounts.submit(.move(from: "a", to: "b", cents: 7)).position
      #expect(try await totals.totals(atLeast: moved) == ["a": 7])
      let rebuilt = try await rebuild(MoveTotals(topic: fixture.topic), fixture, log)
      let next = PositionToken(moved.partition, next: LogOffset(moved.next.value + 1))
      async let later = totals.totals(atLeast: next)
      try await engine.takeOver()
      #expect(totals.tables.place.generation == rebuilt.generation)
      try await accounts.submit(.move(from: "a", to: "b", cents: 5))
      #expect(try await later == ["a": 12])
      #expect(totals.setbacks.isEmpty)
      // The domain's tables are the same as before.
      #expect(accounts.tables.place.generation.number == 1)
    }
  }

  @Test("tables of another version are left to the program that has it", arguments: StoreKind.allCases)
  func versions(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      try await accounts.submit(.open("a", balance: 100))
      var newer = fixture.domain
      newer.version = 2
      _ = try await rebuild(newer, fixture, log)
      try await engine.takeOver()
      #expect(accounts.tables.place.generation.version == 1)
      #expect(try await accounts.submit(.open("b", balance: 1)).position.next == 2)
    }
  }

  @Test("tables that cannot be brought up to the log are not taken, and the projection goes on with its own")
  func unusable() async throws {
    let fixture = try EngineFixture()
    try await fixture.withEngine { engine, log in
      let accounts = try await engine.open(fixture.domain)
      try await accounts.submit(.open("a", balance: 100))
      let rebuilt = try await rebuild(fixture.domain, fixture, log)
      // An account that is there already: the event that opens it cannot be applied.
      try await fixture.withLoop { loop in
        let store = try await fixture.directory.open(rebuilt.generation, on: loop)
        try await loop.run {
          try await store.write { tables throws(DatabaseError) in
            try tables.writer.write("INSERT INTO accounts (account, balance, opened) VALUES ('b', 1, 1)")
          }
        }
        try await store.close()
      }
      try await accounts.submit(.open("b", balance: 5))
      try await engine.takeOver()
      #expect(accounts.tables.place.generation.number == 1)
      #expect(accounts.refusal == nil)
      let last = try await accounts.submit(.open("c", balance: 5))
      #expect(try await accounts.balances(atLeast: last.position) == ["a": 100, "b": 5, "c": 5])
    }
  }
}

@Suite("How running projections stand") struct StandingTests {
  @Test("position, lag and whether it has stopped are told of each partition", arguments: StoreKind.allCases)
  func metrics(_ kind: StoreKind) async throws {
    let fixture = try EngineFixture(kind)
    let log = try await fixture.openLog()
    try await fixture.withReadModels { models in
      let registry = MetricRegistry()
      let engine = ProjectionEngine(
        ProjectionEngine.Configuration(readModels: models), log: log, pool: fixture.pool, registry: registry)
      let accounts = try await engine.open(fixture.domain)
      let totals = try await engine.follow(MoveTotals(topic: fixture.topic))
      try await accounts.submit(.open("a", balance: 100))
      try await accounts.submit(.open("b", balance: 0))
      // The second is bad luck to the totals.
      for cents in [1, 13, 2] { try await accounts.submit(.move(from: "a", to: "b", cents: Int64(cents))) }
      while totals.setbacks.isEmpty { await Task.yield() }
      var text = ByteBuffer()
      registry.render(into: &text)
      let lines = Set(try #require(String(validating: text)).split(separator: "\n").map(String.init))
      for (name, value) in [
        ("position", "5"), ("lag_events", "0"), ("lag_seconds", "0"), ("stopped", "0"),
      ] {
        let line = "varve_projection_\(name){projection=\"accounts\",partition=\"0\"} \(value)"
        #expect(lines.contains(line), "\(lines)")
      }
      for (name, value) in [("position", "3"), ("lag_events", "2"), ("stopped", "1")] {
        let line = "varve_projection_\(name){projection=\"move_totals\",partition=\"0\"} \(value)"
        #expect(lines.contains(line), "\(lines)")
      }
      let standing = try #require(engine.standings.last)
      #expect(standing.projection == "move_totals" && standing.lag?.events == 2)
      guard case .stopped(let failure)? = standing.setback else {
        Issue.record("\(standing)")
        return
      }
      #expect(failure.offset == 3)
      try await engine.close()
      #expect(engine.standings.isEmpty)
    }
    try await log.close()
  }
}
