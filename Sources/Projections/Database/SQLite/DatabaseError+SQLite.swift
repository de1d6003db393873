// What SQLite's result codes mean to a caller.

import CSQLite
import Glibc

extension DatabaseError {
  private enum Limit {
    /// The most of a statement that an error quotes, in bytes.
    static let quotedBytes = 200
  }

  /// SQLITE_BUSY_SNAPSHOT, a macro of macros that Swift does not import.
  private static let busySnapshot = SQLITE_BUSY | 2 << 8

  /// The error for an extended result code.
  ///
  /// - Parameters:
  ///   - said: SQLite's message.
  ///   - systemError: the errno of the system call that failed, if one did.
  ///   - target: the file.
  ///   - sql: the statement, however long.
  init(sqliteCode code: Int32, said: String, systemError: Int32, target: String, sql: String) {
    var reason: String { "\(said) (\(Self.name(ofCode: code)))" }
    var diskReason: String {
      systemError == 0 ? reason : "\(reason): \(strerror(systemError).map { String(cString: $0) } ?? "")"
    }
    if code == Self.busySnapshot {
      self = .conflict(reason: "the rows read have changed since")
      return
    }
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .busy(target: target)
    case SQLITE_CONSTRAINT: self = .constraint(sql: Self.quoted(sql), reason: said)
    case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged(target: target, findings: [reason])
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY: self = .storage(target: target, reason: diskReason)
    // The machine's affair: the same statement runs when there is room again.
    case SQLITE_NOMEM: self = .overloaded(target: target, reason: reason)
    case SQLITE_CANTOPEN: self = .cannotOpen(target: target, reason: diskReason)
    default: self = .statement(sql: Self.quoted(sql), reason: reason)
    }
  }

  /// A result code in SQLite's words, with its number for the manual.
  private static func name(ofCode code: Int32) -> String {
    "SQLite \(code): \(sqlite3_errstr(code).map { String(cString: $0) } ?? "unknown")"
  }

  /// A statement on one line of limited length.
  static func quoted(_ sql: String) -> String {
    let line = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard line.utf8.count > Limit.quotedBytes else { return line }
    // Cut between characters: the view is no string when it ends inside of one.
    var kept = Limit.quotedBytes - "…".utf8.count
    while kept > 0 {
      if let head = String(line.utf8.prefix(kept)) { return head + "…" }
      kept -= 1
    }
    return "…"
  }
}
