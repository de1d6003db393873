// Makes a damaged partition one that can be opened for writing. Every sound batch before the damage stays, and,
// when asked for, the sound ones after it; whatever is taken out is kept in the partition's directory `aside`.
//
// What the steps are is decided first, by reading; a dry run ends there. They are done in an order in which a
// crash between any two of them loses nothing and leaves a partition that is still known to be damaged, so that
// the repair can be begun again.

import Files
public import Log
public import Runtime

/// The repair of one partition.
public struct PartitionRepair: Sendable {
  /// How to repair.
  public struct Options: Hashable, Sendable {
    /// Whether sound batches after the damage stay, with a gap before them; else the partition is cut.
    public var salvage = false
    /// Whether missing offsets are damage; nil: unless the topic is compacted, or nobody knows its settings.
    public var contiguous: Bool?

    /// Cut at the damage.
    public init() {}
  }

  let partition: PartitionInspector
  let options: Options
  let time: any TimeSource

  /// The repair of `partition`.
  public init(
    _ partition: PartitionInspector, options: Options = Options(), time: any TimeSource = SystemTime()
  ) {
    self.partition = partition
    self.options = options
    self.time = time
  }

  /// Says what `run` would do, and does nothing.
  public func plan(progress: @escaping (WorkProgress) -> Void = { _ in }) throws(LogError) -> RepairPlan {
    try plan(ownsLock: false, progress)
  }

  /// Repairs the partition.
  ///
  /// Nobody may have the log open: who has is in the error, a `FileError.locked`. After any other error the
  /// partition is as damaged as it was and nothing is lost; repairing it again goes on.
  ///
  /// - Returns: what was done.
  public func run(progress: @escaping (WorkProgress) -> Void = { _ in }) throws(LogError) -> RepairPlan {
    let files = partition.directory.files
    let lock = try onFiles { () throws(FileError) in
      try FileLock(files, at: partition.lockPath, as: .current(time: time))
    }
    let swaps = try finishSwaps()
    var plan = try plan(ownsLock: true, progress)
    if !plan.isEmpty {
      plan.aside = try onFiles { () throws(FileError) in
        try RepairExecution(plan, partition.directory, at: time.wall).run()
      }
    }
    do throws(FileError) { try lock.release() } catch { throw .file(error) }
    return plan.adding(swaps)
  }

  private func finishSwaps() throws(LogError) -> [RepairStep] {
    let directory = partition.directory
    return try onFiles { () throws(FileError) in
      let swaps = try directory.files.list(directory.path).filter {
        $0.name.hasSuffix(SegmentSwaps.swapSuffix)
      }
      if swaps.isEmpty { return [] }
      try SegmentSwaps(directory: directory).finish()
      return swaps.map { RepairStep(.finishSwap, directory.path / $0.name, "a compaction was interrupted") }
    }
  }

  private func plan(
    ownsLock: Bool, _ progress: @escaping (WorkProgress) -> Void
  ) throws(LogError) -> RepairPlan {
    let analysis = try PartitionAnalysis(
      partition,
      PartitionAnalysis.Options(
        isContiguous: options.contiguous ?? partition.isContiguous, ownsLock: ownsLock),
      progress: progress)
    let sideFindings = try SideFileCheck(analysis).run()
    return try RepairSteps(analysis, sideFindings, salvages: options.salvage).plan()
  }
}

extension RepairPlan {
  /// The same plan with steps that were done before it.
  func adding(_ earlier: [RepairStep]) -> RepairPlan {
    RepairPlan(
      partition: partition, findings: findings, steps: earlier + steps, aside: aside, lost: lost,
      extent: extent, fates: fates, gaps: gaps, endBefore: endBefore, isCutting: isCutting)
  }
}
