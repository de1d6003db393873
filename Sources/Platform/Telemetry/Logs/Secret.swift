// A value that must not be printed: keys, tokens, passwords. Whatever prints, dumps or logs it shows
// `[redacted]`; only `reveal()` gives the value, which is easy to search for in review.

/// A value that no description, dump or log line shows.
public struct Secret<Value>: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let value: Value

  /// Keeps `value` to itself.
  public init(_ value: Value) { self.value = value }

  /// The value, for the one place that needs it.
  public func reveal() -> Value { value }

  /// Never the value.
  public var description: String { "[redacted]" }
  /// Never the value.
  public var debugDescription: String { "[redacted]" }
  /// Shows no children: `dump` would print them.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

extension Secret: Sendable where Value: Sendable {}
