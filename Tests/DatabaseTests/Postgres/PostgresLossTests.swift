// Servers that die, stop or hang, tasks that are cancelled, and a pool that goes on after all of it.

import Foundation
import Glibc
import Peers
import Runtime
import Testing

@testable import Database

@Suite("Losing PostgreSQL") struct PostgresLossTests {
  private static func isLoss(_ error: DatabaseError?) -> Bool {
    if case .disconnected? = error { true } else { false }
  }

  @Test func aConnectionThatTheServerEndedSaysSoAndGoesOnSayingSo() async throws {
    try await withConnection("CREATE TABLE t (k BIGINT)") { connection, schema in
      let other = try await PostgresConnection.connect(schema.settings, on: connection.loop)
      let process = try await connection.query("SELECT pg_backend_pid()", [])[0][0]
      try connection.begin(.write(.readCommitted))
      _ = try await connection.query("INSERT INTO t VALUES (1)", [])
      #expect(connection.isAlive)
      _ = try await other.query("SELECT pg_terminate_backend($1::int, 10000)", [process])
      #expect(!connection.isAlive)
      let error = await failure { try await connection.commit() }
      #expect(Self.isLoss(error) && !connection.isUsable)
      #expect(await failure { _ = try await connection.query("SELECT 1", []) } == error)
      #expect(await failure { try connection.enqueue("SELECT 1", []) } == error)
      #expect(await failure { try connection.begin(.read) } == error)
      #expect(await failure { try await connection.rollback() } == error)
      #expect(await failure { try await connection.relieve() } == error)
      #expect(await failure { try await connection.run(script: "SELECT 1") } == error)
      let rows = try await other.query("SELECT count(*) FROM t", [])
      #expect(rows == [[.integer(0)]])
      other.close()
    }
  }

  @Test func aStatementUnderWayIsToldWhyItsConnectionEnded() async throws {
    try await withConnection { connection, schema in
      let loop = connection.loop
      let process = try await connection.query("SELECT pg_backend_pid()", [])[0][0]
      async let ended: Bool = {
        guard let other = try? await PostgresConnection.connect(schema.settings, on: loop) else {
          return false
        }
        defer { other.close() }
        let rows = try? await other.query("SELECT pg_terminate_backend($1::int)", [process])
        return rows == [[.integer(1)]]
      }()
      let error = await failure { _ = try await connection.query("SELECT pg_sleep(60)", []) }
      guard case .disconnected(_, let reason)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.contains("terminating connection"))
      #expect(await ended)
    }
  }

  @Test func aCancelledWaitCostsTheConnection() async throws {
    let schema = try TestSchema()
    try await withLoops { group in
      let loop = group.next()
      let waiting = Tally()
      let task = Task {
        await loop.run {
          await failure {
            let connection = try await PostgresConnection.connect(schema.settings, on: loop)
            waiting.add()
            let error = await failure { _ = try await connection.query("SELECT pg_sleep(60)", []) }
            #expect(Self.isLoss(error) && !connection.isUsable)
            throw error ?? .closed
          }
        }
      }
      while waiting.count == 0 { await Task.yield() }
      task.cancel()
      #expect(Self.isLoss(await task.value))
      await loop.run {}
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func aServerThatHangsIsGivenUp() async throws {
    let settings = try PostgresSettings(PostgresServer.shared.get().address())
    let (time, stopped) = (ManualTime(), Tally())
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = loop.spawn {
        defer { stopped.add() }
        let error = await failure {
          let connection = try await PostgresConnection.connect(settings, on: loop)
          let rows = try await connection.query("SELECT pg_backend_pid()", [])
          guard case .integer(let process)? = rows.first?.first else { return }
          #expect(kill(pid_t(process), SIGSTOP) == 0)
          defer { #expect(kill(pid_t(process), SIGCONT) == 0) }
          stopped.add()
          _ = try await connection.query("SELECT 1", [])
        }
        guard case .disconnected(_, "the server said nothing for 45.0 seconds")? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
      while stopped.count == 0 { await Task.yield() }
      while stopped.count == 1 {
        time.advance(by: .seconds(9))
        await loop.run {}
        await Task.yield()
      }
      await task.value
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func thePoolGoesOnAfterTheServerWasKilledUnderLoad() async throws {
    let server = try PostgresServer()
    _ = try server.psql("CREATE TABLE t (k BIGINT PRIMARY KEY)")
    var limits = PostgresPoolStateMachine.Limits()
    limits.connectionsMaximum = 4
    limits.waitTimeout = .seconds(60)
    limits.backoffMinimum = .milliseconds(5)
    limits.backoffMaximum = .milliseconds(50)
    let settings = try PostgresSettings(server.address())
    let pool: PostgresPool = try await withLoops { group in
      let pool = PostgresPool(settings, limits: limits, on: group.next())
      let committed = Tally()
      let lost = Tally()
      let over = Tally()
      // Inserts a row, or learns that the connection was lost meanwhile.
      let insert: @Sendable (Int) async throws(DatabaseError) -> Void = { key async throws(DatabaseError) in
        do throws(DatabaseError) {
          try await pool.withConnection { connection throws(DatabaseError) in
            try connection.begin(.write(.readCommitted))
            try await connection.execute("INSERT INTO t VALUES ($1)", [.integer(Int64(key))])
            try await connection.commit()
          }
          committed.add()
        } catch .disconnected {
          lost.add()
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for writer in 1...6 {
          tasks.addTask {
            var key = writer * 1_000_000
            while over.count == 0 {
              key += 1
              try await insert(key)
            }
          }
        }
        tasks.addTask {
          defer { over.add() }
          for (round, how) in [PostgresServer.Stop?.none, .immediate, .fast].enumerated() {
            for key in 0..<30 { try await insert(round * 100 + key) }
            if let how {
              try server.stop(how)
              try server.start()
            } else {
              try server.kill()
              try server.restart()
            }
          }
          for key in 0..<30 { try await insert(1000 + key) }
        }
        try await tasks.waitForAll()
      }
      let (kept, answered) = (Int(try server.psql("SELECT count(*) FROM t")) ?? -1, committed.count)
      // What was answered is there; of what was lost on the way nobody knows.
      #expect(kept >= answered && kept <= answered + lost.count)
      #expect(answered >= 100)
      await pool.shutdown()
      return pool
    }
    #expect(pool.state.idle == 0 && pool.state.used == 0 && pool.state.losses > 0)
  }
}
