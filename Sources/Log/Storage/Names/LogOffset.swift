// Where a record stands in its partition.

/// The place of a record in its partition: 0 for the first one ever, each next one higher.
public struct LogOffset: Hashable, Comparable, Sendable {
  /// The offset as it is stored.
  public let value: Int64

  /// The offset `value`, which is not negative.
  @inlinable
  public init(_ value: Int64) {
    precondition(value >= 0, "an offset is not negative")
    self.value = value
  }

  /// The first offset of every partition.
  public static let zero = LogOffset(0)

  /// The offset `count` records later.
  @inlinable
  public func advanced(by count: Int) -> LogOffset { LogOffset(value + Int64(count)) }

  /// Earlier comes first.
  @inlinable
  public static func < (left: LogOffset, right: LogOffset) -> Bool { left.value < right.value }
}

extension LogOffset: ExpressibleByIntegerLiteral {
  /// An offset written as a number.
  public init(integerLiteral value: Int64) { self.init(value) }
}

extension LogOffset: CustomStringConvertible {
  /// The number.
  public var description: String { String(value) }
}
