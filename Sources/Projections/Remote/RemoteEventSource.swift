// The events of another process's log, for projections that follow it.

public import Log
public import Projections
import Records
public import RemoteLog

/// Another process's log as a source of events.
public struct RemoteEventSource: EventSource {
  private let log: RemoteLog

  /// The events of `log`.
  public init(_ log: RemoteLog) { self.log = log }

  /// The offsets that can be read now.
  public func extent(of partition: PartitionID) async throws(LogError) -> LogExtent {
    try await log.extent(of: partition)
  }

  /// How many partitions the topic has.
  public func partitions(of topic: TopicName) async throws(LogError) -> Int {
    try await log.topic(topic).partitions.count
  }

  /// The offset of the first record of a time or later.
  public func offset(notBefore time: Int64, in partition: PartitionID) async throws(LogError) -> LogOffset {
    try await log.offset(notBefore: time, in: partition)
  }

  /// The batches from `offset` on.
  public func subscribe(
    to partition: PartitionID, from offset: LogOffset
  ) async throws(LogError) -> any EventSubscription {
    try await log.subscribe(to: partition, from: offset)
  }
}

extension RemoteSubscription: EventSubscription {}
