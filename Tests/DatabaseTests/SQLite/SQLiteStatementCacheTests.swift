// Which prepared statements a connection keeps.

import Testing

@testable import Database

@Suite("Statements kept by a connection") struct SQLiteStatementCacheTests {
  @Test("a literal and a text are prepared once")
  func once() throws {
    let writer = try SQLiteFixture().writer()
    let literals = try (0..<3).map { _ in try writer.statement("SELECT 1") }
    #expect(literals.allSatisfy { $0 === literals[0] })
    let texts = try (0..<3).map { _ in try writer.statement(dynamic: "SELECT " + "2") }
    #expect(texts.allSatisfy { $0 === texts[0] })
    #expect(writer.statementCount == 2)
  }

  @Test("beyond the limit the least recently used is forgotten, whoever holds it keeps it")
  func limit() throws {
    let writer = try SQLiteFixture().writer { $0.statementsMaximum = 4 }
    let first = try writer.statement("SELECT 'first'")
    let second = try writer.statement("SELECT 'second'")
    for number in 0..<10 {
      #expect(try writer.statement("SELECT 'first'") === first)
      _ = try writer.statement(dynamic: "SELECT \(number)")
      #expect(writer.statementCount <= 4)
    }
    #expect(try writer.statement("SELECT 'second'") !== second)
    #expect(try second.execute() == 0)
  }

  @Test("a statement that is being read is not forgotten")
  func running() throws {
    let writer = try SQLiteFixture().writer { $0.statementsMaximum = 2 }
    try writer.run(script: "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3)")
    let outer = try writer.statement("SELECT a FROM t")
    var seen = 0
    try outer.query([]) { _ throws(DatabaseError) in
      seen += 1
      for number in 0..<5 { try writer.statement(dynamic: "SELECT \(number)").execute() }
      let again = try writer.statement("SELECT a FROM t")
      #expect(again === outer)
    }
    #expect(seen == 3)
    #expect(writer.statementCount == 2)
  }

  @Test("a statement held beyond the connection is an error of close, which can be called again")
  func close() throws {
    let writer = try SQLiteFixture().writer()
    do {
      let held = try writer.statement("SELECT 'held'")
      #expect(errorName { try writer.close() } == "statement")
      try held.execute()
    }
    try writer.close()
    try writer.close()
    #expect(errorName { _ = try writer.statement("SELECT 1") } == "closed")
    #expect(errorName { try writer.begin(.read) } == "closed")
  }
}
