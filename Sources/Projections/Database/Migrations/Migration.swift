// Changes of tables, in SQL, one after the other. They are kept as files under Schemas/sql and are part of the
// program; a store remembers which it has run, with their checksums, and runs the others in order.

import Bytes
import Crypto

/// One step from a schema to the next.
public struct Migration: Hashable, Sendable {
  /// Its place in the order: 1 and up, without gaps.
  public let number: Int
  /// What its file is called, without number and extension.
  public let name: String
  /// Its statements, in the common dialect.
  public let sql: String

  /// A step with a number from its file's name.
  public init(_ number: Int, _ name: String, _ sql: String) {
    self.number = number
    self.name = name
    self.sql = sql
  }

  /// Tells whether the text is still the one that was run.
  public var checksum: String {
    var bytes = ByteBuffer()
    bytes.append(sql)
    return SHA256.hash(bytes.readable).description
  }
}

/// The tables of one owner: a projection, or the engine itself.
public struct Schema: Hashable, Sendable {
  /// Who owns the tables.
  public let name: String
  /// How they come to be.
  public let migrations: [Migration]
  /// `CREATE INDEX IF NOT EXISTS` statements, of indexes that make queries quick and that no event's application needs.
  /// They are no migrations: those that are missing are made, and who builds tables anew makes them when it is done,
  /// because an index over rows that are there costs a fraction of one that grows with them.
  public let indexes: String

  /// - Parameters:
  ///   - migrations: in order, numbered from 1.
  ///   - indexes: of queries alone, in the common dialect.
  public init(_ name: String, _ migrations: [Migration], indexes: String = "") {
    precondition(
      migrations.map(\.number) == Array(1...max(1, migrations.count)).prefix(migrations.count).map { $0 },
      "migrations are numbered from 1 without gaps")
    self.name = name
    self.migrations = migrations
    self.indexes = indexes
  }
}
