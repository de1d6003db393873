// What a partition holds, counted: by segment and in all.

import Bytes
import Files
public import Log
import Records

/// The contents of a partition in numbers.
public struct PartitionStatistics: Sendable {
  /// What is counted.
  public struct Options: Hashable, Sendable {
    /// Whether different keys are counted, which takes about 16 bytes of memory for each.
    public var countsKeys = false
    /// How many different keys are counted before it is given up.
    public var keysMaximum = 16_000_000

    /// Everything but keys.
    public init() {}
  }

  /// One segment's numbers.
  public struct Segment: Sendable {
    /// Where it begins.
    public let base: Int64
    /// What it holds.
    public internal(set) var counts: RecordCounts
  }

  /// Each segment's, oldest first.
  public let segments: [Segment]
  /// All of them together.
  public let total: RecordCounts
  /// The damage at which counting ended; nil when there was none.
  public let damage: Damage?

  /// Reads the partition through, up to what is durable.
  public static func collect(
    _ partition: PartitionInspector, options: Options = Options(),
    progress: (WorkProgress) -> Void = { _ in }
  ) throws(LogError) -> PartitionStatistics {
    var count = StatisticsCount(
      try partition.segments(), keys: options.countsKeys ? KeyCount(maximum: options.keysMaximum) : nil)
    var readOptions = BatchReader.Options()
    readOptions.blockBytes = 1 << 20
    readOptions.controlBatches = true
    var damage: Damage?
    do throws(LogError) {
      var reader = try partition.reader(from: .beginning, options: readOptions)
      while let batch = try reader.next() { try count.note(batch, of: partition.id, progress) }
    } catch .damaged(let met) {
      damage = met
    }
    return PartitionStatistics(segments: count.segments, total: count.total, damage: damage)
  }
}

/// Counts batches as they come.
private struct StatisticsCount {
  private(set) var segments: [PartitionStatistics.Segment]
  private(set) var total = RecordCounts()
  private let described: [SegmentDescription]
  private let bytesTotal: Int
  private var current = 0
  private var keys: KeyCount?
  private var bytesReported = 0

  init(_ described: [SegmentDescription], keys: KeyCount?) {
    self.described = described
    self.keys = keys
    segments = described.map { PartitionStatistics.Segment(base: $0.base, counts: RecordCounts()) }
    bytesTotal = described.reduce(0) { $0 + $1.bytes }
  }

  mutating func note(
    _ batch: RecordBatch, of partition: PartitionID, _ progress: (WorkProgress) -> Void
  ) throws(LogError) {
    var counts = RecordCounts()
    do throws(RecordError) {
      try counts.note(batch, keys: &keys)
    } catch {
      throw .record(partition, LogOffset(batch.header.baseOffset), error)
    }
    counts.keys = keys?.count
    total.add(counts)
    while current + 1 < segments.count, segments[current + 1].base <= batch.header.baseOffset { current += 1 }
    if segments.indices.contains(current) { segments[current].counts.add(counts.withoutKeys) }
    if total.bytes >= bytesReported + WorkProgress.intervalBytes, described.indices.contains(current) {
      bytesReported = total.bytes
      progress(
        WorkProgress(
          bytesDone: total.bytes, bytesTotal: max(total.bytes, bytesTotal), file: described[current].path))
    }
  }
}
