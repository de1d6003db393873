// The names of a segment's files: the base offset in 20 digits, then what the file is.

/// How a segment's files are named.
public enum SegmentFileName {
  /// What a file of a segment holds.
  public enum Kind: String, CaseIterable, Sendable {
    /// Batches.
    case log
    /// Positions by offset.
    case index
    /// Offsets by time.
    case timeindex
    /// Producers at the base offset.
    case snapshot
    /// Last offsets by key; ours, Kafka has no such file.
    case keys
  }

  /// The part before the dot: `base` in 20 digits, so that names sort by offset.
  public static func base(_ offset: Int64) -> String {
    precondition(offset >= 0, "a segment begins at an offset")
    let digits = String(offset)
    return String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// The whole name.
  public static func name(_ base: Int64, _ kind: Kind) -> String { "\(Self.base(base)).\(kind.rawValue)" }

  /// What the name of a file says; nil when it is not a segment's.
  public static func parse(_ name: String) -> (base: Int64, kind: Kind)? {
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == digitCount,
      parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let base = Int64(parts[0]), let kind = Kind(rawValue: String(parts[1]))
    else { return nil }
    return (base, kind)
  }

  private static let digitCount = 20
}
