// Nodes that share a database: they make the tables once, and apply each event once.

import AccountsDomain
import Bytes
import Database
import Log
import Peers
import Runtime
import Testing

@testable import Projections

@Suite("Tables that nodes share") struct SharedTablesTests {
  @Test("nodes that open the same read model at once make its tables once and apply each event once")
  func following() async throws {
    let fixture = try EngineFixture(.postgres, server: StruckServer.shared.get())
    let other = MoveTotals(topic: fixture.topic)
    try await fixture.withEngine { engine, log in
      try await fixture.withReadModels { models in
        let second = ProjectionEngine(
          ProjectionEngine.Configuration(readModels: models), log: log, pool: fixture.pool)
        let accounts = try await engine.open(fixture.domain)
        try await accounts.submit(.open("a", balance: 10_000))
        try await accounts.submit(.open("b", balance: 0))
        async let left = engine.follow(other)
        async let right = second.follow(other)
        let (one, two) = try await (left, right)
        #expect(one.tables.place.generation == two.tables.place.generation)
        var position: PositionToken?
        for _ in 0..<20 {
          position = try await withThrowingTaskGroup(of: PositionToken.self) { group in
            for cents in 1...10 {
              group.addTask {
                try await accounts.submit(.move(from: "a", to: "b", cents: Int64(cents))).position
              }
            }
            return try await group.reduce(nil) { [$0, $1].compactMap(\.self).max { $0.next < $1.next } }
          }
        }
        #expect(try await one.totals(atLeast: position) == ["a": 20 * 55])
        #expect(try await two.totals(atLeast: position) == ["a": 20 * 55])
        try await second.close()
      }
    }
  }

  @Test("nodes that migrate and replay into the same schema at once give what one would")
  func replaying() async throws {
    let fixture = try EngineFixture(.postgres, server: StruckServer.shared.get())
    try await fixture.withAccounts { accounts, _ in
      try await accounts.submit(.open("a", balance: 10_000))
      try await accounts.submit(.open("b", balance: 0))
      for number in 0..<60 {
        try await accounts.submit(
          .move(from: "a", to: "b", cents: Int64(number + 1)), id: ByteBuffer("move \(number)"))
      }
    }
    let log = try await fixture.openLog()
    try await fixture.withReadModels { models in
      let generation = try await models.newGeneration(of: "accounts", version: 1)
      let replay = try await Replay(fixture.domain, from: LocalEventSource(log))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<4 {
          let loop = try EventLoop.start(name: "replay-\(index)", pool: fixture.pool)
          group.addTask {
            let store = try await models.open(generation, on: loop)
            for end in [10, 25, 40, 62] {
              try await replay.run(into: store, to: .offset(LogOffset(Int64(end))))
            }
            try await store.close()
            await loop.shutdown()
          }
        }
        try await group.waitForAll()
      }
      let loop = try EventLoop.start(name: "compare", pool: fixture.pool)
      let live = try await models.open(try #require(try await models.current(of: "accounts")), on: loop)
      let replayed = try await models.open(generation, on: loop)
      #expect(try await Verification(of: fixture.domain, live: live, replayed: replayed).holds)
      try await live.close()
      try await replayed.close()
      await loop.shutdown()
    }
    try await log.close()
  }

  @Test("nodes that make generations at once each get their own, and one first")
  func generations() async throws {
    let fixture = try EngineFixture(.postgres, server: StruckServer.shared.get())
    try await fixture.withReadModels { models in
      let firsts = try await withThrowingTaskGroup(of: Generation.self) { group in
        for _ in 0..<8 { group.addTask { try await models.firstGeneration(of: "totals", version: 1) } }
        return try await group.reduce(into: Set()) { $0.insert($1.number) }
      }
      #expect(firsts == [1])
      try await fixture.withReadModels { others in
        let numbers = try await withThrowingTaskGroup(of: Generation.self) { group in
          for index in 0..<12 {
            group.addTask {
              try await (index % 2 == 0 ? models : others).newGeneration(of: "totals", version: 1)
            }
          }
          return try await group.reduce(into: []) { $0.append($1.number) }
        }
        #expect(numbers.sorted() == Array(2...13))
      }
    }
  }
}
