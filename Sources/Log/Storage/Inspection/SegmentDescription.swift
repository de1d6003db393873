// What can be said of a segment without reading it through.

public import Files

/// One segment of a partition, as somebody finds it who does not write it.
public struct SegmentDescription: Hashable, Sendable {
  /// The offset at which it begins.
  public let base: Int64
  /// Its file.
  public let path: FilePath
  /// How many bytes of whole batches it has; of a segment that is not sealed, those that are durable.
  public let bytes: Int
  /// How many bytes the file has: more than there are batches where room was made ahead.
  public let fileBytes: Int
  /// How many entries its offset index has on the disk; nil without one.
  public let indexEntries: Int?
  /// How many entries its time index has on the disk; nil without one.
  public let timeEntries: Int?
  /// The first batch's first timestamp, in milliseconds since 1970; nil without batches.
  public let firstTimestamp: Int64?
  /// The latest timestamp; nil without batches.
  public let lastTimestamp: Int64?
  /// Whether it is the last one, which grows.
  public let isActive: Bool
}
