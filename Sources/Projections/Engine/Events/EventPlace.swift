// Where an event stands in the log, which is all that apply may know of the world besides the event itself.

/// An event's place and time.
@frozen
public struct EventPlace: Hashable, Sendable {
  /// The partition's number in its topic.
  public let partition: Int
  /// The offset in the partition.
  public let offset: Int64
  /// When it was decided, in milliseconds since 1970.
  public let time: Int64

  /// A place in the log.
  @inlinable
  public init(partition: Int, offset: Int64, time: Int64) {
    self.partition = partition
    self.offset = offset
    self.time = time
  }
}
