// The row that a statement stands on.

import Bytes
import CSQLite
import Glibc

/// A row while it is being read. It is gone with the statement's next step, so it cannot be kept.
struct SQLiteRow: ~Copyable {
  private let statement: SQLiteStatement

  init(_ statement: SQLiteStatement) { self.statement = statement }

  /// How many columns it has.
  var count: Int { Int(sqlite3_data_count(statement.pointer)) }

  /// The value of a column, counted from zero.
  func value(at index: Int) throws(DatabaseError) -> SQLValue { try statement.column(index) }

  /// All its values.
  func values() throws(DatabaseError) -> [SQLValue] {
    let count = count
    var values: [SQLValue] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(try statement.column(index)) }
    return values
  }
}

extension SQLiteStatement {
  /// The value of a column of the present row, counted from zero.
  func column(_ index: Int) throws(DatabaseError) -> SQLValue {
    precondition(index >= 0 && index < Int(sqlite3_data_count(pointer)), "no such column in the row")
    let place = Int32(index)
    switch sqlite3_column_type(pointer, place) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, place))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, place))
    case SQLITE_TEXT:
      // The text first: asking for it is what makes the count that of UTF-8.
      guard let base = sqlite3_column_text(pointer, place) else { throw failure(SQLITE_NOMEM) }
      let bytes = UnsafeBufferPointer(start: base, count: Int(sqlite3_column_bytes(pointer, place)))
      // Bytes that are no UTF-8 are replaced, so they do not compare.
      let text = String(decoding: bytes, as: UTF8.self)
      let isSame = text.utf8.withContiguousStorageIfAvailable { utf8 in
        utf8.count == bytes.count
          && (bytes.isEmpty || utf8.baseAddress.map { memcmp($0, base, bytes.count) == 0 } ?? false)
      }
      guard isSame ?? text.utf8.elementsEqual(bytes) else {
        throw .column(
          sql: DatabaseError.quoted(sql), index: index, expected: "UTF-8", found: "a text of other bytes")
      }
      return .text(text)
    case SQLITE_BLOB:
      // Null for an empty blob.
      guard let base = sqlite3_column_blob(pointer, place) else { return .bytes(ByteBuffer()) }
      let count = Int(sqlite3_column_bytes(pointer, place))
      return .bytes(ByteBuffer(copying: UnsafeRawBufferPointer(start: base, count: count)))
    default: return .null
    }
  }
}
