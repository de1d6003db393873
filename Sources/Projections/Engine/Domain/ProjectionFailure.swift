// Why a projection has stopped: which event it could not take, and what was wrong.

public import Log

/// The event that a projection stopped at.
public struct ProjectionFailure: Error, Hashable, Sendable {
  /// The partition.
  public let partition: PartitionID
  /// The event's offset.
  public let offset: LogOffset
  /// What was wrong with it.
  public let cause: String
  /// When it was met, in milliseconds since 1970.
  public let time: Int64

  /// A failure at the event of that offset.
  public init(partition: PartitionID, offset: LogOffset, cause: String, time: Int64) {
    self.partition = partition
    self.offset = offset
    self.cause = cause
    self.time = time
  }
}

extension ProjectionFailure: CustomStringConvertible {
  /// One line for a log.
  public var description: String { "\(partition) offset \(offset): \(cause)" }
}
