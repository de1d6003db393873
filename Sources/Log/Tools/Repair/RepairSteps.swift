// Spells out the steps of a repair from what was found and what was decided.

import Files
import Log
import Records

/// Puts a plan together.
struct RepairSteps {
  private let analysis: PartitionAnalysis
  private let sideFindings: [Finding]
  private let planner: RepairPlanner

  init(_ analysis: PartitionAnalysis, _ sideFindings: [Finding], salvages: Bool) {
    self.analysis = analysis
    self.sideFindings = sideFindings
    planner = RepairPlanner(analysis, salvages: salvages)
  }

  private var directory: SegmentDirectory { analysis.directory }
  private var end: Int64 { planner.nextOffset }

  /// Whether a segment changes, or the log is shorter than it should be.
  private var isCutting: Bool {
    planner.fates.contains { $0.fate != .keep } || planner.cut != nil || !planner.newGaps.isEmpty
      || end < planner.endBefore || (analysis.segments.isEmpty && planner.endBefore > 0)
  }

  private var gaps: AcceptedGaps { analysis.gaps.before(LogOffset(end)).union(planner.newGaps) }

  func plan() throws(LogError) -> RepairPlan {
    try checkLimits()
    var steps: [RepairStep] = []
    if isCutting { steps += cuttingSteps }
    steps += planner.fates.filter(\.rebuildsIndex).flatMap { fate in
      [directory.index(fate.base), directory.timeIndex(fate.base)].map {
        RepairStep(.rebuild, $0, "it does not fit the segment")
      }
    }
    steps += sideSteps
    let first = analysis.segments.first?.base ?? end
    return RepairPlan(
      partition: analysis.partition.id, findings: analysis.findings + sideFindings, steps: unique(steps),
      aside: nil, lost: planner.lost,
      extent: LogExtent(first: LogOffset(min(first, end)), end: LogOffset(end)), fates: planner.fates,
      gaps: gaps, endBefore: planner.endBefore, isCutting: isCutting)
  }

  private func checkLimits() throws(LogError) {
    let pieces = analysis.segments.first { $0.piecesOmitted > 0 }
    if let pieces {
      throw .malformedFile(
        path: pieces.path,
        reason:
          "has more than \(SegmentAnalysis.piecesMaximum) places that are damaged: put a copy in its place")
    }
    if gaps.ranges.count > AcceptedGaps.rangesMaximum {
      throw .malformedFile(
        path: directory.acceptedGaps,
        reason: "would get more than \(AcceptedGaps.rangesMaximum) gaps: repair without salvage")
    }
  }

  private var cuttingSteps: [RepairStep] {
    var steps = planner.fates.compactMap { (fate) -> RepairStep? in
      switch fate.fate {
      case .keep: nil
      case .rewrite: RepairStep(.rewrite, fate.path, fate.reason)
      case .moveAside: RepairStep(.moveAside, fate.path, fate.reason)
      }
    }
    if analysis.segments.isEmpty {
      steps.append(
        RepairStep(.begin, directory.log(end), "there is no segment, and the next offset is \(end)"))
    }
    if gaps != analysis.gaps || analysis.gapsLook == .malformed {
      steps.append(RepairStep(.update, directory.acceptedGaps, "\(gaps.ranges.count) gaps are accepted"))
    }
    steps.append(RepairStep(.update, directory.durableEnd, "the records end with offset \(end)"))
    return steps
  }

  private var sideSteps: [RepairStep] {
    sideFindings.compactMap { finding in
      let file = finding.file
      switch file.name {
      case SegmentDirectory.cleanShutdownName: return RepairStep(.remove, file, "it does not fit")
      case SegmentDirectory.durableEndName:
        return RepairStep(.update, file, "the records end with offset \(end)")
      case SegmentDirectory.acceptedGapsName:
        return RepairStep(.update, file, "\(gaps.ranges.count) gaps are accepted")
      case LeaderEpochCheckpoint.fileName: return RepairStep(.update, file, "it is malformed")
      // Opening the log writes it anew, or takes the whole directory out of the way.
      case SegmentDirectory.metadataName: return nil
      default: break
      }
      if file.name.hasSuffix(SegmentSwaps.swapSuffix) {
        return RepairStep(.finishSwap, file, "a compaction was interrupted")
      }
      if finding.severity == .leftover { return RepairStep(.remove, file, finding.found) }
      return RepairStep(.moveAside, file, finding.found)
    }
  }

  /// Side files may be named for two reasons.
  private func unique(_ steps: [RepairStep]) -> [RepairStep] {
    var seen: Set<FilePath> = []
    return steps.filter { seen.insert($0.file).inserted }
  }
}
