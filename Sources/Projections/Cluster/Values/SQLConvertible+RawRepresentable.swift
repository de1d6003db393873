// Enumerations that stand in the tables as their numbers.

public import Database

extension SQLConvertible where Self: RawRepresentable<Int> {
  /// Its number.
  public var sqlValue: SQLValue { rawValue.sqlValue }

  /// The one of that number.
  public init?(sqlValue: SQLValue) {
    guard let number = Int(sqlValue: sqlValue) else { return nil }
    self.init(rawValue: number)
  }
}
