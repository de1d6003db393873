// How far a caller has seen the log: each answer carries one, and a reader may ask for at least that much.

public import Log

/// A place in a partition: everything before it has been seen.
public struct PositionToken: Hashable, Sendable {
  /// The partition.
  public let partition: PartitionID
  /// The offset after the last event seen.
  public let next: LogOffset

  /// Everything before `next`.
  public init(_ partition: PartitionID, next: LogOffset) {
    self.partition = partition
    self.next = next
  }

  /// Reads what `description` wrote; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.bytesMaximum, let at = text.lastIndex(of: "@"),
      let partition = PartitionID(directoryName: String(text[..<at]))
    else { return nil }
    let digits = text[text.index(after: at)...]
    guard let offset = Int64(digits), offset >= 0, String(offset) == digits else { return nil }
    self.init(partition, next: LogOffset(offset))
  }

  /// The longest text that is read.
  static let bytesMaximum = TopicName.bytesMaximum + 32
}

extension PositionToken: CustomStringConvertible {
  /// `cluster-0@1234`.
  public var description: String { "\(partition)@\(next)" }
}
