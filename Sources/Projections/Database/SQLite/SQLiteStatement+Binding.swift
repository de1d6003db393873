// Giving a statement its parameters.

import Bytes
import CSQLite
import Glibc
import Wire

extension SQLiteStatement {
  /// Gives it every parameter. The caller keeps `parameters` until the run has ended: blobs are not copied.
  func bind(_ parameters: [SQLValue]) throws(DatabaseError) {
    try beginBinding()
    for index in parameters.indices {
      if index == parameterCount { throw miscount(parameters.count) }
      let code = bind(parameters[index], at: index, isKept: true)
      if code != SQLITE_OK { throw bindingFailure(code) }
    }
    nextPlace = parameters.count
    try checkBound()
  }

  /// Gives it every parameter.
  func bindAll<each Parameter: SQLConvertible>(_ parameter: repeat each Parameter) throws(DatabaseError) {
    var parameters = try StatementParameters(of: self)
    repeat (each parameter).give(to: &parameters)
    try parameters.check()
  }

  /// Makes it ready for parameters.
  @inline(__always)
  func beginBinding() throws(DatabaseError) {
    if isRunning {
      throw .statement(sql: DatabaseError.quoted(sql), reason: "it is run again while its rows are read")
    }
    arenaUsed = 0
    nextPlace = 0
  }

  /// Says when there were too few parameters or too many.
  @inline(__always)
  func checkBound() throws(DatabaseError) {
    if nextPlace != parameterCount { throw miscount(nextPlace) }
  }

  private func miscount(_ count: Int) -> DatabaseError {
    .statement(sql: DatabaseError.quoted(sql), reason: "\(count) parameters for \(parameterCount) places")
  }

  // MARK: One parameter after the other

  func bindNext(_ number: Int64) -> Int32 {
    nextPlace += 1
    return sqlite3_bind_int64(pointer, Int32(nextPlace), number)
  }

  func bindNext(_ text: String) -> Int32 {
    nextPlace += 1
    return bind(text: text, at: nextPlace - 1)
  }

  /// What does not fit is copied by SQLite: nobody promised to keep it.
  func bindNext(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    nextPlace += 1
    return bind(bytes: bytes, at: nextPlace - 1, isKept: false)
  }

  func bindNext(_ value: SQLValue) -> Int32 {
    nextPlace += 1
    return bind(value, at: nextPlace - 1)
  }

  /// What a result code of binding means.
  func bindingFailure(_ code: Int32) -> DatabaseError {
    switch code {
    case Self.zeroInText: .zeroInText(sql: DatabaseError.quoted(sql))
    case Self.notANumber:
      .statement(
        sql: DatabaseError.quoted(sql), reason: "a parameter is not a number, which would become NULL")
    default: nextPlace > parameterCount ? miscount(nextPlace) : failure(code)
    }
  }

  /// Gives it one parameter.
  ///
  /// - Parameters:
  ///   - index: its place, counted from zero.
  ///   - isKept: whether the caller keeps the value until the run has ended.
  private func bind(_ value: SQLValue, at index: Int, isKept: Bool = false) -> Int32 {
    let place = Int32(index + 1)
    switch value {
    case .null: return sqlite3_bind_null(pointer, place)
    case .integer(let number): return sqlite3_bind_int64(pointer, place, number)
    case .real(let number):
      return number.isNaN ? Self.notANumber : sqlite3_bind_double(pointer, place, number)
    case .text(let text): return bind(text: text, at: index)
    case .bytes(let bytes): return bytes.withReadableBytes { bind(bytes: $0, at: index, isKept: isKept) }
    }
  }

  /// No result codes of SQLite's: a text has a zero byte, a number is none.
  private static var zeroInText: Int32 { -1 }
  private static var notANumber: Int32 { -2 }

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
