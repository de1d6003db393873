// What a topic can be told: one immutable value, checked as a whole, with defaults that suit a topic of
// events. It is stored in the log's own topic, so a change of settings is an event like any other.

public import Records

/// How a topic keeps its records.
public struct TopicSettings: Hashable, Sendable {
  /// What is done with old records.
  public enum Cleanup: String, CaseIterable, Sendable {
    /// Whole segments go when they are too old or too many.
    case delete
    /// Records go when a newer one has their key.
    case compact
    /// Both.
    case compactDelete = "compact-delete"

    /// Whether records go when a newer one has their key.
    public var compacts: Bool { self != .delete }
    /// Whether whole segments go by age and size.
    public var deletes: Bool { self != .compact }
  }

  /// How room for records is made before they come. An append into room that was written before needs no
  /// change of the file's metadata, which makes its sync several times cheaper.
  public enum Preallocation: String, CaseIterable, Sendable {
    /// A little ahead of what is written, more where more is written.
    case ahead
    /// The whole segment, and the next one in the background: for topics that are written all the time.
    case segment
    /// Not at all.
    case none
  }

  /// How many partitions the topic has. May grow, never shrink.
  public var partitions = 1
  /// How large a segment becomes before the next one is begun.
  public var segmentBytes = 256 << 20
  /// How old a segment's first record becomes before the next segment is begun, so that retention can act.
  public var segmentAge: Duration = .seconds(7 * 86_400)
  /// How long records are kept; nil: for ever.
  public var retentionAge: Duration?
  /// How many bytes of a partition are kept; nil: all.
  public var retentionBytes: Int?
  /// What is done with old records.
  public var cleanup = Cleanup.delete
  /// How long a tombstone stays after compaction has met it, so that every reader hears of the deletion.
  public var tombstoneRetention: Duration = .seconds(86_400)
  /// How old a record is before compaction may touch it.
  public var compactionLag: Duration = .zero
  /// How batches are compressed.
  public var compression = Compression.none
  /// After how long a written, not durable, record is synced.
  public var flushInterval: Duration = .seconds(1)
  /// After how many bytes written records are synced.
  public var flushBytes = 64 << 20
  /// The largest record.
  public var recordBytesMaximum = 1 << 20
  /// The largest batch: what one append may hold. One that is larger than a segment gets a segment of its own.
  public var batchBytesMaximum = 4 << 20
  /// How many bytes may wait for the disk before appends wait or are refused.
  public var queueBytesMaximum = 8 << 20
  /// How room is made ahead.
  public var preallocation = Preallocation.ahead
  /// How many keys are remembered for appends that name the last offset of one.
  public var keysMaximum = 4_000_000
  /// How many producers are remembered; the ones that were quiet longest are forgotten first.
  public var producersMaximum = 10_000

  /// The defaults.
  public init() {}

  /// Throws for the first value that is out of its range or does not go with another.
  public func validate(topic: String) throws(LogError) {
    func check(_ holds: Bool, _ key: String, _ reason: String) throws(LogError) {
      if !holds { throw .invalidSetting(topic: topic, key: key, reason: reason) }
    }
    try check(
      (1...PartitionID.partitionsMaximum).contains(partitions), "partitions",
      "\(partitions) is not within 1 to \(PartitionID.partitionsMaximum)")
    // Kafka's index files hold positions and relative offsets in 32 bits, signed in its own code.
    try check(
      (Self.segmentBytesMinimum...Self.segmentBytesMaximum).contains(segmentBytes), "segment_bytes",
      "\(segmentBytes) is not within \(Self.segmentBytesMinimum) to \(Self.segmentBytesMaximum)")
    try check(segmentAge >= .seconds(1), "segment_age", "it is under one second")
    try check(retentionAge.map { $0 >= .seconds(1) } ?? true, "retention_age", "it is under one second")
    try check(retentionBytes.map { $0 >= 0 } ?? true, "retention_bytes", "it is negative")
    try check(tombstoneRetention >= .zero, "tombstone_retention", "it is negative")
    try check(compactionLag >= .zero, "compaction_lag", "it is negative")
    try check(flushInterval >= .milliseconds(1), "flush_interval", "it is under one millisecond")
    try check(flushBytes >= 4096, "flush_bytes", "\(flushBytes) is under 4096")
    try check(
      (64...(64 << 20)).contains(batchBytesMaximum), "batch_bytes_maximum",
      "\(batchBytesMaximum) is not within 64 to \(64 << 20)")
    try check(
      (1...batchBytesMaximum).contains(recordBytesMaximum), "record_bytes_maximum",
      "\(recordBytesMaximum) is not within 1 to batch_bytes_maximum (\(batchBytesMaximum))")
    try check(
      queueBytesMaximum >= batchBytesMaximum && queueBytesMaximum <= 1 << 30, "queue_bytes_maximum",
      "\(queueBytesMaximum) is not within batch_bytes_maximum (\(batchBytesMaximum)) to \(1 << 30)")
    try check((1...100_000_000).contains(keysMaximum), "keys_maximum", "it is not within 1 to 100000000")
    try check(
      (1...1_000_000).contains(producersMaximum), "producers_maximum", "it is not within 1 to 1000000")
  }

  /// The smallest segment: small ones are for tests and for topics that must roll often.
  public static let segmentBytesMinimum = 4096
  /// The largest segment: what Kafka's index files can point into.
  public static let segmentBytesMaximum = Int(Int32.max)
}
