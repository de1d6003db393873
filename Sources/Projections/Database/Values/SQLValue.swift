// The values that both stores know. A column is one of four types, under the names of SQLite's strict tables:
// INTEGER, REAL, TEXT, BLOB; PostgreSQL has BIGINT, DOUBLE PRECISION, TEXT and BYTEA for them.

public import Bytes

/// A value in a row, or a parameter of a statement.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes(ByteBuffer)

  /// What its type is called in an error.
  public var kind: String {
    switch self {
    case .null: "NULL"
    case .integer: "INTEGER"
    case .real: "REAL"
    case .text: "TEXT"
    case .bytes: "BLOB"
    }
  }
}
