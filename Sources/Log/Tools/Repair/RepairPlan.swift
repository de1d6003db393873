// What a repair does, decided before anything is touched.

public import Files
public import Log

/// What a repair does, or would do, to a partition.
public struct RepairPlan: Sendable {
  /// The partition.
  public let partition: PartitionID
  /// What is wrong with it.
  public let findings: [Finding]
  /// What is done about it, in order; nothing, when the partition needs no repair.
  public let steps: [RepairStep]
  /// Where what is taken out is kept; nil when nothing is taken out, or in a dry run.
  public internal(set) var aside: FilePath?
  /// The offsets that the partition does not have any more afterwards, or had lost before: with a cut, also
  /// sound records that came after the damage. They will be given to new records unless they are a gap.
  public let lost: [LogExtent]
  /// The offsets that it has afterwards.
  public let extent: LogExtent

  /// Whether there is nothing to do.
  public var isEmpty: Bool { steps.isEmpty }

  /// What becomes of each segment.
  let fates: [SegmentFate]
  /// The gaps that are accepted afterwards.
  let gaps: AcceptedGaps
  /// The end as it was before, which is defended until everything is done.
  let endBefore: Int64
  /// Whether records are taken out, so that the end moves or a gap comes to be.
  let isCutting: Bool
}

/// What becomes of a segment.
struct SegmentFate {
  enum Fate: Equatable {
    case keep
    /// Only these runs stay.
    case rewrite([SegmentAnalysis.Run])
    case moveAside
  }

  let base: Int64
  let path: FilePath
  var fate: Fate
  /// Why it is not kept.
  var reason = ""
  /// Whether its indexes are made anew.
  var rebuildsIndex = false
}
