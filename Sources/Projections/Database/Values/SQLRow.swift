// A row as it is read: columns are taken from the left, each as the type its reader asks for.

/// One row of an answer.
public struct SQLRow {
  private let sql: StaticString
  private let values: [SQLValue]
  private var next = 0

  /// - Parameter sql: the statement it answers, for errors.
  init(_ values: [SQLValue], of sql: StaticString) {
    self.values = values
    self.sql = sql
  }

  /// How many columns it has.
  public var count: Int { values.count }

  /// The next column.
  public mutating func take<Value: SQLConvertible>(
    _ type: Value.Type = Value.self
  ) throws(DatabaseError) -> Value {
    guard next < values.count else {
      throw .columns(sql: sql.description, expected: next + 1, found: values.count)
    }
    guard let value = Value(sqlValue: values[next]) else {
      throw .column(
        sql: sql.description, index: next, expected: "\(Value.self)", found: values[next].kind)
    }
    next += 1
    return value
  }
}
