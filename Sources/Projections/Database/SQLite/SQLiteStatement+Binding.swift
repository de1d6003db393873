// Giving a statement its parameters.

import Bytes
import CSQLite
import Glibc
import Wire

extension SQLiteStatement {
  /// Gives it every parameter. The caller keeps `parameters` until the run has ended: blobs are not copied.
  func bind(_ parameters: [SQLValue]) throws(DatabaseError) {
    try beginBinding(parameters.count)
    for index in parameters.indices { try bind(parameters[index], at: index, isKept: true) }
  }

  /// Gives it every parameter.
  func bindAll<each Parameter: SQLConvertible>(_ parameter: repeat each Parameter) throws(DatabaseError) {
    var count = 0
    for _ in repeat (each Parameter).self { count += 1 }
    try beginBinding(count)
    nextPlace = 0
    repeat try bindNext(each parameter)
  }

  private func beginBinding(_ count: Int) throws(DatabaseError) {
    guard !isRunning else {
      throw .statement(sql: DatabaseError.quoted(sql), reason: "it is run again while its rows are read")
    }
    guard count == parameterCount else {
      throw .statement(
        sql: DatabaseError.quoted(sql), reason: "\(count) parameters for \(parameterCount) places")
    }
    arenaUsed = 0
  }

  @inline(__always)
  private func bindNext<Value: SQLConvertible>(_ value: Value) throws(DatabaseError) {
    let index = nextPlace
    nextPlace += 1
    // The common types, without a value in between that has to be retained, or allocated for a UUID.
    let code: Int32
    if Value.self == Int.self {
      code = sqlite3_bind_int64(pointer, Int32(index + 1), Int64(unsafeBitCast(value, to: Int.self)))
    } else if Value.self == String.self {
      code = bind(text: unsafeBitCast(value, to: String.self), at: index)
    } else if Value.self == ByteBuffer.self {
      // What does not fit is copied by SQLite: nobody promised to keep the buffer.
      code = unsafeBitCast(value, to: ByteBuffer.self).withReadableBytes {
        bind(bytes: $0, at: index, isKept: false)
      }
    } else if Value.self == UUID.self {
      let uuid = unsafeBitCast(value, to: UUID.self)
      code = withUnsafeBytes(of: (uuid.high.bigEndian, uuid.low.bigEndian)) {
        bind(bytes: $0, at: index, isKept: false)
      }
    } else {
      try bind(value.sqlValue, at: index)
      return
    }
    try check(code)
  }

  @inline(__always)
  private func check(_ code: Int32) throws(DatabaseError) {
    if code == SQLITE_OK { return }
    throw code == Self.zeroInText ? .zeroInText(sql: DatabaseError.quoted(sql)) : failure(code)
  }

  /// Gives it one parameter.
  ///
  /// - Parameters:
  ///   - index: its place, counted from zero.
  ///   - isKept: whether the caller keeps the value until the run has ended.
  func bind(_ value: SQLValue, at index: Int, isKept: Bool = false) throws(DatabaseError) {
    let place = Int32(index + 1)
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(pointer, place)
    case .integer(let number): code = sqlite3_bind_int64(pointer, place, number)
    case .real(let number):
      guard !number.isNaN else {
        throw .statement(
          sql: DatabaseError.quoted(sql),
          reason: "parameter \(place) is not a number, which would become NULL")
      }
      code = sqlite3_bind_double(pointer, place, number)
    case .text(let text): code = bind(text: text, at: index)
    case .bytes(let bytes):
      code = bytes.withReadableBytes { bind(bytes: $0, at: index, isKept: isKept) }
    }
    try check(code)
  }

  /// No result code of SQLite's: a text has a zero byte.
  private static var zeroInText: Int32 { -1 }

  @inline(__always)
  private func bind(text: String, at index: Int) -> Int32 {
    text.utf8.withContiguousStorageIfAvailable { bind(text: UnsafeRawBufferPointer($0), at: index) }
      ?? Array(text.utf8).withUnsafeBytes { bind(text: $0, at: index) }
  }

  private func bind(text: UnsafeRawBufferPointer, at index: Int) -> Int32 {
    let (place, encoding) = (Int32(index + 1), UInt8(SQLITE_UTF8))
    guard let base = text.baseAddress, !text.isEmpty else {
      // Not null: a null pointer would be NULL.
      return sqlite3_bind_text64(
        pointer, place, arena.assumingMemoryBound(to: CChar.self), 0, csqlite_static(), encoding)
    }
    if memchr(base, 0, text.count) != nil { return Self.zeroInText }
    let characters = base.assumingMemoryBound(to: CChar.self)
    if let own = keep(text) {
      return sqlite3_bind_text64(
        pointer, place, own.assumingMemoryBound(to: CChar.self), UInt64(text.count), csqlite_static(),
        encoding)
    }
    hasForeignParameters = true
    return sqlite3_bind_text64(
      pointer, place, characters, UInt64(text.count), csqlite_transient(), encoding)
  }

  private func bind(bytes: UnsafeRawBufferPointer, at index: Int, isKept: Bool) -> Int32 {
    let place = Int32(index + 1)
    guard let base = bytes.baseAddress, !bytes.isEmpty else {
      return sqlite3_bind_zeroblob(pointer, place, 0)
    }
    if let own = keep(bytes) {
      return sqlite3_bind_blob64(pointer, place, own, UInt64(bytes.count), csqlite_static())
    }
    hasForeignParameters = true
    // A kept buffer's bytes neither move nor change as long as it is held.
    return sqlite3_bind_blob64(
      pointer, place, base, UInt64(bytes.count), isKept ? csqlite_static() : csqlite_transient())
  }

  /// Copies `bytes` to where the statement holds them; nil when there is no room.
  @inline(__always)
  private func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
    guard bytes.count <= arenaBytes - arenaUsed, let base = bytes.baseAddress else { return nil }
    let place = arena + arenaUsed
    memcpy(place, base, bytes.count)
    arenaUsed += bytes.count
    return place
  }
}
