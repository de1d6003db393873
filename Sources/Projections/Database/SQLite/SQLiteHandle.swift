// The C library's connection, shared by a SQLiteConnection and its statements: it is closed with the last of
// them, so no statement can outlive it.

import CSQLite

/// An open `sqlite3 *`, and what its statements must know of the transaction they run in.
final class SQLiteHandle {
  /// The C library's pointer; good until `close` succeeded.
  let pointer: OpaquePointer
  /// The file, for errors.
  let target: String
  /// Whether `SQLiteConnection.begin` opened a transaction that nobody has ended yet.
  var isInTransaction = false
  /// Why SQLite rolled the transaction back by itself, until the owner has ended it too. Statements are
  /// refused meanwhile: they would run outside of any transaction, and their changes would stay.
  private(set) var abortion: DatabaseError?
  /// `abortion != nil`, in one load.
  private(set) var isAborted = false
  private var isClosed = false

  init(pointer: OpaquePointer, target: String) {
    self.pointer = pointer
    self.target = target
  }

  deinit {
    // Nobody is left to report to: the caller who wants to know calls `close`.
    if !isClosed { sqlite3_close_v2(pointer) }
  }

  /// Closes it. Statements still held elsewhere are an error, and it stays open.
  func close() throws(DatabaseError) {
    let code = sqlite3_close(pointer)
    guard code == SQLITE_OK else {
      guard let held = sqlite3_next_stmt(pointer, nil) else { throw error(code, sql: "") }
      let sql = sqlite3_sql(held).map { String(cString: $0) } ?? ""
      throw .statement(sql: DatabaseError.quoted(sql), reason: "it is held while its connection is closed")
    }
    isClosed = true
  }

  /// Refuses work in a transaction that is no more.
  @inline(__always)
  func requireSoundTransaction() throws(DatabaseError) {
    if isAborted, let abortion { throw abortion }
  }

  /// Remembers `error` if SQLite ended the transaction because of it.
  func noteFailure(_ error: DatabaseError) {
    guard isInTransaction, !isAborted, sqlite3_get_autocommit(pointer) != 0 else { return }
    abortion = error
    isAborted = true
  }

  /// The owner has ended the transaction.
  func forgetTransaction() {
    isInTransaction = false
    isAborted = false
    abortion = nil
  }

  // MARK: Errors

  /// The error for a result `code` of the call just made on this handle.
  func error(_ code: Int32, sql: String) -> DatabaseError {
    let said = sqlite3_errmsg(pointer).map { String(cString: $0) } ?? "out of memory"
    return DatabaseError(
      sqliteCode: code, said: said, systemError: sqlite3_system_errno(pointer), target: target, sql: sql)
  }
}
