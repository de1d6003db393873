// What a run of compaction did, for operators and logs.

/// What compaction did, partition by partition.
public struct CompactionReport: Hashable, Sendable {
  /// Segments, bytes and records.
  public struct Amount: Hashable, Sendable {
    /// How many segments.
    public internal(set) var segments = 0
    /// How many bytes of batches.
    public internal(set) var bytes = 0
    /// How many records.
    public internal(set) var records = 0

    static func += (left: inout Amount, right: Amount) {
      left.segments += right.segments
      left.bytes += right.bytes
      left.records += right.records
    }
  }

  /// One partition's part.
  public struct Part: Hashable, Sendable {
    /// The partition.
    public let partition: PartitionID
    /// What was looked at: sealed segments that are old enough.
    public internal(set) var before = Amount()
    /// What is left of that.
    public internal(set) var after = Amount()
    /// How many keys had something new said about them.
    public internal(set) var keys = 0
    /// Every key is there once before this offset.
    public internal(set) var compactedEnd: LogOffset
    /// How many tombstones are old enough to go and stay because somebody has not read so far.
    public internal(set) var heldBackTombstones = 0
    /// Who that is; the lowest position counts.
    public internal(set) var heldBack: HoldBack?
    /// Whether more is left to do: the pass was told to stop, or there were more keys than one pass remembers.
    public internal(set) var isPartial = false
  }

  /// Every partition of a compacted topic that was looked at.
  public internal(set) var partitions: [Part] = []

  /// What there was in all.
  public var before: Amount { partitions.reduce(into: Amount()) { $0 += $1.before } }
  /// What is left of that.
  public var after: Amount { partitions.reduce(into: Amount()) { $0 += $1.after } }
}
