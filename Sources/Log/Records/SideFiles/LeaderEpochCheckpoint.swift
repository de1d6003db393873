// leader-epoch-checkpoint: at which offset each leader's epoch began. Kafka's text format, version 0.

import Bytes

/// The epochs of a partition's leaders, oldest first.
public struct LeaderEpochCheckpoint: Equatable, Sendable {
  /// One leader's term.
  public struct Entry: Equatable, Sendable {
    /// The epoch.
    public var epoch: Int32
    /// The offset of the first record appended in it.
    public var startOffset: Int64

    /// An epoch that began at `startOffset`.
    public init(epoch: Int32, startOffset: Int64) {
      self.epoch = epoch
      self.startOffset = startOffset
    }
  }

  /// The epochs; both numbers rise from entry to entry.
  public var entries: [Entry]

  /// A checkpoint of these entries.
  public init(entries: [Entry] = []) { self.entries = entries }

  /// What the file is called.
  public static let fileName = "leader-epoch-checkpoint"

  /// The checkpoint whose file content is `bytes`.
  public static func parse(_ bytes: RawSpan) throws(RecordError) -> LeaderEpochCheckpoint {
    var lines = try TextLines(bytes, of: fileName)
    let version = try lines.next()
    if version != "0" { throw lines.malformed("its version is \"\(version.prefix(20))\", not 0") }
    let countText = try lines.next()
    guard let count: Int = TextLines.number(countText), count <= RecordLimits.leaderEpochsMaximum else {
      throw lines.malformed("it says it has \"\(countText.prefix(20))\" entries")
    }
    var entries: [Entry] = []
    for _ in 0..<count {
      let line = try lines.next()
      let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 2, let epoch: Int32 = TextLines.number(parts[0]),
        let offset: Int64 = TextLines.number(parts[1])
      else { throw lines.malformed("line \(lines.lineNumber) is not an epoch and an offset") }
      if let last = entries.last, epoch <= last.epoch || offset <= last.startOffset {
        throw lines.malformed("line \(lines.lineNumber) does not rise")
      }
      entries.append(Entry(epoch: epoch, startOffset: offset))
    }
    try lines.end()
    return LeaderEpochCheckpoint(entries: entries)
  }

  /// The file's content.
  public var text: String {
    var text = "0\n\(entries.count)\n"
    for entry in entries { text += "\(entry.epoch) \(entry.startOffset)\n" }
    return text
  }
}
