// A prepared statement: parameters in, rows out. This is the inner loop of a rebuild, so it allocates nothing:
// texts and short blobs are copied into a few bytes that the statement owns, and SQLite is told that they
// stay, which spares it a copy of its own and the allocator.
//
// Binding is in SQLiteStatement+Binding.swift, columns in SQLiteRow.swift.

import Bytes
import CSQLite

/// A prepared statement of one connection, confined to the connection's thread.
final class SQLiteStatement {
  enum Limit {
    /// Bytes of texts and blobs that a statement holds itself; SQLite copies what is beyond.
    static let arenaBytes = 2048
  }

  /// Its parameters, `?1` to the last.
  let parameterCount: Int
  /// Whether rows are still to come: it cannot be run again, nor be forgotten, before they are read.
  private(set) var isRunning = false
  /// When the cache last handed it out.
  var lastUse: UInt64 = 0
  /// Where the literal lies that it is of; 0 for a text.
  var place: UInt = 0

  let handle: SQLiteHandle
  let pointer: OpaquePointer
  let arena: UnsafeMutableRawPointer
  let arenaBytes: Int
  var arenaUsed = 0
  /// The place of the next parameter in a pack, from zero.
  var nextPlace = 0
  /// Whether a parameter is in memory that is not ours, or in a copy that SQLite would keep until the next.
  var hasForeignParameters = false

  /// Prepares the one statement in `sql`.
  ///
  /// - Parameter isKept: whether it is going to be run often.
  init(preparing sql: UnsafeBufferPointer<UInt8>, on handle: SQLiteHandle, isKept: Bool) throws(DatabaseError)
  {
    let text = UnsafeRawBufferPointer(sql)
    let first = try handle.prepare(text, flags: isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0)
    guard let prepared = first.statement else {
      throw .statement(sql: .quoting(text), reason: "no statement")
    }
    do throws(DatabaseError) {
      try handle.requireNoStatement(in: first.rest, of: text)
    } catch {
      sqlite3_finalize(prepared)
      throw error
    }
    self.handle = handle
    self.pointer = prepared
    parameterCount = Int(sqlite3_bind_parameter_count(prepared))
    arenaBytes = parameterCount == 0 ? 0 : Limit.arenaBytes
    arena = .allocate(byteCount: max(arenaBytes, 1), alignment: 8)
  }

  deinit {
    // Its result is that of the last step, which was reported there.
    sqlite3_finalize(pointer)
    arena.deallocate()
  }

  /// The statement's text.
  var sql: String { sqlite3_sql(pointer).map { String(cString: $0) } ?? "" }

  // MARK: Running

  /// Runs it to its end; rows that it answers are dropped.
  ///
  /// - Returns: how many rows it inserted, changed or deleted.
  @discardableResult
  func execute(_ parameters: [SQLValue]) throws(DatabaseError) -> Int {
    defer { withExtendedLifetime(parameters) {} }
    try bind(parameters)
    return try runToEnd()
  }

  /// Runs it to its end; rows that it answers are dropped.
  ///
  /// - Returns: how many rows it inserted, changed or deleted.
  @discardableResult
  func execute<each Parameter: SQLConvertible>(
    _ parameter: repeat each Parameter
  ) throws(DatabaseError) -> Int {
    try bindAll(repeat each parameter)
    return try runToEnd()
  }

  /// Runs it and hands its rows to `body`, one after the other.
  func query(
    _ parameters: [SQLValue], each body: (borrowing SQLiteRow) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    defer { withExtendedLifetime(parameters) {} }
    try bind(parameters)
    try runRows(body)
  }

  /// Runs it and hands its rows to `body`, one after the other.
  func query<each Parameter: SQLConvertible>(
    _ parameter: repeat each Parameter, each body: (borrowing SQLiteRow) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    try bindAll(repeat each parameter)
    try runRows(body)
  }

  /// Runs it to its end with the parameters that it has been given; rows that it answers are dropped.
  func run() throws(DatabaseError) {
    defer { reset() }
    while try step() {}
  }

  private func runToEnd() throws(DatabaseError) -> Int {
    defer { reset() }
    // The count of changes stands until the next statement that may change rows; the total tells whether
    // this was one.
    let before = sqlite3_total_changes64(handle.pointer)
    while try step() {}
    guard sqlite3_total_changes64(handle.pointer) != before else { return 0 }
    return Int(sqlite3_changes64(handle.pointer))
  }

  // Inlined, it makes the optimizer of Swift 6.3 fail.
  @inline(never)
  private func runRows(_ body: (borrowing SQLiteRow) throws(DatabaseError) -> Void) throws(DatabaseError) {
    defer { reset() }
    while try step() { try body(SQLiteRow(self)) }
  }

  /// Goes to the next row.
  ///
  /// - Returns: whether there is one.
  func step() throws(DatabaseError) -> Bool {
    try handle.requireSoundTransaction()
    let code = sqlite3_step(pointer)
    isRunning = code == SQLITE_ROW
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let error = failure(code)
    handle.noteFailure(error)
    throw error
  }

  /// Ends the run and lets go of its locks and parameters.
  func reset() {
    // Its result is that of the last step, which was reported there.
    sqlite3_reset(pointer)
    isRunning = false
    arenaUsed = 0
    if hasForeignParameters {
      sqlite3_clear_bindings(pointer)
      hasForeignParameters = false
    }
  }

  func failure(_ code: Int32) -> DatabaseError { handle.error(code, sql: sql) }
}

extension SQLiteHandle {
  /// Prepares the first statement in `sql`.
  ///
  /// - Returns: the statement, nil when there are only blanks and comments; and what follows it.
  func prepare(
    _ sql: UnsafeRawBufferPointer, flags: UInt32
  ) throws(DatabaseError) -> (statement: OpaquePointer?, rest: UnsafeRawBufferPointer) {
    guard let base = sql.baseAddress, !sql.isEmpty else {
      return (nil, UnsafeRawBufferPointer(start: nil, count: 0))
    }
    // SQLite would stop at it and take what follows for nothing.
    guard !sql.contains(0) else { throw .zeroInText(sql: .quoting(sql)) }
    guard let length = Int32(exactly: sql.count) else {
      throw .statement(sql: .quoting(sql), reason: "\(sql.count) bytes of SQL")
    }
    var statement: OpaquePointer?
    var tail: UnsafePointer<CChar>?
    let code = sqlite3_prepare_v3(
      pointer, base.assumingMemoryBound(to: CChar.self), length, flags, &statement, &tail)
    guard code == SQLITE_OK else { throw error(code, sql: .quoting(sql)) }
    let used = tail.map { UnsafeRawPointer($0) - base } ?? sql.count
    return (statement, UnsafeRawBufferPointer(rebasing: sql[used...]))
  }
}

extension SQLiteHandle {
  /// Refuses anything but blanks and comments after a statement.
  func requireNoStatement(
    in rest: UnsafeRawBufferPointer, of sql: UnsafeRawBufferPointer
  ) throws(DatabaseError) {
    var rest = rest
    while !rest.isEmpty {
      let next = try prepare(rest, flags: 0)
      if let another = next.statement {
        sqlite3_finalize(another)
        throw .statement(sql: .quoting(sql), reason: "more than one statement")
      }
      rest = next.rest
    }
  }
}

extension String {
  /// The beginning of some SQL, as errors quote it.
  static func quoting(_ sql: UnsafeRawBufferPointer) -> String {
    DatabaseError.quoted(String(decoding: sql.prefix(4096), as: UTF8.self))
  }
}
