// Version 7 UUIDs: the time in front, so that they sort by when they were made.

/// Makes version 7 UUIDs, each greater than the one before, whatever the clock does.
///
/// Within one millisecond the 74 bits after the time count up by random steps (RFC 9562 section 6.2, method
/// 2), so the next identifier cannot be told from the last.
public struct UUIDVersion7Generator: Sendable {
  /// The largest time that fits: the year 10889.
  public static let unixMillisecondsMaximum: UInt64 = 1 << 48 - 1

  private var last: UInt64?
  private var upper: UInt64 = 0  // 12 bits
  private var lower: UInt64 = 0  // 62 bits

  /// A generator that has made nothing yet.
  public init() {}

  /// The next UUID, at this time, with bits from `random`. A time before that of the last UUID counts as the
  /// same; should the 74 bits run out, the time runs ahead by a millisecond.
  public mutating func next(
    unixMilliseconds now: UInt64, random: inout some RandomNumberGenerator
  ) -> UUID {
    precondition(now <= Self.unixMillisecondsMaximum, "time beyond 48 bits")
    let time: UInt64
    if let last, now <= last {
      time = step(from: last, random: &random)
    } else {
      time = now
      restart(random: &random)
    }
    last = time
    return UUID(high: time << 16 | upper, low: lower, version: 7)
  }

  /// Begins a millisecond somewhere in the lower half, so that there is room to count.
  private mutating func restart(random: inout some RandomNumberGenerator) {
    upper = random.next() & 0x7ff
    lower = random.next() >> 2
  }

  private mutating func step(from last: UInt64, random: inout some RandomNumberGenerator) -> UInt64 {
    lower += (random.next() & 0xffff_ffff) + 1
    guard lower >> 62 != 0 else { return last }
    lower &= 1 << 62 - 1
    upper += 1
    guard upper >> 12 != 0 else { return last }
    precondition(last < Self.unixMillisecondsMaximum, "time beyond 48 bits")
    restart(random: &random)
    return last + 1
  }
}
