// What a store can answer instead of rows. Each case tells apart what the caller may do about it: run the
// transaction again, look at the disk, mend the SQL, or nothing.

import Runtime

/// Why a store did not do what it was asked.
public enum DatabaseError: Error, Equatable, Sendable {
  /// The store could not be opened: `target` is a path, or a server with its database, never a password.
  case cannotOpen(target: String, reason: String)
  /// A file is no sound database any more; `findings` are the first things the integrity check said.
  case damaged(target: String, findings: [String])
  /// Another connection held a lock for longer than the time allowed.
  case busy(target: String)
  /// A uniqueness, check, foreign key or not-null rule refused the statement.
  case constraint(sql: String, reason: String)
  /// The store cannot run the statement: a mistake in the SQL or its parameters.
  case statement(sql: String, reason: String)
  /// A column has another type than was asked for, or a value out of the asked type's range.
  case column(sql: String, index: Int, expected: String, found: String)
  /// A row has another number of columns than were asked for.
  case columns(sql: String, expected: Int, found: Int)
  /// A text with a zero byte, which PostgreSQL cannot hold, so no store takes it.
  case zeroInText(sql: String)
  /// An event does not fit the tables: what it changes is not there, or is there already.
  case inconsistent(reason: String)
  /// Two transactions got into each other's way; nothing of this one was kept. Run again, it may succeed.
  case conflict(reason: String)
  /// The connection was lost. Whether the transaction was committed is not known; before a commit, it was not.
  case disconnected(target: String, reason: String)
  /// The disk is full, or the call to it failed; nothing of the transaction was kept.
  case storage(target: String, reason: String)
  /// No connection became free within the time allowed, too many callers wait already, or the server ended a statement
  /// for want of time or memory.
  case overloaded(target: String, reason: String)
  /// The store is closed.
  case closed
  /// The task was cancelled before the work began.
  case cancelled

  /// Whether the same transaction may succeed when it is run again at once.
  public var isTransient: Bool {
    switch self {
    case .busy, .conflict: true
    default: false
    }
  }

  /// Whether it is what was asked that is at fault, and not the store: asked again, it will fail again.
  public var isFaultOfRequest: Bool {
    switch self {
    case .constraint, .statement, .column, .columns, .zeroInText, .inconsistent: true
    default: false
    }
  }
}

extension DatabaseError: CustomStringConvertible {
  /// One line for a log.
  public var description: String {
    switch self {
    case .cannotOpen(let target, let reason): "cannot open \(target): \(reason)"
    case .damaged(let target, let findings): "\(target) is damaged: \(findings.joined(separator: "; "))"
    case .busy(let target): "\(target) is locked by another connection"
    case .constraint(let sql, let reason): "\(reason), by: \(sql)"
    case .statement(let sql, let reason): "\(reason), in: \(sql)"
    case .column(let sql, let index, let expected, let found):
      "column \(index + 1) is \(found) where \(expected) was expected, of: \(sql)"
    case .columns(let sql, let expected, let found):
      "rows have \(found) columns where \(expected) were expected, of: \(sql)"
    case .zeroInText(let sql): "a text has a zero byte in it, for: \(sql)"
    case .inconsistent(let reason): reason
    case .conflict(let reason): "the transaction met another: \(reason)"
    case .disconnected(let target, let reason): "the connection to \(target) was lost: \(reason)"
    case .storage(let target, let reason): "\(target) cannot be written: \(reason)"
    case .overloaded(let target, let reason): "\(target) is overloaded: \(reason)"
    case .closed: "the store is closed"
    case .cancelled: "cancelled"
    }
  }
}
