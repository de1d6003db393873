// The tables that migrations make, as data: what digests go by. Found by running them on a SQLite database in
// memory, so that it is the same for every store.

import CSQLite

/// The tables of a schema.
public struct SchemaShape: Equatable, Sendable {
  /// One table.
  public struct Table: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Its columns, in their order.
    public let columns: [String]
    /// The columns of its primary key, in their order.
    public let key: [String]
  }

  /// In the order of their names.
  public let tables: [Table]

  /// The tables that the migrations of `schemas` make.
  public init(of schemas: [Schema]) throws(DatabaseError) {
    let handle = try SQLiteConnection.open(":memory:", mode: .writer)
    for schema in schemas {
      for migration in schema.migrations { try Self.run(migration.sql, on: handle) }
    }
    var tables: [Table] = []
    let names = try Self.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      on: handle)
    for case .text(let name)? in names.map(\.first) {
      let columns = try Self.rows(
        "SELECT name, pk FROM pragma_table_info('\(name)') ORDER BY cid", on: handle)
      var key: [(Int64, String)] = []
      var all: [String] = []
      for column in columns {
        guard case .text(let text) = column[0], case .integer(let place) = column[1] else { continue }
        all.append(text)
        if place > 0 { key.append((place, text)) }
      }
      tables.append(Table(name: name, columns: all, key: key.sorted { $0.0 < $1.0 }.map(\.1)))
    }
    self.tables = tables
    try handle.close()
  }

  private init(_ tables: [Table]) { self.tables = tables }

  /// The same without the table of that name.
  public func without(_ name: String) -> SchemaShape { SchemaShape(tables.filter { $0.name != name }) }

  private static func run(_ sql: String, on handle: SQLiteHandle) throws(DatabaseError) {
    let code = sqlite3_exec(handle.pointer, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw handle.error(code, sql: sql) }
  }

  private static func rows(_ sql: String, on handle: SQLiteHandle) throws(DatabaseError) -> [[SQLValue]] {
    let statement = try Array(sql.utf8).withUnsafeBufferPointer { sql throws(DatabaseError) in
      try SQLiteStatement(preparing: sql, on: handle, isKept: false)
    }
    var rows: [[SQLValue]] = []
    try statement.query([]) { row throws(DatabaseError) in rows.append(try row.values()) }
    return rows
  }
}
