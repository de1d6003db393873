// The parameters of a statement on their way: into a prepared statement of SQLite's as they come, or into a list that
// PostgreSQL is sent. Each type hands itself over by a call of its own, which the compiler resolves where the statement is
// written: a value in between, a type looked up at run time or a count of references would cost a good part of what
// SQLite does with the row.

public import Bytes
import CSQLite
public import Wire

/// Takes parameters, one after the other.
public struct StatementParameters {
  /// The statement, which the connection keeps; nil when the parameters go into a list.
  private let statement: Unmanaged<SQLiteStatement>?
  /// What the list has so far.
  private(set) var values: [SQLValue]?
  /// The first result that was not `SQLITE_OK`.
  private var code = SQLITE_OK

  /// Into a prepared statement, which must not be running and must outlive this.
  @inline(__always)
  init(of statement: SQLiteStatement) throws(DatabaseError) {
    try statement.beginBinding()
    self.statement = Unmanaged.passUnretained(statement)
    values = nil
  }

  /// Into a list.
  init() {
    statement = nil
    values = []
  }

  /// Says what went wrong with the parameters, all of which have been given.
  @inline(__always)
  func check() throws(DatabaseError) {
    guard let statement = statement?.takeUnretainedValue() else { return }
    if code != SQLITE_OK { throw statement.bindingFailure(code) }
    try statement.checkBound()
  }

  /// Runs the prepared statement.
  @inline(__always)
  func run() throws(DatabaseError) {
    try statement?.takeUnretainedValue().run()
  }

  // MARK: What types give

  /// The next is an integer.
  public mutating func add(_ number: Int64) {
    if let statement {
      note(statement._withUnsafeGuaranteedRef { $0.bindNext(number) })
    } else {
      values?.append(.integer(number))
    }
  }

  /// The next is a text.
  public mutating func add(_ text: String) {
    if let statement {
      note(statement._withUnsafeGuaranteedRef { $0.bindNext(text) })
    } else {
      values?.append(.text(text))
    }
  }

  /// The next is a blob.
  public mutating func add(_ bytes: ByteBuffer) {
    if let statement {
      note(bytes.withReadableBytes { bytes in statement._withUnsafeGuaranteedRef { $0.bindNext(bytes) } })
    } else {
      values?.append(.bytes(bytes))
    }
  }

  /// The next is a blob of 16 bytes.
  public mutating func add(_ uuid: UUID) {
    if let statement {
      note(
        withUnsafeBytes(of: (uuid.high.bigEndian, uuid.low.bigEndian)) { bytes in
          statement._withUnsafeGuaranteedRef { $0.bindNext(bytes) }
        })
    } else {
      values?.append(uuid.sqlValue)
    }
  }

  /// The next is whatever the value is.
  public mutating func add(_ value: SQLValue) {
    if let statement {
      note(statement._withUnsafeGuaranteedRef { $0.bindNext(value) })
    } else {
      values?.append(value)
    }
  }

  @inline(__always)
  private mutating func note(_ result: Int32) {
    if result != SQLITE_OK && code == SQLITE_OK { code = result }
  }
}
