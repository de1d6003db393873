// What a table holds, in 32 bytes: its rows in the order of their key, each value with its type and length. Two
// stores whose digests agree hold the same, whatever kind of store either is.

import Bytes
import Crypto

/// The digest of one table.
public struct TableDigest: Hashable, Sendable {
  /// The table.
  public let table: String
  /// How many rows it has.
  public let rows: Int
  /// SHA-256 of the rows.
  public let hash: String
}

extension TableReader {
  /// The digest of a table, read row by row.
  public func digest(of table: SchemaShape.Table) async throws(DatabaseError) -> TableDigest {
    var state = SHA256()
    var rows = 0
    var bytes = ByteBuffer(capacity: 64 << 10)
    try await stream(dynamic: table.everyRow) { values throws(DatabaseError) in
      rows += 1
      for value in values { value.appendCanonically(to: &bytes) }
      if bytes.count >= 32 << 10 {
        state.update(bytes)
        bytes.clear()
      }
    }
    state.update(bytes)
    return TableDigest(table: table.name, rows: rows, hash: state.finalize().description)
  }
}

extension SchemaShape.Table {
  /// A query for every row, in the order of the key.
  var everyRow: String { "SELECT \(list(columns)) FROM \(quoted(name)) ORDER BY \(list(order))" }

  /// What the rows are ordered by: the key, or every column of a table that has none.
  var order: [String] { key.isEmpty ? columns : key }

  func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

  func quoted(_ name: String) -> String { "\"\(name)\"" }
}

extension SQLValue {
  /// The value with its type and length, so that no two rows look alike.
  func appendCanonically(to bytes: inout ByteBuffer) {
    switch self {
    case .null: bytes.append(UInt8(0))
    case .integer(let value):
      bytes.append(UInt8(1))
      bytes.append(bigEndian: UInt64(bitPattern: value))
    case .real(let value):
      bytes.append(UInt8(2))
      bytes.append(bigEndian: value.bitPattern)
    case .text(let text):
      bytes.append(UInt8(3))
      bytes.append(bigEndian: UInt64(text.utf8.count))
      bytes.append(text)
    case .bytes(let blob):
      bytes.append(UInt8(4))
      bytes.append(bigEndian: UInt64(blob.count))
      bytes.append(blob)
    }
  }
}
