// Version 7 UUIDs: the time in front, so that they sort by when they were made.

/// Makes version 7 UUIDs, each greater than the one before, whatever the clock does.
///
/// Within one millisecond the 74 bits after the time count up by random steps (RFC 9562 section 6.2, method
/// 2), so the next identifier cannot be told from the last.
public struct UUIDVersion7Generator: Sendable {
  /// The largest time that fits: the year 10889.
  public static let unixMillisecondsMaximum: UInt64 = 1 << 48 - 1

  private var last: UInt64?
  /// What follows the time: 12 bits before the variant, 62 behind it.
  private var counter: UInt128 = 0

  /// A generator that has made nothing yet.
  public init() {}

  /// The next UUID, at this time, with bits from `random`. A time before that of the last UUID counts as the
  /// same.
  public mutating func next(
    unixMilliseconds now: UInt64, random: inout some RandomNumberGenerator
  ) -> UUID {
    precondition(now <= Self.unixMillisecondsMaximum, "time beyond 48 bits")
    let time: UInt64
    if let last, now <= last {
      time = last
      // The upper half of 74 bits is 2^41 of the longest steps: no clock stands still for so many.
      counter += UInt128(random.next() & 0xffff_ffff) + 1
    } else {
      time = now
      // Somewhere in the lower half, so that there is room to count.
      let upper: UInt64 = random.next() & 0x7ff
      counter = UInt128(upper) << 62 | UInt128(random.next() as UInt64 >> 2)
    }
    last = time
    let upper = UInt64(truncatingIfNeeded: counter >> 62)
    precondition(upper >> 12 == 0, "2^41 identifiers without the clock moving on")
    return UUID(high: time << 16 | upper, low: UInt64(truncatingIfNeeded: counter), version: 7)
  }
}
