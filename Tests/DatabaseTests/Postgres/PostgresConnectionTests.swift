// A connection against a real server: values, order, failures and whom they are attributed to.

import Bytes
import Peers
import Runtime
import Testing

@testable import Database

@Suite("PostgreSQL connections") struct PostgresConnectionTests {
  static let everyValue: [[SQLValue]] = [
    [.integer(0), .real(0), .text(""), .bytes(ByteBuffer())],
    [
      .integer(.min), .real(-.infinity), .text("příliš žluťoučký 🐎\n\\'\"$1"),
      .bytes(ByteBuffer([0, 1, 255])),
    ],
    [.integer(.max), .real(.leastNonzeroMagnitude), .text("a\u{10FFFF}"), .bytes(ByteBuffer([0]))],
    [.null, .null, .null, .null],
    [.integer(-1), .null, .text("x"), .null],
    [.null, .real(0.1), .null, .bytes(ByteBuffer([1]))],
    [
      .integer(1), .real(1e300), .text(String(repeating: "ž", count: 1 << 19)),
      .bytes(ByteBuffer([UInt8](repeating: 0xa5, count: 1 << 20))),
    ],
  ]

  @Test func bringsBackWhatWasStored() async throws {
    try await withConnection("CREATE TABLE v (k BIGINT, i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA)") {
      connection, _ in
      for (key, row) in Self.everyValue.enumerated() {
        try await connection.execute(
          "INSERT INTO v VALUES ($1, $2, $3, $4, $5)", [.integer(Int64(key))] + row)
      }
      #expect(try await connection.query("SELECT i, r, t, b FROM v ORDER BY k", []) == Self.everyValue)
      var streamed: [[SQLValue]] = []
      try await connection.query("SELECT i, r, t, b FROM v ORDER BY k", []) { streamed.append($0) }
      #expect(streamed == Self.everyValue)
    }
  }

  @Test func readsTheNarrowTypesOfExpressions() async throws {
    try await withConnection { connection, _ in
      let rows = try await connection.query(
        """
        SELECT 1::int4, -2::int2, true, false, 0.5::float4, 'n'::name, 'v'::varchar, NULL::int4, count(*)
        FROM (VALUES (1), (2)) AS t
        """, [])
      #expect(
        rows == [
          [
            .integer(1), .integer(-2), .integer(1), .integer(0), .real(0.5), .text("n"), .text("v"), .null,
            .integer(2),
          ]
        ])
      #expect(try await connection.query("SELECT FROM generate_series(1, 3)", []) == [[], [], []])
      #expect(try await connection.query("SELECT 1 WHERE false", []) == [])
      let error = await failure { _ = try await connection.query("SELECT 1, 1.5", []) }
      #expect(
        error
          == .column(
            sql: "SELECT 1, 1.5", index: 1, expected: "BIGINT, DOUBLE PRECISION, TEXT or BYTEA",
            found: "NUMERIC"))
      #expect(try await connection.query("SELECT 1::int8", []) == [[.integer(1)]])
    }
  }

  @Test func takesAStatementAgainWithNullsAndOtherTypes() async throws {
    try await withConnection("CREATE TABLE t (k BIGINT, n INTEGER, s TEXT)") { connection, _ in
      let rows: [[SQLValue]] = [
        [.null, .null, .null], [.integer(1), .null, .text("a")], [.integer(2), .integer(3), .null],
        [.null, .integer(4), .text("b")],
      ]
      for row in rows { try await connection.execute("INSERT INTO t VALUES ($1, $2, $3)", row) }
      #expect(try await connection.query("SELECT k, n, s FROM t ORDER BY k, n", []).count == 4)
      #expect(
        try await connection.query("SELECT $1 || '!'", [.text("a")]) == [[.text("a!")]])
      #expect(connection.isIdle)
    }
  }

  @Test func refusesAZeroByteInText() async throws {
    try await withConnection("CREATE TABLE t (s TEXT)") { connection, _ in
      let error = await failure { try connection.enqueue("INSERT INTO t VALUES ($1)", [.text("a\0b")]) }
      #expect(error == .zeroInText(sql: "INSERT INTO t VALUES ($1)"))
      await #expect(throws: DatabaseError.zeroInText(sql: "a statement")) {
        _ = try await connection.query(dynamic: "SELECT 1\0", [])
      }
      await #expect(throws: DatabaseError.zeroInText(sql: "a script")) {
        try await connection.run(script: "SELECT 1\0")
      }
      #expect(connection.isIdle)
      let rows = try await connection.query("SELECT count(*) FROM t", [])
      #expect(rows == [[.integer(0)]])
    }
  }

  @Test(
    "names what is wrong with a statement",
    arguments: [
      ("SELEC 1", [] as [SQLValue], "syntax error"),
      ("SELECT nothing", [], "does not exist"),
      ("SELECT $1::bigint + $2", [.integer(1)], "supplies 1 parameters"),
      ("SELECT 1 / $1", [.integer(0)], "division by zero"),
      ("SELECT length($1)", [.integer(0)], "does not exist"),
      ("", [], ""),
    ])
  func statementErrors(_ sql: String, _ values: [SQLValue], _ reason: String) async throws {
    try await withConnection { connection, _ in
      let error = await failure { _ = try await connection.query(dynamic: sql, values) }
      if sql.isEmpty {
        #expect(error == nil)
      } else if case .statement(let named, let said)? = error {
        #expect(named == sql && said.contains(reason))
      } else {
        Issue.record("\(String(describing: error))")
      }
      #expect(connection.isIdle)
      let rows = try await connection.query("SELECT 7::int8", [])
      #expect(rows == [[.integer(7)]])
    }
  }

  @Test(
    "tells the rule that was broken",
    arguments: [
      "INSERT INTO t VALUES (1, 1)", "INSERT INTO t VALUES (2, -1)", "INSERT INTO t VALUES (2, NULL)",
      "INSERT INTO t VALUES (NULL, 1)",
    ])
  func constraints(_ sql: String) async throws {
    try await withConnection(
      "CREATE TABLE t (k BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n > 0)); INSERT INTO t VALUES (1, 1)"
    ) { connection, _ in
      let error = await failure { _ = try await connection.query(dynamic: sql, []) }
      guard case .constraint(sql, _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func attributesAFailureInAPipelineToItsStatement() async throws {
    try await withConnection("CREATE TABLE t (k BIGINT PRIMARY KEY, s TEXT)") { connection, _ in
      // Ten thousand go through.
      try connection.begin(.write(.readCommitted))
      for key in 0..<10_000 {
        try await connection.execute(
          "INSERT INTO t VALUES ($1, $2)", [.integer(Int64(key)), .text("row \(key)")])
      }
      try await connection.commit()
      #expect(try await connection.query("SELECT count(*) FROM t", []) == [[.integer(10_000)]])
      // One among thousands does not: it is named, and nothing of its transaction is kept.
      try connection.begin(.write(.readCommitted))
      let error = await failure {
        for key in 10_000..<14_000 {
          if key == 12_345 { try await connection.execute("INSERT INTO t VALUES (7, 'again')", []) }
          try await connection.execute("INSERT INTO t VALUES ($1, $2)", [.integer(Int64(key)), .text("x")])
        }
        try await connection.commit()
      }
      guard case .constraint("INSERT INTO t VALUES (7, 'again')", _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      try await connection.rollback()
      #expect(connection.isIdle)
      #expect(try await connection.query("SELECT count(*) FROM t", []) == [[.integer(10_000)]])
    }
  }

  @Test func tellsAnEarlierFailureWhereItIsAsked() async throws {
    try await withConnection("CREATE TABLE t (k BIGINT PRIMARY KEY)") { connection, _ in
      // Outside a transaction it is told once, and what was enqueued with it is gone with it.
      try connection.enqueue("INSERT INTO t VALUES (1)", [])
      try connection.enqueue("INSERT INTO nowhere VALUES (1)", [])
      let told = await failure { _ = try await connection.query("SELECT count(*) FROM t", []) }
      guard case .statement("INSERT INTO nowhere VALUES (1)", _)? = told else {
        Issue.record("\(String(describing: told))")
        return
      }
      #expect(try await connection.query("SELECT count(*) FROM t", []) == [[.integer(0)]])
      // Inside one it stays until the rollback.
      try connection.begin(.write(.readCommitted))
      try connection.enqueue("INSERT INTO nowhere VALUES (1)", [])
      for _ in 0..<2 {
        #expect(await failure { try await connection.drain() } == told)
        #expect(await failure { try connection.enqueue("INSERT INTO t VALUES (3)", []) } == told)
      }
      #expect(await failure { try await connection.commit() } == told)
      #expect(connection.isIdle)
      try await connection.rollback()
      #expect(try await connection.query("SELECT count(*) FROM t", []) == [[.integer(0)]])
      // A rollback forgets what was enqueued before it outside a transaction, too.
      try connection.enqueue("INSERT INTO nowhere VALUES (1)", [])
      try await connection.rollback()
      #expect(try await connection.query("SELECT count(*) FROM t", []) == [[.integer(0)]])
    }
  }

  @Test func boundsWhatIsUnanswered() async throws {
    try await withConnection(
      "CREATE TABLE t (b BYTEA)",
      change: {
        $0.pipeline.statementsMaximum = 20
        $0.pipeline.bytesMaximum = 10_000
      }
    ) { connection, _ in
      for _ in 0..<19 { try connection.enqueue("INSERT INTO t VALUES ($1)", [.null]) }
      // Nineteen, and what prepares them.
      #expect(connection.isFull)
      try await connection.relieve()
      #expect(!connection.isFull && connection.due.count <= 10)
      try await connection.drain()
      try connection.enqueue(
        "INSERT INTO t VALUES ($1)", [.bytes(ByteBuffer([UInt8](repeating: 1, count: 10_000)))])
      #expect(connection.isFull)
      try await connection.relieve()
      #expect(connection.due.isEmpty)
      // More than the sockets hold in either direction, with answers as large as the questions.
      let large = SQLValue.bytes(ByteBuffer([UInt8](repeating: 2, count: 1 << 20)))
      for _ in 0..<20 { try connection.enqueue("SELECT $1", [large]) }
      try await connection.drain()
      #expect(connection.isIdle)
    }
  }

  @Test func limitsWhatIsCollectedButNotWhatIsStreamed() async throws {
    try await withConnection(change: {
      $0.answer.rowsMaximum = 1000
      $0.answer.bytesMaximum = 100_000
    }) { connection, _ in
      #expect(try await connection.query("SELECT generate_series(1, 1000)", []).count == 1000)
      #expect(
        await failure { _ = try await connection.query("SELECT generate_series(1, 1001)", []) }
          == .statement(sql: "SELECT generate_series(1, 1001)", reason: "more than 1000 rows"))
      #expect(
        await failure {
          _ = try await connection.query("SELECT repeat('x', 1000) FROM generate_series(1, 101)", [])
        }
          == .statement(
            sql: "SELECT repeat('x', 1000) FROM generate_series(1, 101)",
            reason: "more than 100000 bytes of rows"))
      #expect(connection.isIdle)
      var sum: Int64 = 0
      try await connection.query("SELECT generate_series(1, 50000)", []) { row in
        if case .integer(let value) = row[0] { sum += value }
      }
      #expect(sum == 50_000 * 50_001 / 2)
      // An error of the reader's is the reader's: the connection goes on.
      let refused = DatabaseError.columns(sql: "x", expected: 2, found: 1)
      #expect(
        await failure {
          try await connection.query("SELECT generate_series(1, 5000)", []) { _ throws(DatabaseError) in
            throw refused
          }
        } == refused)
      #expect(connection.isIdle)
      // Much more than anybody wanted costs the connection.
      let error = await failure {
        _ = try await connection.query("SELECT repeat('x', 10000) FROM generate_series(1, 10000)", [])
      }
      guard case .statement(_, "more than 100000 bytes of rows")? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(!connection.isUsable)
    }
  }

  @Test func makesRoomForStatementsUsedLately() async throws {
    try await withConnection(change: { $0.preparedMaximum = 4 }) { connection, _ in
      for round in 0..<3 {
        for number in 0..<9 {
          let rows = try await connection.query(
            dynamic: "SELECT \(number) + $1::int8", [.integer(Int64(round))])
          #expect(rows == [[.integer(Int64(number + round))]])
          #expect(connection.statements.count <= 4)
        }
      }
      let kept = try await connection.query("SELECT count(*) FROM pg_prepared_statements", [])
      #expect(kept == [[.integer(4)]])
    }
  }

  @Test func preparesAnewWhatATableOutgrew() async throws {
    try await withConnection("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1)") { connection, schema in
      #expect(try await connection.query("SELECT * FROM t", []) == [[.integer(1)]])
      // By this connection: it knows. By another: it is told, and can run the transaction again.
      try await connection.run(script: "ALTER TABLE t ADD b BIGINT DEFAULT 2")
      #expect(try await connection.query("SELECT * FROM t", []) == [[.integer(1), .integer(2)]])
      let other = try await PostgresConnection.connect(schema.settings, on: connection.loop)
      try await other.run(script: "ALTER TABLE t DROP COLUMN a")
      other.close()
      let error = await failure { _ = try await connection.query("SELECT * FROM t", []) }
      #expect(error?.isTransient == true)
      #expect(try await connection.query("SELECT * FROM t", []) == [[.integer(2)]])
    }
  }

  @Test func runsScriptsAndNamesThePartThatFailed() async throws {
    try await withConnection { connection, _ in
      try await connection.run(
        script: "CREATE TABLE a (k BIGINT); INSERT INTO a VALUES (1); SELECT * FROM a; -- a comment\n")
      let error = await failure {
        try await connection.run(script: "INSERT INTO a VALUES (2);\n  CREATE TABLE b (k NOTYPE);")
      }
      guard case .statement("CREATE TABLE b (k NOTYPE);", let reason)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason.contains("notype"))
      // Outside a transaction a script is one.
      #expect(try await connection.query("SELECT k FROM a", []) == [[.integer(1)]])
      // Inside one it is part of it, and is undone with it.
      try connection.begin(.write(.readCommitted))
      try await connection.run(script: "CREATE TABLE c (k BIGINT); INSERT INTO c VALUES (5)")
      #expect(try await connection.query("SELECT k FROM c", []) == [[.integer(5)]])
      try await connection.rollback()
      #expect(await failure { _ = try await connection.query("SELECT k FROM c", []) } != nil)
      #expect(await failure { try await connection.run(script: "COPY a FROM STDIN") } != nil)
      #expect(!connection.isUsable)
    }
  }

  @Test func tellsTheServerWhatItIs() async throws {
    try await withConnection(change: {
      $0.statementTimeout = .milliseconds(1500)
      $0.lockTimeout = .zero
    }) { connection, schema in
      let rows = try await connection.query(
        """
        SELECT current_setting('application_name'), current_setting('statement_timeout'),
          current_setting('lock_timeout'), current_schema(), current_setting('client_encoding')
        """, [])
      #expect(rows == [[.text("varve"), .text("1500ms"), .text("0"), .text(schema.name), .text("UTF8")]])
    }
  }
}
