// Durations as people write them: "250ms", "1.5s", "5m", "1h30m". Read and printed exactly, in whole
// nanoseconds; a bare number is refused, because nobody remembers whether it meant seconds.

/// Reads and prints durations.
public enum DurationNotation {
  /// The longest duration that can be written, about 292 years: what 63 bits of nanoseconds hold.
  public static let longest = Duration.nanoseconds(Int64.max)

  private static let units: [(name: String, nanoseconds: UInt64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]

  /// Reads `0`, or numbers each followed by a unit (`d`, `h`, `m`, `s`, `ms`, `us`, `ns`), largest first.
  public static func read(_ text: String) throws(NotationError) -> Duration {
    if text == "0" { return .zero }
    var rest = text[...].utf8
    var total = 0
    var last = -1
    repeat {
      guard let number = Decimal(consuming: &rest) else {
        throw .malformed("is not a duration: write a number and a unit, such as 250ms or 5m")
      }
      let letters = rest.prefix { !Decimal.isDigit($0) }
      let name = String(Substring(letters))
      rest = rest[letters.endIndex...]
      guard let index = units.firstIndex(where: { $0.name == name || ($0.name == "us" && name == "µs") })
      else {
        throw .malformed("has no unit of time: use one of d, h, m, s, ms, us, ns")
      }
      guard index > last else { throw .malformed("must have its units in order, largest first, each once") }
      last = index
      guard let part = number.times(units[index].nanoseconds) else {
        throw .malformed("is not a whole number of nanoseconds below 292 years")
      }
      let (sum, overflow) = total.addingReportingOverflow(part)
      if overflow { throw .malformed("is not a whole number of nanoseconds below 292 years") }
      total = sum
    } while !rest.isEmpty
    return .nanoseconds(total)
  }

  /// Prints a duration as `read` takes it: `1h30m`, `250ms`, `0s`. What is below a nanosecond is dropped.
  public static func write(_ duration: Duration) -> String {
    var left = nanoseconds(duration)
    if left == 0 { return "0s" }
    var text = ""
    for unit in units where left >= unit.nanoseconds {
      // Below a second one unit says it all: 1500us, not 1ms500us.
      if unit.nanoseconds < 1_000_000_000, left % unit.nanoseconds != 0 { continue }
      text += "\(left / unit.nanoseconds)\(unit.name)"
      left %= unit.nanoseconds
    }
    return text
  }

  /// Prints a duration to its two leading units, for people who watch: `3m20s`, `2d4h`, `0s`.
  public static func approximate(_ duration: Duration) -> String {
    var seconds = nanoseconds(duration) / 1_000_000_000
    var parts: [String] = []
    for unit in units.prefix(4) {
      let each = unit.nanoseconds / 1_000_000_000
      if seconds >= each || (unit.name == "s" && parts.isEmpty) || !parts.isEmpty {
        parts.append("\(seconds / each)\(unit.name)")
        seconds %= each
      }
    }
    if parts.count > 1, parts[1].hasPrefix("0") { return parts[0] }
    return parts.prefix(2).joined()
  }

  /// Whole nanoseconds; zero for negative durations and the longest for those beyond it.
  private static func nanoseconds(_ duration: Duration) -> UInt64 {
    if duration <= .zero { return 0 }
    if duration >= longest { return UInt64(Int64.max) }
    let (seconds, attoseconds) = duration.components
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
