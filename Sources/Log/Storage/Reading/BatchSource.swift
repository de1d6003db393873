// What a reader of batches needs to know of a partition. Two answer: a partition that this process writes,
// and one that another process writes or nobody does.

import Files
import Records

/// How far a reader may see.
public enum ReadIsolation: Hashable, Sendable {
  /// Only what is durable: what was read once is there for good.
  case durable
  /// Also what was written and may yet be lost with the power; only in the process that writes.
  case written
}

/// The offsets that can be read.
public struct LogExtent: Hashable, Sendable {
  /// The offset of the first record kept, or where it would be.
  public let first: LogOffset
  /// The offset after the last record.
  public let end: LogOffset

  /// From `first` up to, not including, `end`.
  public init(first: LogOffset, end: LogOffset) {
    self.first = first
    self.end = end
  }

  /// How many offsets there are; compaction may have taken some of their records.
  public var count: Int { Int(end.value - first.value) }
}

/// A partition as its readers see it.
protocol BatchSource: Sendable {
  var directory: SegmentDirectory { get }
  var batchBytesMaximum: Int { get }
  /// The offsets that can be read now.
  func extent(_ isolation: ReadIsolation) throws(LogError) -> LogExtent
  /// The segment that has `offset`, or would have it; nil when it went away.
  func segment(of offset: Int64) throws(LogError) -> ReadableSegment?
  /// The segment after the one that begins at `base`; nil when that one is the last.
  func segment(after base: Int64) throws(LogError) -> ReadableSegment?
  /// The first segment with a record at or after a time; nil when there is none.
  func segment(notBefore timestamp: Int64) throws(LogError) -> ReadableSegment?
  /// Hears of damage that a reader met.
  func note(_ damage: Damage)
  /// How often what was written and not durable was taken back.
  var retractions: Int { get }
  /// What was found wrong with the segment at `base` when the partition was opened.
  func damage(inSegment base: Int64) -> Damage?
}

extension BatchSource {
  /// Never.
  var retractions: Int { 0 }

  /// Nothing is known.
  func damage(inSegment base: Int64) -> Damage? { nil }
}

/// A segment as readers see it.
struct ReadableSegment: Sendable {
  let base: Int64
  /// How many bytes of batches it has; nil while it grows.
  let bytes: Int?
  /// The index in memory, while this process writes the segment.
  let activeIndex: ActiveIndex?
  /// Tells the file from others that were or will be in its place.
  var version = 0
  /// Whether the file has the name of a swap for now.
  var isSwap = false

  /// Where the file is.
  func path(in directory: SegmentDirectory) -> FilePath {
    isSwap ? directory.swap(base) : directory.log(base)
  }

  /// Whether the other is the same segment in the same file, though it may have grown.
  func isSameFile(as other: ReadableSegment) -> Bool { base == other.base && version == other.version }
}
