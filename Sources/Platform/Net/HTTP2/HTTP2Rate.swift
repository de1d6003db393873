// How often something may happen: now and then any number of times in a row up to a burst, for long at a rate.

/// An allowance that fills up with time.
public struct HTTP2Rate: Hashable, Sendable {
  /// How many at once.
  public var burst: Int
  /// How many a second for long.
  public var perSecond: Int

  /// `burst` at once and `perSecond` for long.
  public init(burst: Int, perSecond: Int) {
    precondition(burst > 0 && perSecond > 0, "an allowance allows something")
    self.burst = burst
    self.perSecond = perSecond
  }
}

/// What is left of an allowance.
struct HTTP2Allowance {
  private let rate: HTTP2Rate
  private var left: Int
  /// When `left` was last added to, in nanoseconds.
  private var filled: UInt64 = 0

  init(_ rate: HTTP2Rate) {
    self.rate = rate
    left = rate.burst
  }

  /// Takes one; false when there is none left.
  mutating func take(now: UInt64) -> Bool {
    if left < rate.burst {
      let elapsed = Double(now &- min(filled, now)) / 1e9
      let gained = elapsed * Double(rate.perSecond)
      if gained >= 1 {
        left = gained >= Double(rate.burst) ? rate.burst : min(rate.burst, left + Int(gained))
        filled = now
      }
    } else {
      filled = now
    }
    if left == 0 { return false }
    left -= 1
    return true
  }
}
