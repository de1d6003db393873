// Looks through a whole partition and says everything that is wrong: each batch's header, checksum and records,
// the offsets within and between segments, both indexes, and every other file. It writes nothing, takes no lock
// and can run beside the process that writes.

import Files
public import Log
import Records

/// The verification of one partition.
public struct PartitionVerification: Sendable {
  /// How to look.
  public struct Options: Hashable, Sendable {
    /// Whether missing offsets are damage; nil: unless the topic is compacted, or nobody knows its settings.
    public var contiguous: Bool?
    /// Whether batches are decompressed and their records looked at.
    public var records = true
    /// How many findings are remembered.
    public var findingsMaximum = 1000

    /// Everything is looked at.
    public init() {}
  }

  private let partition: PartitionInspector
  private let options: Options

  /// The verification of `partition`.
  public init(_ partition: PartitionInspector, options: Options = Options()) {
    self.partition = partition
    self.options = options
  }

  /// Looks through all of it.
  ///
  /// - Parameter progress: hears every few megabytes how far it is.
  public func run(progress: @escaping (WorkProgress) -> Void = { _ in }) throws(LogError)
    -> VerificationReport
  {
    let analysis = try PartitionAnalysis(
      partition,
      PartitionAnalysis.Options(
        isContiguous: options.contiguous ?? partition.isContiguous, records: options.records),
      progress: progress)
    var findings = FindingList(maximum: options.findingsMaximum)
    for finding in analysis.findings { findings.append(finding) }
    for finding in try SideFileCheck(analysis).run() { findings.append(finding) }
    let runs = analysis.segments.flatMap(\.runs)
    let first = analysis.segments.first?.base ?? 0
    return VerificationReport(
      partition: partition.id, findings: findings.findings,
      findingsOmitted: findings.omitted + analysis.segments.reduce(0) { $0 + $1.piecesOmitted },
      segments: analysis.segments.count, batches: runs.reduce(0) { $0 + $1.batches },
      records: runs.reduce(0) { $0 + $1.records }, bytes: runs.reduce(0) { $0 + $1.positions.count },
      extent: LogExtent(first: LogOffset(first), end: LogOffset(max(first, analysis.end))),
      wasLive: analysis.isLive)
  }
}

extension PartitionInspector {
  /// Whether an offset that is missing is damage: compaction takes records away, and of a topic whose settings
  /// nobody knows it may be so.
  var isContiguous: Bool { settings.map { !$0.cleanup.compacts } ?? false }
}
