// Transactions. SQLite ends one by itself when the disk fails it; statements are then refused until the
// owner has ended it too, because they would run, and stay, on their own.

import CSQLite

extension SQLiteConnection {
  /// What a transaction is for.
  enum Access: Sendable {
    /// Sees the file as it is at the beginning, whatever others write meanwhile.
    case read
    /// The only one that writes, from the beginning.
    case write
  }

  /// Whether a transaction is open.
  var isInTransaction: Bool {
    get throws(DatabaseError) {
      let handle = try handle
      return handle.isInTransaction || sqlite3_get_autocommit(handle.pointer) == 0
    }
  }

  /// Opens a transaction. A writer waits for another one, at most as long as the settings allow.
  func begin(_ access: Access) throws(DatabaseError) {
    let handle = try handle
    guard try !isInTransaction else {
      throw .statement(sql: "BEGIN", reason: "a transaction is open already")
    }
    switch access {
    case .write: try statement("BEGIN IMMEDIATE").execute()
    case .read:
      try statement("BEGIN").execute()
      // Only the first read takes the snapshot.
      do throws(DatabaseError) {
        try statement("SELECT 1 FROM sqlite_schema LIMIT 1").execute()
      } catch {
        try rollback()
        throw error
      }
    }
    handle.isInTransaction = true
  }

  /// Ends the transaction and keeps what it did. If that fails, nothing of it is kept.
  func commit() throws(DatabaseError) {
    let handle = try handle
    let abortion = handle.abortion
    handle.forgetTransaction()
    if let abortion { throw abortion }
    do throws(DatabaseError) {
      try statement("COMMIT").execute()
    } catch {
      try rollback()
      throw error
    }
  }

  /// Ends the transaction, if one is open, and keeps nothing of it.
  func rollback() throws(DatabaseError) {
    let handle = try handle
    handle.forgetTransaction()
    if sqlite3_get_autocommit(handle.pointer) == 0 { try statement("ROLLBACK").execute() }
  }
}
