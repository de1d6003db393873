// What a verification found.

public import Log

/// The outcome of looking through a partition.
public struct VerificationReport: Sendable {
  /// The partition.
  public let partition: PartitionID
  /// What is not as it should be, in the order of the log; side files last.
  public let findings: [Finding]
  /// How many more there were than are remembered.
  public let findingsOmitted: Int
  /// How many segments were looked through.
  public let segments: Int
  /// How many sound batches they have.
  public let batches: Int
  /// How many records these have.
  public let records: Int
  /// How many bytes these take.
  public let bytes: Int
  /// From the first record to after the last sound one.
  public let extent: LogExtent
  /// Whether somebody had the log open meanwhile, so that only what was durable was looked at.
  public let wasLive: Bool

  /// Whether records are missing or unreadable.
  public var isDamaged: Bool { findings.contains { $0.severity == .damage } }
}

/// Findings, as many as are worth remembering. Damage is never crowded out by lesser things.
struct FindingList {
  private(set) var findings: [Finding] = []
  private(set) var omitted = 0
  let maximum: Int

  init(maximum: Int) { self.maximum = maximum }

  mutating func append(_ finding: Finding) {
    if findings.count < maximum {
      findings.append(finding)
      return
    }
    omitted += 1
    if finding.severity == .damage, let lesser = findings.lastIndex(where: { $0.severity != .damage }) {
      findings.remove(at: lesser)
      findings.append(finding)
    }
  }
}
