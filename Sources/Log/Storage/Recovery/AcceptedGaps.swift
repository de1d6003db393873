// The offsets that somebody knows to be missing. A repair that keeps what comes after a damage leaves a gap, which
// would be taken for damage in its turn: what it left is written down here, and recovery and verification take
// exactly that for right.
//
// Lines of text: a title, `gap <first> <end>` for each gap, lowest first, the last line the checksum of the others.

import Bytes
public import Files
import Wire

/// Gaps between the offsets of one partition that are known and accepted.
public struct AcceptedGaps: Hashable, Sendable {
  /// The missing offsets, lowest first, no two of them touching.
  public let ranges: [Range<LogOffset>]

  /// No gap at all.
  public static let none = AcceptedGaps([])

  /// How many gaps one partition may have.
  public static let rangesMaximum = 65_536

  private static let title = "varve accepted gaps 1"
  private static let bytesMaximum = 64 + rangesMaximum * 48

  /// The gaps in `ranges`, in any order; those that touch become one.
  public init(_ ranges: [Range<LogOffset>]) {
    var merged: [Range<LogOffset>] = []
    for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  /// Whether a batch at `offset` may follow one that ended before `expected`.
  public func allow(_ offset: LogOffset, after expected: LogOffset) -> Bool {
    if ranges.isEmpty || offset <= expected { return false }
    let index = ranges.partitionPoint { $0.lowerBound <= expected }
    return index > 0 && offset <= ranges[index - 1].upperBound
  }

  /// Those that begin before `offset`.
  public func before(_ offset: LogOffset) -> AcceptedGaps {
    AcceptedGaps(ranges.filter { $0.lowerBound < offset }.map { $0.clamped(to: .zero..<offset) })
  }

  /// These and those.
  public func union(_ others: [Range<LogOffset>]) -> AcceptedGaps { AcceptedGaps(ranges + others) }

  // MARK: The file

  /// What a look at a partition's file finds.
  public enum Look: Hashable, Sendable {
    /// There is none.
    case missing
    /// It is not what was written.
    case malformed
    /// These.
    case gaps(AcceptedGaps)

    /// What is accepted: nothing, when the file cannot be believed.
    public var gaps: AcceptedGaps { if case .gaps(let gaps) = self { gaps } else { .none } }
  }

  /// Looks at the file of a partition.
  public static func look(_ directory: SegmentDirectory) throws(FileError) -> Look {
    do {
      let bytes = try directory.files.contents(of: directory.acceptedGaps, bytesMaximum: bytesMaximum)
      return AcceptedGaps(parsing: bytes).map { .gaps($0) } ?? .malformed
    } catch .fileTooLarge {
      return .malformed
    } catch {
      if error.isNotFound { return .missing }
      throw error
    }
  }

  /// Puts these in the place of what the file of a partition says, durably; no gaps, no file.
  public func store(in directory: SegmentDirectory) throws(FileError) {
    precondition(ranges.count <= Self.rangesMaximum, "more gaps than a partition may have")
    if !ranges.isEmpty {
      try directory.files.replace(atomically: directory.acceptedGaps, with: ByteBuffer(text))
    } else if try directory.files.exists(directory.acceptedGaps) {
      try directory.files.removeDurably(directory.acceptedGaps)
    }
  }

  /// The file's text.
  var text: String {
    var body = Self.title + "\n"
    for range in ranges { body += "gap \(range.lowerBound) \(range.upperBound)\n" }
    return body + "crc32c \(ByteBuffer(body).withReadableBytes { CRC32C.checksum(of: $0) })\n"
  }

  /// Reads what `text` gives; nil for anything else.
  init?(parsing bytes: ByteBuffer) {
    guard let text = String(validating: bytes) else { return nil }
    var ranges: [Range<LogOffset>] = []
    for line in text.split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ")
      if words.count != 3 { continue }
      guard let first = Int64(words[1]), let end = Int64(words[2]), first >= 0, first < end else {
        return nil
      }
      ranges.append(LogOffset(first)..<LogOffset(end))
    }
    self.init(ranges)
    // The text has one form only, checksum included.
    if self.text != text || ranges.count > Self.rangesMaximum { return nil }
  }
}
