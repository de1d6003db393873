// The log on a disk, read beside the process that writes it, or with no such process: how tables are rebuilt without
// stopping a node.

import Bytes
public import Log
import Records
public import Runtime

/// The events of a log's directory.
public struct DirectoryEventSource: EventSource {
  private let directory: LogDirectory
  private let pool: BlockingPool

  /// - Parameters:
  ///   - directory: the log.
  ///   - pool: where reading blocks.
  public init(_ directory: LogDirectory, pool: BlockingPool) {
    self.directory = directory
    self.pool = pool
  }

  /// The offsets that can be read now.
  public func extent(of partition: PartitionID) async throws(LogError) -> LogExtent {
    try await onPool { directory throws(LogError) in try directory.partition(partition).extent() }
  }

  /// How many partitions the topic has.
  public func partitions(of topic: TopicName) async throws(LogError) -> Int {
    try await onPool { directory throws(LogError) in try directory.topic(topic).settings.partitions }
  }

  /// The offset of the first record of a time or later.
  public func offset(notBefore time: Int64, in partition: PartitionID) async throws(LogError) -> LogOffset {
    try await onPool { directory throws(LogError) in
      try directory.partition(partition).reader(from: .time(time)).nextOffset
    }
  }

  /// The batches from `offset` on.
  public func subscribe(
    to partition: PartitionID, from offset: LogOffset
  ) async throws(LogError) -> any EventSubscription {
    try await onPool { directory throws(LogError) in
      let inspector = try directory.partition(partition)
      return DirectorySubscription(
        inspector: inspector, reader: try inspector.reader(from: .offset(offset)), pool: pool)
    }
  }

  private func onPool<Output: Sendable>(
    _ work: @escaping @Sendable (LogDirectory) throws(LogError) -> Output
  ) async throws(LogError) -> Output {
    let directory = directory
    return try await pool.perform { () throws(LogError) in try work(directory) }
  }
}

/// A reader of a directory's partition.
struct DirectorySubscription: EventSubscription {
  let inspector: PartitionInspector
  var reader: BatchReader
  let pool: BlockingPool
  /// What was read and not given yet, the last first: a call of the pool is worth many small batches.
  private var waiting: [RecordBatch] = []

  /// How long one look for more records waits, before the task may notice that it was cancelled.
  private static let patience = Duration.milliseconds(200)
  /// How many bytes of batches one call of the pool reads, or a batch more.
  private static let bytesAtOnce = 256 << 10

  init(inspector: PartitionInspector, reader: BatchReader, pool: BlockingPool) {
    self.inspector = inspector
    self.reader = reader
    self.pool = pool
  }

  mutating func next() async throws(LogError) -> RecordBatch {
    while true {
      if let batch = try await nextIfAny() { return batch }
      if Task.isCancelled { throw .cancelled }
      let (inspector, position) = (inspector, reader.nextOffset)
      _ = try await pool.perform { () throws(LogError) in
        try inspector.waitForMore(from: position, timeout: Self.patience)
      }
    }
  }

  mutating func nextIfAny() async throws(LogError) -> RecordBatch? {
    if let batch = waiting.popLast() { return batch }
    let before = reader
    let (after, batches) = try await pool.perform { () throws(LogError) in
      var reader = before
      var batches: [RecordBatch] = []
      var bytes = 0
      while bytes < Self.bytesAtOnce, let batch = try reader.next() {
        bytes += batch.bytes.count
        batches.append(batch)
      }
      return (reader, batches)
    }
    reader = after
    waiting = batches.reversed()
    return waiting.popLast()
  }
}
