// One connection to one SQLite file: opening it with the settings that the house relies on, its statements
// and its end. Transactions are in SQLiteConnection+Transactions.swift, the care of the file in
// SQLiteConnection+Upkeep.swift, copies of it in SQLiteConnection+Copy.swift.

import CSQLite
import Glibc

/// A connection to a SQLite file.
///
/// `@unchecked Sendable`: SQLite is told that one thread at a time uses it (no lock is taken inside), so a
/// connection may be handed from thread to thread but never be used by two at once. Its owner sees to that:
/// `SQLiteReaders` by giving it to one caller at a time on one thread.
final class SQLiteConnection: @unchecked Sendable {
  /// What a connection is for.
  enum Mode: Sendable {
    /// Reads and writes, and makes the file if there is none. One writer a file.
    case writer
    /// Reads what a writer made before.
    case reader
  }

  /// What marks a file as ours, in its header: "Varv".
  static let applicationID: Int32 = 0x5661_7276

  /// The file.
  let path: String
  let mode: Mode
  let settings: SQLiteSettings

  private var openHandle: SQLiteHandle?
  private let cache: SQLiteStatementCache

  /// The library as it is set up, once in a process: readers and writers do not meet in its allocator's lock.
  /// If somebody else has used the library before, it stays as it is, which is only slower.
  private static let isLibraryReady: Bool = {
    _ = csqlite_uncount_memory()
    return sqlite3_threadsafe() != 0
  }()

  /// Opens the file, and as its writer makes it if there is none.
  init(path: String, mode: Mode, settings: SQLiteSettings = SQLiteSettings()) throws(DatabaseError) {
    self.path = path
    self.mode = mode
    self.settings = settings
    cache = SQLiteStatementCache(limit: settings.statementsMaximum)
    if mode == .writer { try Self.makeFile(path) }
    let handle = try Self.open(path, mode: mode)
    openHandle = handle
    sqlite3_busy_timeout(handle.pointer, settings.busyTimeoutMilliseconds)
    let isNew = try readApplicationID() == 0
    try configure(handle)
    if mode == .writer && isNew { try run(script: "PRAGMA application_id = \(Self.applicationID)") }
  }

  /// Makes an empty file, readable by the group. SQLite gives its companions the same permissions.
  private static func makeFile(_ path: String) throws(DatabaseError) {
    // Only a file that is new is opened here: closing a descriptor lets go of every lock that the process
    // has on the file, those of SQLite's own descriptors too.
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    if descriptor >= 0 {
      Glibc.close(descriptor)
    } else if errno != EEXIST {
      throw .cannotOpen(target: path, reason: String(cString: strerror(errno)))
    }
  }

  static func open(_ path: String, mode: Mode) throws(DatabaseError) -> SQLiteHandle {
    precondition(isLibraryReady, "this SQLite was built for programs of one thread")
    var pointer: OpaquePointer?
    let access = mode == .writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
    let code = sqlite3_open_v2(path, &pointer, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard let pointer else { throw .cannotOpen(target: path, reason: "out of memory") }
    let handle = SQLiteHandle(pointer: pointer, target: path)
    guard code == SQLITE_OK else { throw handle.error(code, sql: "") }
    return handle
  }

  /// The mark in the file; a file with another program's mark is refused.
  private func readApplicationID() throws(DatabaseError) -> Int64 {
    let found = try integer("PRAGMA application_id")
    guard found == 0 || found == Int64(Self.applicationID) else {
      throw .cannotOpen(
        target: path, reason: "it belongs to another program (application id \(found))")
    }
    return found
  }

  private func configure(_ handle: SQLiteHandle) throws(DatabaseError) {
    // Names in double quotes are names, as in PostgreSQL, and nobody writes to SQLite's own tables.
    for (option, value) in [
      (SQLITE_DBCONFIG_DQS_DML, Int32(0)), (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DEFENSIVE, 1),
    ] {
      let code = csqlite_set(handle.pointer, option, value)
      guard code == SQLITE_OK else { throw handle.error(code, sql: "") }
    }
    if mode == .writer {
      let journal = try text("PRAGMA journal_mode = WAL")
      guard journal == "wal" else {
        throw .cannotOpen(target: path, reason: "no write-ahead log is possible there, only \(journal)")
      }
      try run(
        script: """
          PRAGMA synchronous = NORMAL;
          PRAGMA foreign_keys = ON;
          PRAGMA wal_autocheckpoint = \(settings.checkpointPages);
          PRAGMA journal_size_limit = \(settings.journalBytesMaximum);
          PRAGMA analysis_limit = 400;
          """)
    } else {
      try run(script: "PRAGMA query_only = ON")
    }
    try run(
      script: """
        PRAGMA trusted_schema = OFF;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = \(-(settings.cacheBytes / 1024));
        PRAGMA mmap_size = \(settings.mappedBytes);
        """)
  }

  /// Ends the connection; a transaction that is open is rolled back. A statement that is still held
  /// somewhere is an error, and the connection stays open.
  func close() throws(DatabaseError) {
    guard let handle = openHandle else { return }
    cache.removeAll()
    try handle.close()
    openHandle = nil
  }

  /// The C library's connection, while it is open.
  var handle: SQLiteHandle {
    get throws(DatabaseError) {
      guard let openHandle else { throw .closed }
      return openHandle
    }
  }

  // MARK: Statements

  /// The prepared statement of a literal.
  @inline(__always)
  func statement(_ sql: StaticString) throws(DatabaseError) -> SQLiteStatement {
    // A closed connection has none.
    if sql.hasPointerRepresentation, let known = cache.literal(at: UInt(bitPattern: sql.utf8Start)) {
      return known
    }
    return try prepare(sql)
  }

  private func prepare(_ sql: StaticString) throws(DatabaseError) -> SQLiteStatement {
    guard sql.hasPointerRepresentation else { return try statement(dynamic: sql.description) }
    let text = UnsafeBufferPointer(start: sql.utf8Start, count: sql.utf8CodeUnitCount)
    let made = try SQLiteStatement(preparing: text, on: try handle, isKept: true)
    cache.keep(made, literalAt: UInt(bitPattern: sql.utf8Start))
    return made
  }

  /// The prepared statement of SQL that was put together.
  func statement(dynamic sql: String) throws(DatabaseError) -> SQLiteStatement {
    if let known = cache.text(sql) { return known }
    let made = try prepare(sql, isKept: true)
    cache.keep(made, text: sql)
    return made
  }

  private func prepare(_ sql: String, isKept: Bool) throws(DatabaseError) -> SQLiteStatement {
    let handle = try handle
    return try Array(sql.utf8).withUnsafeBufferPointer { text throws(DatabaseError) in
      try SQLiteStatement(preparing: text, on: handle, isKept: isKept)
    }
  }

  /// How many prepared statements it keeps.
  var statementCount: Int { cache.count }

  /// Runs statements that take no parameters, one after the other; rows are dropped.
  func run(script: String) throws(DatabaseError) {
    let handle = try handle
    try Array(script.utf8).withUnsafeBufferPointer { script throws(DatabaseError) in
      var rest = UnsafeRawBufferPointer(script)
      while !rest.isEmpty {
        let next = try handle.prepare(rest, flags: 0)
        if let statement = next.statement {
          defer { sqlite3_finalize(statement) }
          try handle.requireSoundTransaction()
          var code = SQLITE_ROW
          while code == SQLITE_ROW { code = sqlite3_step(statement) }
          guard code == SQLITE_DONE else {
            let error = handle.error(code, sql: sqlite3_sql(statement).map { String(cString: $0) } ?? "")
            handle.noteFailure(error)
            throw error
          }
        }
        rest = next.rest
      }
    }
  }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  var changes: Int { get throws(DatabaseError) { Int(sqlite3_changes64(try handle.pointer)) } }

  /// The row id of the last row inserted into a table that has them.
  var lastInsertRowID: Int64 { get throws(DatabaseError) { sqlite3_last_insert_rowid(try handle.pointer) } }

  /// The integer in the only column of the first row.
  func integer(_ sql: String) throws(DatabaseError) -> Int64 {
    guard case .integer(let value) = try first(sql) else {
      throw .statement(sql: DatabaseError.quoted(sql), reason: "no integer in the answer")
    }
    return value
  }

  /// The text in the only column of the first row.
  private func text(_ sql: String) throws(DatabaseError) -> String {
    guard case .text(let value) = try first(sql) else {
      throw .statement(sql: DatabaseError.quoted(sql), reason: "no text in the answer")
    }
    return value
  }

  private func first(_ sql: String) throws(DatabaseError) -> SQLValue {
    // Not from the cache: what asks by this way asks seldom.
    let statement = try prepare(sql, isKept: false)
    var value = SQLValue.null
    try statement.query([]) { row throws(DatabaseError) in value = try row.value(at: 0) }
    return value
  }
}

extension SQLiteSettings {
  /// The busy timeout as SQLite takes it.
  var busyTimeoutMilliseconds: Int32 {
    let (seconds, attoseconds) = busyTimeout.components
    let milliseconds = Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000_000)
    return Int32(min(max(milliseconds, 0), Double(Int32.max)))
  }
}
