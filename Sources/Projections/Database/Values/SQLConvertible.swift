// Swift types that stand in columns: given as parameters, taken from rows.

public import Bytes
public import Wire

/// A type that a statement takes as a parameter and a row gives back.
public protocol SQLConvertible: Sendable {
  /// The value that is stored.
  var sqlValue: SQLValue { get }
  /// The type's value for what is stored; nil when the column has another type or the value is out of range.
  init?(sqlValue: SQLValue)
  /// Gives a statement its next parameter. What a type without a way of its own gives is its `sqlValue`.
  func give(to parameters: inout StatementParameters)
}

extension SQLConvertible {
  /// Gives the `sqlValue`.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(sqlValue) }
}

extension Int64: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .integer(self) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .integer(let value) = sqlValue else { return nil }
    self = value
  }

  /// Gives it as an integer.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(self) }
}

extension Int: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .integer(let value) = sqlValue else { return nil }
    self.init(exactly: value)
  }

  /// Gives it as an integer.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(Int64(self)) }
}

extension Int32: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .integer(let value) = sqlValue else { return nil }
    self.init(exactly: value)
  }

  /// Gives it as an integer.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(Int64(self)) }
}

extension UInt32: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .integer(Int64(self)) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .integer(let value) = sqlValue else { return nil }
    self.init(exactly: value)
  }

  /// Gives it as an integer.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(Int64(self)) }
}

/// Stored as 0 or 1: SQLite has no type of its own for it.
extension Bool: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .integer(self ? 1 : 0) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .integer(0): self = false
    case .integer(1): self = true
    default: return nil
    }
  }
}

extension Double: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .real(self) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .real(let value) = sqlValue else { return nil }
    self = value
  }
}

extension String: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .text(self) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .text(let value) = sqlValue else { return nil }
    self = value
  }

  /// Gives it as a text.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(self) }
}

extension ByteBuffer: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { .bytes(self) }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    guard case .bytes(let value) = sqlValue else { return nil }
    self = value
  }

  /// Gives it as a blob.
  @inlinable
  public func give(to parameters: inout StatementParameters) { parameters.add(self) }
}

/// Stored as its 16 bytes.
extension UUID: SQLConvertible {
  /// What is stored.
  public var sqlValue: SQLValue {
    var bytes = ByteBuffer(capacity: 16)
    append(to: &bytes)
    return .bytes(bytes)
  }

  /// The value of what is stored, when it is one.
  public init?(sqlValue: SQLValue) {
    guard case .bytes(let value) = sqlValue else { return nil }
    self.init(bytes: value.readable)
  }

  /// Gives it as a blob.
  public func give(to parameters: inout StatementParameters) { parameters.add(self) }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
  /// What is stored.
  @inlinable public var sqlValue: SQLValue { self?.sqlValue ?? .null }

  /// The value of what is stored, when it is one.
  @inlinable
  public init?(sqlValue: SQLValue) {
    if case .null = sqlValue {
      self = .none
      return
    }
    guard let wrapped = Wrapped(sqlValue: sqlValue) else { return nil }
    self = wrapped
  }

  /// Gives it, or null.
  @inlinable
  public func give(to parameters: inout StatementParameters) {
    if let self { self.give(to: &parameters) } else { parameters.add(SQLValue.null) }
  }
}
