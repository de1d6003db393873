// The pool with real connections: its limits, what a caller leaves behind, and its end.

import Peers
import Runtime
import Testing

@testable import Database

@Suite("The pool of PostgreSQL connections") struct PostgresPoolTests {
  /// A pool on one of two loops, so that callers come from both.
  private func withPool(
    _ change: (inout PostgresPoolStateMachine.Limits) -> Void = { _ in },
    _ body: (PostgresPool, EventLoopGroup) async throws -> Void
  ) async throws {
    let settings = try PostgresSettings(PostgresServer.shared.get().address())
    var limits = PostgresPoolStateMachine.Limits()
    limits.connectionsMaximum = 2
    limits.waitTimeout = .seconds(60)
    change(&limits)
    try await withLoops(2) { group in
      let pool = PostgresPool(settings, limits: limits, on: group.loops[0])
      try await body(pool, group)
      await pool.shutdown()
      await pool.shutdown()
      let error = await failure { try await pool.withConnection { _ in } }
      #expect(error == .closed)
      #expect(pool.state.idle + pool.state.used + pool.state.connecting + pool.state.waiting == 0)
    }
  }

  @Test func sharesFewConnectionsAmongMany() async throws {
    try await withPool { pool, group in
      let now = Tally()
      let most = Tally()
      try await withThrowingTaskGroup(of: Int64.self) { tasks in
        for number in 0..<50 {
          let ask: @Sendable () async throws(DatabaseError) -> Int64 = { () async throws(DatabaseError) in
            try await pool.withConnection { connection throws(DatabaseError) in
              most.raise(to: now.add())
              defer { now.add(-1) }
              let rows = try await connection.query("SELECT $1::int8", [.integer(Int64(number))])
              guard case .integer(let value) = rows[0][0] else { return -1 }
              return value
            }
          }
          tasks.addTask { number % 2 == 0 ? try await ask() : try await group.loops[1].run(ask) }
        }
        let sum = try await tasks.reduce(0, +)
        #expect(sum == 49 * 50 / 2)
      }
      #expect(most.count <= 2)
      #expect(pool.state.connects <= 2 && pool.state.losses == 0)
    }
  }

  @Test func rollsBackWhatACallerLeavesOpen() async throws {
    try await withPool({ $0.connectionsMaximum = 1 }) { pool, _ in
      try await pool.withConnection { connection throws(DatabaseError) in
        try await connection.run(script: "CREATE TEMPORARY TABLE left_open (k BIGINT)")
        try connection.begin(.write(.readCommitted))
        _ = try await connection.query("INSERT INTO left_open VALUES (1)", [])
      }
      let error = await failure {
        try await pool.withConnection { connection throws(DatabaseError) in
          try connection.begin(.write(.readCommitted))
          try connection.enqueue("INSERT INTO nowhere VALUES (1)", [])
          throw .columns(sql: "the caller's own", expected: 1, found: 2)
        }
      }
      #expect(error == .columns(sql: "the caller's own", expected: 1, found: 2))
      let rows = try await pool.withConnection { connection throws(DatabaseError) in
        try await connection.query("SELECT count(*) FROM left_open", [])
      }
      #expect(rows == [[.integer(0)]] && pool.state.connects == 1)
    }
  }

  @Test func aCallerThatIsCancelledWhileItWaitsGoes() async throws {
    try await withPool({ $0.connectionsMaximum = 1 }) { pool, _ in
      try await pool.withConnection { connection throws(DatabaseError) in
        let waiting = pool.loop.spawn {
          let error = await failure { try await pool.withConnection { _ in } }
          #expect(error == .cancelled)
        }
        while pool.state.waiting == 0 { await pool.loop.yield() }
        waiting.cancel()
        await waiting.value
        #expect(pool.state.waiting == 0)
        _ = try await connection.query("SELECT 1", [])
      }
    }
  }

  @Test func aCancelledCallerDoesNotCostTheConnectionItHasLeftOpen() async throws {
    try await withPool({ $0.connectionsMaximum = 1 }) { pool, _ in
      let task = pool.loop.spawn {
        let error = await failure {
          try await pool.withConnection { connection throws(DatabaseError) in
            try connection.begin(.read)
            _ = try await connection.query("SELECT 1", [])
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await connection.query("SELECT 2", [])
          }
        }
        #expect(error == .cancelled)
      }
      await task.value
      let rows = try await pool.withConnection { connection throws(DatabaseError) in
        try await connection.query("SELECT 3", [])
      }
      #expect(rows == [[.integer(3)]] && pool.state.connects == 1 && pool.state.losses == 0)
    }
  }

  @Test func givesUpOnConnectingAndOnIdleConnectionsInTime() async throws {
    let time = ManualTime()
    let server = try PostgresServer.shared.get()
    var limits = PostgresPoolStateMachine.Limits()
    limits.waitTimeout = .seconds(3)
    limits.idleTimeout = .seconds(30)
    try await withLoops(time: time) { group in
      let loop = group.next()
      let dead = PostgresPool(
        try PostgresSettings("postgres://u@127.0.0.1:1/d"), limits: limits, on: loop,
        random: SeededRandom(seed: 1))
      let task = Task { await failure { try await dead.withConnection { _ in } } }
      while dead.state.refusals == 0 {
        time.advance(by: .milliseconds(50))
        await loop.run {}
        await Task.yield()
      }
      let error = await task.value
      guard case .cannotOpen(_, let reason)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.contains("refused") && dead.state.connectFailures > 1 && dead.state.lastFailure == error)
      await dead.shutdown()

      let pool = PostgresPool(try PostgresSettings(server.address()), limits: limits, on: loop)
      try await pool.withConnection { _ in }
      #expect(pool.state.idle == 1)
      time.advance(by: .seconds(30))
      while pool.state.idle == 1 { await Task.yield() }
      await loop.run {}
      #expect(loop.statistics.sockets == 0)
      await pool.shutdown()
    }
  }
}
