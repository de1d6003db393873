// What a run of retention did, for operators and logs.

/// What deleting old segments did, partition by partition.
public struct RetentionReport: Hashable, Sendable {
  /// One partition's part.
  public struct Part: Hashable, Sendable {
    /// The partition.
    public let partition: PartitionID
    /// How many segments were deleted.
    public internal(set) var segments = 0
    /// How many bytes of batches they had.
    public internal(set) var bytes = 0
    /// The offset of the first record kept, or where it would be.
    public internal(set) var first: LogOffset
    /// Who kept more from going; nil when everything went that the settings let go.
    public internal(set) var heldBack: HoldBack?
    /// How many segments and bytes are kept for that one's sake alone.
    public internal(set) var heldBackSegments = 0
    /// Their bytes.
    public internal(set) var heldBackBytes = 0
  }

  /// Every partition that was looked at.
  public internal(set) var partitions: [Part] = []

  /// How many segments were deleted in all.
  public var segments: Int { partitions.reduce(0) { $0 + $1.segments } }
  /// How many bytes they had.
  public var bytes: Int { partitions.reduce(0) { $0 + $1.bytes } }
}
