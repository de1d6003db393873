// Decides what becomes of a damaged partition's segments. Pure: an analysis in, fates out.
//
// Bytes that are no batch are dropped where no offset is missing behind them. Where offsets are missing, the
// partition is cut, or, in a salvage, goes on with what follows and remembers the gap.

import Files
import Log

/// Decides about every segment.
struct RepairPlanner {
  private let analysis: PartitionAnalysis
  private let salvages: Bool

  private(set) var fates: [SegmentFate] = []
  private(set) var newGaps: [Range<LogOffset>] = []
  private(set) var lost: [LogExtent] = []
  /// The offset after the last batch kept; nil before the first.
  private var end: Int64?
  /// Where the partition was cut; nil while it is not.
  private(set) var cut: Int64?
  /// Whether bytes that are no batch came since the last batch kept.
  private var isAfterBad = false

  init(_ analysis: PartitionAnalysis, salvages: Bool) {
    self.analysis = analysis
    self.salvages = salvages
    for segment in analysis.segments { decide(segment) }
    keepOne()
    noteLostEnd()
  }

  /// The offset of the next record.
  var nextOffset: Int64 { end ?? analysis.segments.first?.base ?? analysis.floor ?? 0 }

  /// The offset after everything that there was or should have been.
  var endBefore: Int64 { max(analysis.segments.map(\.end).max() ?? 0, analysis.floor ?? 0) }

  private mutating func decide(_ segment: SegmentAnalysis) {
    var fate = SegmentFate(base: segment.base, path: segment.path, fate: .keep)
    fate.rebuildsIndex = !segment.indexObjections.isEmpty
    defer { fates.append(fate) }
    // Nothing is missing that the bad bytes before could have been.
    if end == segment.base { isAfterBad = false }
    if cut == nil, let end { meetGap(from: end, to: segment.base) }
    if cut != nil {
      fate.fate = .moveAside
      fate.reason = "it comes after the cut at offset \(nextOffset)"
      return
    }
    let (kept, isWhole) = keep(segment)
    if isWhole {
      end = max(end ?? segment.base, segment.end)
      return
    }
    fate.fate = kept.isEmpty ? .moveAside : .rewrite(kept)
    fate.reason =
      kept.isEmpty
      ? "no batch of it can stay"
      : "\(kept.reduce(0) { $0 + $1.batches }) batches of it stay"
    fate.rebuildsIndex = !kept.isEmpty
  }

  /// The runs of a segment that stay, and whether that is all there is.
  private mutating func keep(_ segment: SegmentAnalysis) -> (runs: [SegmentAnalysis.Run], isWhole: Bool) {
    var kept: [SegmentAnalysis.Run] = []
    var isWhole = true
    var expected = max(end ?? segment.base, segment.base)
    for piece in segment.pieces {
      switch piece {
      case .run(let run):
        meetGap(from: expected, to: run.offsets.lowerBound)
        if cut != nil { return (kept, false) }
        kept.append(run)
        expected = run.offsets.upperBound
        end = expected
        isAfterBad = false
      case .bad:
        isWhole = false
        isAfterBad = true
      case .zeros: if !segment.isActive { isWhole = false }
      }
    }
    return (kept, isWhole)
  }

  /// Cuts, or accepts what is missing.
  private mutating func meetGap(from expected: Int64, to offset: Int64) {
    if offset <= expected { return }
    let isWrong = analysis.options.isContiguous ? analysis.isMissing(from: expected, to: offset) : isAfterBad
    if !isWrong { return }
    if !salvages {
      cut = expected
      return
    }
    newGaps.append(LogOffset(expected)..<LogOffset(offset))
    lost.append(LogExtent(first: LogOffset(expected), end: LogOffset(offset)))
  }

  /// A partition without any segment would begin at offset 0 again: the first one stays, empty.
  private mutating func keepOne() {
    guard !fates.isEmpty, fates.allSatisfy({ $0.fate == .moveAside }) else { return }
    fates[0].fate = .rewrite([])
    fates[0].reason = "no batch of it can stay, and the next offset is \(nextOffset)"
    fates[0].rebuildsIndex = true
  }

  private mutating func noteLostEnd() {
    if fates.isEmpty && endBefore > 0 {
      lost.append(LogExtent(first: .zero, end: LogOffset(endBefore)))
    } else if nextOffset < endBefore {
      lost.append(LogExtent(first: LogOffset(nextOffset), end: LogOffset(endBefore)))
    }
  }
}
