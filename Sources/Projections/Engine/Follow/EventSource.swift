// Where a follower gets the log from: the log of its own process, or another node's over the network. Either gives
// whole batches, as they are stored.

import Bytes
public import Log
public import Records

/// A log to follow.
public protocol EventSource: Sendable {
  /// The offsets that can be read now.
  func extent(of partition: PartitionID) async throws(LogError) -> LogExtent
  /// How many partitions a topic has; `LogError.unknownTopic` when there is none.
  func partitions(of topic: TopicName) async throws(LogError) -> Int
  /// The offset of the first record of a time (milliseconds since 1970) or later; the end when there is none.
  func offset(notBefore time: Int64, in partition: PartitionID) async throws(LogError) -> LogOffset
  /// The batches from `offset` on, the first of which may begin before it.
  func subscribe(to partition: PartitionID, from offset: LogOffset) async throws(LogError)
    -> any EventSubscription
}

extension EventSource {
  /// The partitions of a topic, in order.
  func partitionList(of topic: TopicName) async throws(EngineError) -> [PartitionID] {
    do throws(LogError) {
      return (0..<(try await partitions(of: topic))).map { PartitionID(topic, $0) }
    } catch {
      throw .log(error)
    }
  }
}

/// The batches of a partition, one after the other.
public protocol EventSubscription: Sendable {
  /// The next batch; waits for it. Throws `LogError.cancelled` when the task is cancelled.
  mutating func next() async throws(LogError) -> RecordBatch
  /// The next batch; nil at the end.
  mutating func nextIfAny() async throws(LogError) -> RecordBatch?
}

extension LogSubscription: EventSubscription {}

/// The log of this process.
public struct LocalEventSource: EventSource {
  private let log: EventLog

  /// The events of `log`.
  public init(_ log: EventLog) { self.log = log }

  /// The offsets that can be read now.
  public func extent(of partition: PartitionID) async throws(LogError) -> LogExtent {
    try log.partition(partition).extent()
  }

  /// How many partitions the topic has.
  public func partitions(of topic: TopicName) async throws(LogError) -> Int {
    try log.topic(topic).partitions.count
  }

  /// The offset of the first record of a time or later.
  public func offset(notBefore time: Int64, in partition: PartitionID) async throws(LogError) -> LogOffset {
    try await log.partition(partition).subscribe(from: .time(time)).nextOffset
  }

  /// The batches from `offset` on.
  public func subscribe(
    to partition: PartitionID, from offset: LogOffset
  ) async throws(LogError) -> any EventSubscription {
    try await log.partition(partition).subscribe(from: .offset(offset))
  }
}
