// The values a log line may carry, and the list of them. Building one may allocate, which is why the
// logger takes them by autoclosure: nothing is built for a line that is not written.

public import Bytes

/// The value of one field.
public struct LogValue: Sendable {
  enum Storage: Sendable {
    case string(String)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case bool(Bool)
    case duration(Duration)
    case bytes(ByteBuffer)
    case error(any Error)
    case redacted
  }

  let storage: Storage

  init(_ storage: Storage) { self.storage = storage }

  /// Text; what it holds is escaped, and cut at the field limit.
  public static func string(_ value: String) -> LogValue { .init(.string(value)) }

  /// Text from outside that may not be UTF-8: what is not reads as U+FFFD.
  public static func text(_ value: ByteBuffer) -> LogValue {
    .init(.string(value.withReadableBytes { String(decoding: $0, as: UTF8.self) }))
  }

  /// A whole number.
  public static func int(_ value: some SignedInteger) -> LogValue { .init(.int(Int64(clamping: value))) }

  /// A whole number. The usual type has a function of its own: the generic one costs more.
  public static func int(_ value: Int) -> LogValue { .init(.int(Int64(value))) }

  /// A whole number without a sign.
  public static func uint(_ value: some UnsignedInteger) -> LogValue { .init(.uint(UInt64(clamping: value))) }

  /// A fraction.
  public static func double(_ value: Double) -> LogValue { .init(.double(value)) }

  /// Yes or no.
  public static func bool(_ value: Bool) -> LogValue { .init(.bool(value)) }

  /// A length of time: `1.5ms` in logfmt, seconds in JSON.
  public static func duration(_ value: Duration) -> LogValue { .init(.duration(value)) }

  /// Bytes, shown in hexadecimal.
  public static func bytes(_ value: ByteBuffer) -> LogValue { .init(.bytes(value)) }

  /// An error, shown as it describes itself.
  public static func error(_ value: any Error) -> LogValue { .init(.error(value)) }

  /// Anything that describes itself.
  public static func describing(_ value: some CustomStringConvertible) -> LogValue {
    .init(.string(value.description))
  }

  /// That there is a value, but not what it is.
  public static let redacted = LogValue(.redacted)
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self.init(.string(value)) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self.init(.int(value)) }
  /// A fraction.
  public init(floatLiteral value: Double) { self.init(.double(value)) }
  /// Yes or no.
  public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
}

/// The fields of a line, in order. Keys are literals, so no key can come from outside.
public struct LogFields: Sendable, ExpressibleByDictionaryLiteral {
  var entries: [(StaticString, LogValue)]

  /// The fields `elements`, in their order; of a key given twice the last counts.
  public init(dictionaryLiteral elements: (StaticString, LogValue)...) {
    entries = elements
  }

  /// How many fields there are.
  public var count: Int { entries.count }

  /// Puts a field at the end.
  public mutating func append(_ key: StaticString, _ value: LogValue) { entries.append((key, value)) }

  /// Puts the fields of another list at the end.
  public mutating func append(_ other: LogFields) { entries += other.entries }

  /// Whether a field from `index` on is called `key`.
  func contains(_ key: StaticString, from index: Int = 0) -> Bool {
    var index = index
    while index < entries.count {
      if entries[index].0.isSame(as: key) { return true }
      index += 1
    }
    return false
  }
}

extension StaticString {
  /// Whether both literals spell the same; usually decided by the pointer.
  func isSame(as other: StaticString) -> Bool {
    guard hasPointerRepresentation, other.hasPointerRepresentation else { return "\(self)" == "\(other)" }
    if utf8CodeUnitCount != other.utf8CodeUnitCount { return false }
    if utf8Start == other.utf8Start { return true }
    for index in 0..<utf8CodeUnitCount where utf8Start[index] != other.utf8Start[index] { return false }
    return true
  }
}
