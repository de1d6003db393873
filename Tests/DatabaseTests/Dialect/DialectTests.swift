// What the common subset of SQL becomes for PostgreSQL, and what is not in it.

import Testing

@testable import Database

@Suite("The dialect of both stores") struct DialectTests {
  @Test(
    "statements are translated word by word, and quoted text is left alone",
    arguments: [
      ("SELECT a FROM t WHERE b = ?2 AND c = ?1", "SELECT a FROM t WHERE b = $2 AND c = $1"),
      ("SELECT '?1 it''s BLOB', \"REAL\" -- ?2\n", "SELECT '?1 it''s BLOB', \"REAL\" -- ?2\n"),
      ("SELECT x'00fF', /* ' */ 1.5", "SELECT '\\x00fF'::bytea, /* ' */ 1.5"),
      ("SELECT CAST(a AS INTEGER), CAST(b AS TEXT)", "SELECT CAST(a AS BIGINT), CAST(b AS TEXT)"),
      (
        "CREATE TABLE t (a INTEGER NOT NULL, b TEXT, c BLOB, d REAL, PRIMARY KEY (a)) STRICT, WITHOUT ROWID;",
        "CREATE TABLE t (a BIGINT NOT NULL, b TEXT COLLATE \"C\", c BYTEA, d DOUBLE PRECISION, PRIMARY KEY (a)) ;"
      ),
      (
        "CREATE TABLE t (a TEXT) STRICT; INSERT INTO t VALUES (CAST(?1 AS TEXT))",
        "CREATE TABLE t (a TEXT COLLATE \"C\") ; INSERT INTO t VALUES (CAST($1 AS TEXT))"
      ),
      (
        "INSERT INTO t VALUES (?1) ON CONFLICT (a) DO UPDATE SET b = excluded.b",
        "INSERT INTO t VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
      ),
    ])
  func translates(sql: String, expected: String) throws {
    let translated = try Dialect.postgres(sql)
    #expect(translated == expected)
  }

  @Test(
    "what one store alone understands is refused with what to write instead",
    arguments: [
      ("SELECT ?", DialectError.parameter("?", sql: "SELECT ?")),
      ("SELECT $1", .parameter("$", sql: "SELECT $1")),
      ("SELECT :name", .parameter(":", sql: "SELECT :name")),
      ("SELECT 'it", .unfinished(sql: "SELECT 'it")),
      ("SELECT /* 1", .unfinished(sql: "SELECT /* 1")),
      ("SELECT x'00", .unfinished(sql: "SELECT x'00")),
      (
        "insert or replace into t values (1)",
        .word("INSERT OR", instead: "ON CONFLICT", sql: "insert or replace into t values (1)")
      ),
      ("SELECT now()", .word("now", instead: "a time that the event carries", sql: "SELECT now()")),
      (
        "CREATE TABLE t (a BOOLEAN)",
        .word("BOOLEAN", instead: "INTEGER, 0 or 1", sql: "CREATE TABLE t (a BOOLEAN)")
      ),
    ])
  func refuses(sql: String, expected: DialectError) {
    #expect(throws: expected) { _ = try Dialect.postgres(sql) }
  }
}
