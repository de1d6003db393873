// What a transaction sees, what others see of it, and how two get into each other's way.

import Peers
import Runtime
import Testing

@testable import Database

@Suite("PostgreSQL transactions") struct PostgresTransactionTests {
  static let table = "CREATE TABLE t (k BIGINT PRIMARY KEY, n BIGINT); INSERT INTO t VALUES (1, 10), (2, 20)"

  /// Two connections to a new schema.
  private func withTwo(
    change: @Sendable (inout PostgresSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (PostgresConnection, PostgresConnection) async throws -> Void
  ) async throws {
    try await withConnection(Self.table, change: change) { first, schema in
      let second = try await PostgresConnection.connect(schema.settings, on: first.loop)
      try await body(first, second)
      second.close()
    }
  }

  private func sum(_ connection: PostgresConnection) async throws(DatabaseError) -> SQLValue {
    try await connection.query("SELECT sum(n)::int8 FROM t", [])[0][0]
  }

  @Test func isSeenByOthersWhenItIsCommitted() async throws {
    try await withTwo { first, second in
      try first.begin(.write(.readCommitted))
      try first.enqueue("UPDATE t SET n = n + $1", [.integer(1)])
      let (mine, theirs) = (try await sum(first), try await sum(second))
      #expect(mine == .integer(32) && theirs == .integer(30))
      try await first.commit()
      let after = try await sum(second)
      #expect(after == .integer(32))
      #expect(first.isIdle)
    }
  }

  @Test func leavesNothingWhenItIsRolledBack() async throws {
    try await withTwo { first, second in
      try first.begin(.write(.serializable))
      try first.enqueue("DELETE FROM t", [])
      try await first.rollback()
      try await first.rollback()
      let (mine, theirs) = (try await sum(first), try await sum(second))
      #expect(mine == .integer(30) && theirs == .integer(30))
    }
  }

  @Test func readsWhatWasThereWhenItBegan() async throws {
    try await withTwo { reader, writer in
      try reader.begin(.read)
      let before = try await sum(reader)
      try await writer.execute("UPDATE t SET n = 0", [])
      try await writer.drain()
      let during = try await sum(reader)
      try await reader.commit()
      let after = try await sum(reader)
      #expect(before == .integer(30) && during == before && after == .integer(0))
      // And writes nothing.
      try reader.begin(.read)
      let error = await failure { _ = try await reader.query("DELETE FROM t", []) }
      guard case .statement("DELETE FROM t", _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      try await reader.rollback()
    }
  }

  @Test func costsNothingWhenNothingIsDoneInIt() async throws {
    try await withTwo { first, _ in
      for mode in [PostgresConnection.Mode.read, .write(.serializable)] {
        try first.begin(mode)
        try await first.commit()
        try first.begin(mode)
        try await first.rollback()
        #expect(first.due.isEmpty && !first.needsSync && first.isIdle)
      }
    }
  }

  @Test(arguments: [PostgresConnection.Isolation.serializable, .repeatableRead])
  func oneOfTwoThatMeetIsTold(_ isolation: PostgresConnection.Isolation) async throws {
    try await withTwo { first, second in
      for connection in [first, second] {
        try connection.begin(.write(isolation))
        _ = try await self.sum(connection)
      }
      // Each writes what the other has read; under repeatable read they must write the same row to meet.
      try await first.execute("UPDATE t SET n = n + 1 WHERE k = 1", [])
      try await first.commit()
      let error = await failure {
        try await second.execute(
          isolation == .serializable
            ? "UPDATE t SET n = n + 1 WHERE k = 2" : "UPDATE t SET n = n + 2 WHERE k = 1", [])
        try await second.commit()
      }
      guard case .conflict? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(error?.isTransient == true && second.isIdle)
      // Run again, it succeeds.
      try second.begin(.write(isolation))
      try await second.execute("UPDATE t SET n = n + 1 WHERE k = 2", [])
      try await second.commit()
      let after = try await self.sum(first)
      #expect(after == .integer(32))
    }
  }

  @Test func oneOfTwoThatWaitForEachOtherIsTold() async throws {
    try await withTwo { first, second in
      for connection in [first, second] {
        _ = try await connection.query("SET deadlock_timeout = '20ms'", [])
        try connection.begin(.write(.readCommitted))
      }
      _ = try await first.query("UPDATE t SET n = 1 WHERE k = 1 RETURNING n", [])
      _ = try await second.query("UPDATE t SET n = 2 WHERE k = 2 RETURNING n", [])
      // Both are sent before either is waited for.
      for (connection, key) in [(first, Int64(2)), (second, 1)] {
        try connection.enqueue("UPDATE t SET n = 0 WHERE k = $1", [.integer(key)])
        try connection.sendSync()
        try await connection.takeAnswers(downTo: connection.due.count, bytes: .max)
      }
      var errors: [DatabaseError] = []
      for connection in [first, second] {
        if let error = await failure({ try await connection.commit() }) { errors.append(error) }
      }
      #expect(errors.count == 1)
      guard case .conflict? = errors.first else {
        Issue.record("\(errors)")
        return
      }
    }
  }

  @Test func givesUpOnALockThatIsHeldForLong() async throws {
    try await withTwo(change: { $0.lockTimeout = .milliseconds(50) }) { first, second in
      try first.begin(.write(.readCommitted))
      _ = try await first.query("SELECT n FROM t WHERE k = 1 FOR UPDATE", [])
      let error = await failure { _ = try await second.query("UPDATE t SET n = 0 WHERE k = 1", []) }
      #expect(error == .busy(target: second.target))
      try await first.rollback()
    }
  }

  @Test func endsAStatementThatRunsForLong() async throws {
    try await withTwo(change: { $0.statementTimeout = .milliseconds(50) }) { first, _ in
      let error = await failure { _ = try await first.query("SELECT pg_sleep(60)", []) }
      guard case .overloaded? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(first.isIdle)
    }
  }

  @Test func tellsAtTheCommitWhatOnlyTheCommitChecks() async throws {
    try await withConnection(
      "CREATE TABLE a (k BIGINT PRIMARY KEY); CREATE TABLE b (k BIGINT REFERENCES a DEFERRABLE INITIALLY DEFERRED)"
    ) { connection, _ in
      try connection.begin(.write(.readCommitted))
      _ = try await connection.query("INSERT INTO b VALUES (1)", [])
      let error = await failure { try await connection.commit() }
      guard case .constraint? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(connection.isIdle)
      let rows = try await connection.query("SELECT count(*) FROM b", [])
      #expect(rows == [[.integer(0)]])
    }
  }
}
