// Values to and from PostgreSQL's binary forms: big-endian integers and floats, text and bytea as they are. Only the
// types a read model's columns have, and the narrower integers that expressions yield.

import Bytes
import CPostgres
import Glibc

/// The server's numbers for the types we know; they are part of its protocol.
enum PostgresType {
  static let unknown: Oid = 0
  static let bool: Oid = 16
  static let bytea: Oid = 17
  static let name: Oid = 19
  static let int8: Oid = 20
  static let int2: Oid = 21
  static let int4: Oid = 23
  static let text: Oid = 25
  static let float4: Oid = 700
  static let float8: Oid = 701
  static let varchar: Oid = 1043
  static let void: Oid = 2278

  /// What a parameter is declared as; the server finds out itself what a null is.
  static func of(_ value: SQLValue) -> Oid {
    switch value {
    case .null: unknown
    case .integer: int8
    case .real: float8
    case .text: text
    case .bytes: bytea
    }
  }

  /// What a type that we do not take is called in an error.
  static func title(_ type: Oid) -> String {
    switch type {
    case 114, 3802: "JSON"
    case 1042: "CHARACTER"
    case 1082, 1083, 1114, 1184, 1186, 1266: "a date or time"
    case 1700: "NUMERIC"
    case 2950: "UUID"
    default: "the type with number \(type)"
    }
  }
}

extension SQLValue {
  /// The value of a column, from its binary form; nil when its type or its length is not one of ours.
  init?(postgres type: Oid, _ bytes: UnsafeRawBufferPointer) {
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) -> Integer? {
      guard bytes.count == MemoryLayout<Integer>.size else { return nil }
      return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }
    switch type {
    case PostgresType.int8:
      guard let value = integer(Int64.self) else { return nil }
      self = .integer(value)
    case PostgresType.int4:
      guard let value = integer(Int32.self) else { return nil }
      self = .integer(Int64(value))
    case PostgresType.int2:
      guard let value = integer(Int16.self) else { return nil }
      self = .integer(Int64(value))
    case PostgresType.bool:
      guard let value = integer(UInt8.self) else { return nil }
      self = .integer(value == 0 ? 0 : 1)
    case PostgresType.float8:
      guard let bits = integer(UInt64.self) else { return nil }
      self = .real(Double(bitPattern: bits))
    case PostgresType.float4:
      guard let bits = integer(UInt32.self) else { return nil }
      self = .real(Double(Float(bitPattern: bits)))
    case PostgresType.text, PostgresType.varchar, PostgresType.name:
      // The server checked it: connections to databases with another encoding are refused.
      self = .text(String(decoding: bytes, as: UTF8.self))
    case PostgresType.bytea:
      self = .bytes(ByteBuffer(copying: bytes))
    case PostgresType.void:
      self = .null
    default:
      return nil
    }
  }
}

/// A row of a result as values.
enum PostgresRow {
  /// The values of row `row`, and how many bytes they have.
  static func values(
    _ result: OpaquePointer, row: Int32, sql: @autoclosure () -> String
  ) throws(DatabaseError) -> (values: [SQLValue], bytes: Int) {
    let count = PQnfields(result)
    var values: [SQLValue] = []
    values.reserveCapacity(Int(count))
    var total = 0
    for column in 0..<count {
      if PQgetisnull(result, row, column) != 0 {
        values.append(.null)
        continue
      }
      let length = Int(PQgetlength(result, row, column))
      total += length
      let type = PQftype(result, column)
      let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: length)
      guard let value = SQLValue(postgres: type, bytes) else {
        throw .column(
          sql: PostgresFailure.excerpt(sql()), index: Int(column),
          expected: "BIGINT, DOUBLE PRECISION, TEXT or BYTEA", found: PostgresType.title(type))
      }
      values.append(value)
    }
    return (values, total)
  }
}
