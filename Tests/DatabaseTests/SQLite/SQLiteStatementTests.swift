// What statements take, answer and refuse.

import Bytes
import Testing
import Wire

@testable import Database

@Suite("Statements of SQLite") struct SQLiteStatementTests {
  static let values: [SQLValue] = [
    .null, .integer(0), .integer(.min), .integer(.max), .real(0), .real(-1.5), .real(.infinity),
    .real(.leastNonzeroMagnitude), .text(""), .text("a"), .text("fifteen bytes.."),
    .text("a longer text than that"),
    .text("žluťoučký 犬 🐕"), .text(String(repeating: "x", count: 2047)),
    .text(String(repeating: "é", count: 100_000)), .bytes(ByteBuffer()), .bytes(ByteBuffer([0])),
    .bytes(ByteBuffer(0...255)), .bytes(ByteBuffer(repeatElement(7, count: 300_000))),
  ]

  @Test("every value comes back as it went in", arguments: values)
  func roundTrip(_ value: SQLValue) throws {
    let writer = try SQLiteFixture().writer()
    #expect(try writer.rows("SELECT ?1", [value]) == [[value]])
    try writer.run(script: "CREATE TABLE t (a ANY) STRICT")
    try writer.statement("INSERT INTO t VALUES (?1)").execute([value])
    #expect(try writer.rows("SELECT a FROM t") == [[value]])
  }

  @Test("all values at once are more than a statement holds itself, and still come back")
  func manyValues() throws {
    let writer = try SQLiteFixture().writer()
    let places = Self.values.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    #expect(try writer.rows("SELECT \(places)", Self.values) == [Self.values])
    // And a second run sees nothing of the first.
    let reversed = Array(Self.values.reversed())
    #expect(try writer.rows("SELECT \(places)", reversed) == [reversed])
  }

  @Test("parameters of Swift types are the values they stand for")
  func pack() throws {
    let writer = try SQLiteFixture().writer()
    let id = UUID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
    let long = String(repeating: "long ", count: 1000)
    let bytes = ByteBuffer(repeatElement(9, count: 5000))
    var found: [SQLValue] = []
    try writer.statement("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8").query(
      7, "text", id, Int?.none, true, long, bytes, 2.5
    ) { row throws(DatabaseError) in
      found = try row.values()
      #expect(row.count == 8)
    }
    let expected: [SQLValue] = [
      .integer(7), .text("text"), id.sqlValue, .null, .integer(1), .text(long), .bytes(bytes), .real(2.5),
    ]
    #expect(found == expected)
  }

  @Test("a text may hold what SQL would end a literal with, and it stays a text")
  func injection() throws {
    let writer = try SQLiteFixture().writer(withItems: 2)
    let text = "'); DROP TABLE items; --"
    try writer.statement("INSERT INTO items VALUES (?1, ?2)").execute(9, text)
    #expect(try writer.rows("SELECT name FROM items WHERE id = 9") == [[.text(text)]])
  }

  /// SQL, its parameters and the error.
  static let refusals: [(String, [SQLValue], String)] = [
    ("SELECT ?1", [.text("a\0b")], "zeroInText"),
    ("SELECT ?1", [.text("\0")], "zeroInText"),
    ("SELECT 1\0, 2", [], "zeroInText"),
    ("SELECT ?1", [.real(.nan)], "statement"),
    ("SELECT ?1", [], "statement"),
    ("SELECT ?1", [.null, .null], "statement"),
    ("SELECT 1", [.null], "statement"),
    ("SELEC 1", [], "statement"),
    ("", [], "statement"),
    (" -- nothing\n", [], "statement"),
    ("SELECT 1; SELECT 2", [], "statement"),
    ("SELECT nothing FROM items", [], "statement"),
    ("SELECT abs(?1)", [.integer(.min)], "statement"),
    ("INSERT INTO items VALUES (0, 'again')", [], "constraint"),
    ("INSERT INTO items VALUES (9, NULL)", [], "constraint"),
    ("INSERT INTO items VALUES (9, x'00')", [], "constraint"),
    ("SELECT CAST(x'c3' AS TEXT)", [], "column"),
  ]

  @Test("what cannot be run is refused, and the connection goes on", arguments: refusals)
  func refusal(_ sql: String, _ parameters: [SQLValue], _ expected: String) throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    for _ in 0..<2 { #expect(errorName { _ = try writer.rows(sql, parameters) } == expected) }
    #expect(try writer.count("items") == 1)
  }

  @Test("a statement alone may be followed by blanks, a semicolon and comments")
  func trailing() throws {
    let writer = try SQLiteFixture().writer()
    #expect(try writer.rows("SELECT 1 ; -- one\n /* and only */ ;\n") == [[.integer(1)]])
  }

  @Test("an error quotes the statement on one line of at most 200 bytes")
  func quoting() throws {
    let writer = try SQLiteFixture().writer()
    do {
      try writer.statement(dynamic: "SELECT\n   what\n\tFROM nowhere").execute()
      Issue.record("it ran")
    } catch {
      guard case .statement("SELECT what FROM nowhere", let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains("no such table: nowhere"))
    }
    for padding in 0..<4 {
      let sql = String(repeating: "x", count: padding) + String(repeating: "犬", count: 300)
      let quoted = DatabaseError.quoted(sql)
      #expect(quoted.utf8.count <= 200 && quoted.utf8.count > 190)
      #expect(quoted.hasSuffix("犬…") && !quoted.contains("\u{fffd}"))
    }
    #expect(DatabaseError.quoted(String(repeating: "x", count: 200)).utf8.count == 200)
  }

  @Test("execute answers how many rows changed, and none for what changes none")
  func changes() throws {
    let writer = try SQLiteFixture().writer(withItems: 10)
    #expect(try writer.statement("UPDATE items SET name = 'x' WHERE id < ?1").execute(4) == 4)
    #expect(try writer.changes == 4)
    #expect(try writer.statement("UPDATE items SET name = 'x' WHERE id > ?1").execute(100) == 0)
    #expect(try writer.statement("DELETE FROM items WHERE id < ?1").execute(3) == 3)
    #expect(try writer.statement("SELECT id FROM items").execute() == 0)
    #expect(try writer.statement("CREATE TABLE other (id INTEGER PRIMARY KEY, a TEXT)").execute() == 0)
    #expect(try writer.statement("INSERT INTO other (a) VALUES (?1) RETURNING id").execute("a") == 1)
    #expect(try writer.lastInsertRowID == 1)
  }

  @Test("a statement that is being read is not run again, and can be when its rows were read")
  func reentry() throws {
    let writer = try SQLiteFixture().writer(withItems: 3)
    let statement = try writer.statement("SELECT id FROM items")
    var refused = 0
    try statement.query([]) { _ throws(DatabaseError) in
      if errorName(of: { try statement.execute() }) == "statement" { refused += 1 }
    }
    #expect(refused == 3)
    #expect(try writer.rows("SELECT id FROM items").count == 3)
  }

  @Test("a reader of rows that throws ends the run, and the statement can be run again")
  func throwingReader() throws {
    let writer = try SQLiteFixture().writer(withItems: 3)
    let statement = try writer.statement("SELECT id FROM items")
    var seen = 0
    #expect(
      errorName {
        try statement.query([]) { _ throws(DatabaseError) in
          seen += 1
          throw .cancelled
        }
      } == "cancelled")
    #expect(seen == 1)
    #expect(try writer.rows("SELECT id FROM items").count == 3)
    try writer.run(script: "DROP TABLE items")
  }

  @Test("bind, step, column and reset do it by hand")
  func byHand() throws {
    let writer = try SQLiteFixture().writer()
    let statement = try writer.statement("SELECT ?1 UNION ALL SELECT ?2")
    let parameters: [SQLValue] = [.text("one"), .bytes(ByteBuffer(repeatElement(1, count: 9000)))]
    defer { withExtendedLifetime(parameters) {} }
    try statement.bind(parameters)
    #expect(try statement.step())
    #expect(try statement.column(0) == .text("one"))
    #expect(try statement.step())
    #expect(try statement.column(0) == .bytes(ByteBuffer(repeatElement(1, count: 9000))))
    #expect(try !statement.step())
    statement.reset()
  }

  @Test("a script runs statement by statement, and its error names the one that failed")
  func script() throws {
    let writer = try SQLiteFixture().writer()
    try writer.run(script: "-- nothing\n")
    try writer.run(script: "")
    do {
      try writer.run(
        script: """
          CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT; -- first
          INSERT INTO a VALUES (1); INSERT INTO a
            VALUES (1);
          CREATE TABLE b (id INTEGER PRIMARY KEY);
          """)
      Issue.record("it ran")
    } catch {
      #expect(
        error == .constraint(sql: "INSERT INTO a VALUES (1);", reason: "UNIQUE constraint failed: a.id"))
    }
    #expect(try writer.rows("SELECT name FROM sqlite_schema") == [[.text("a")]])
    #expect(errorName { try writer.run(script: "SELECT 1;\0 SELECT 2") } == "zeroInText")
  }

  @Test("a prepared statement sees a schema that changed")
  func schemaChange() throws {
    let writer = try SQLiteFixture().writer(withItems: 1)
    #expect(try writer.rows("SELECT * FROM items")[0].count == 2)
    try writer.run(script: "ALTER TABLE items ADD COLUMN more TEXT")
    #expect(try writer.rows("SELECT * FROM items")[0].count == 3)
  }
}

@Suite("What SQLite's result codes mean") struct SQLiteCodeTests {
  @Test(
    "a code tells whose fault it is",
    arguments: [
      // SQLITE_ERROR, NOMEM, FULL, IOERR_NOMEM, CONSTRAINT_UNIQUE, BUSY_SNAPSHOT
      (1, true), (7, false), (13, false), (10 | 12 << 8, false), (19 | 8 << 8, true), (5 | 2 << 8, false),
    ] as [(Int32, Bool)])
  func faults(_ code: Int32, _ isFaultOfRequest: Bool) {
    let error = DatabaseError(sqliteCode: code, said: "s", systemError: 0, target: "t", sql: "q")
    #expect(error.isFaultOfRequest == isFaultOfRequest, "\(error)")
  }
}
