// Time is injected: nothing in the house reads a clock directly, so a test or the simulator can own it.
// `SystemTime` is the real one; `ManualTime` stands still until it is told to move.

import Glibc

/// A point on a clock that only moves forward and starts anywhere.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's arbitrary beginning.
  public let nanoseconds: UInt64

  /// The instant `nanoseconds` after the clock's beginning.
  @inlinable
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Later than anything: a deadline that never passes.
  public static let never = MonotonicInstant(nanoseconds: .max)

  /// Earlier comes first.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The instant `duration` later, or the last one there is.
  @inlinable
  public func advanced(by duration: Duration) -> MonotonicInstant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return MonotonicInstant(nanoseconds: overflow ? .max : sum)
  }

  /// How long after `earlier` this is; zero when it is not after it.
  @inlinable
  public func since(_ earlier: MonotonicInstant) -> Duration {
    .nanoseconds(nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
  }
}

/// A moment of civil time.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public let nanoseconds: Int64

  /// The moment `nanoseconds` after 1970.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Whole milliseconds since 1970, rounded down.
  @inlinable
  public var milliseconds: Int64 {
    nanoseconds >= 0 ? nanoseconds / 1_000_000 : (nanoseconds - 999_999) / 1_000_000
  }

  /// Earlier comes first.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
  /// The duration in nanoseconds, zero when negative, capped at what 64 bits hold.
  @inlinable
  public var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || (seconds == 0 && attoseconds <= 0) { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return overflow || carry ? .max : sum
  }
}

/// Where the time comes from.
public protocol TimeSource: Sendable {
  /// The forward-only clock: for deadlines and durations.
  var monotonic: MonotonicInstant { get }
  /// The civil clock: for what people and protocols read. It may jump.
  var wall: Timestamp { get }
  /// Whether the clock stands still until it is moved by hand. Who sleeps by such a clock must not use the
  /// kernel's timers, but wait to hear from `onMove`.
  var isManual: Bool { get }
  /// Calls `body` each time the forward-only clock was moved by hand; never, when it moves by itself.
  func onMove(_ body: @escaping @Sendable () -> Void)
  /// Sleeps until `deadline`, on any executor.
  func sleep(until deadline: MonotonicInstant) async throws(CancellationError)
}

extension TimeSource {
  /// Clocks move by themselves, most of them.
  public var isManual: Bool { false }

  /// Nothing to call: the clock is not moved by hand.
  public func onMove(_ body: @escaping @Sendable () -> Void) {}

  /// Sleeps for `duration`, on any executor.
  public func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: monotonic.advanced(by: duration))
  }
}

/// The machine's clocks.
public struct SystemTime: TimeSource {
  /// The machine's clocks.
  public init() {}

  /// CLOCK_MONOTONIC.
  public var monotonic: MonotonicInstant {
    let now = read(CLOCK_MONOTONIC)
    return MonotonicInstant(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec))
  }

  /// CLOCK_REALTIME.
  public var wall: Timestamp {
    let now = read(CLOCK_REALTIME)
    return Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
  }

  /// Sleeps on the event loop that runs the caller, or with the concurrency library's timer elsewhere.
  public func sleep(until deadline: MonotonicInstant) async throws(CancellationError) {
    if let loop = EventLoop.current, !loop.time.isManual {
      return try await loop.sleep(until: deadline)
    }
    do {
      try await Task.sleep(for: deadline.since(monotonic))
    } catch {
      throw CancellationError()
    }
  }

  private func read(_ clock: clockid_t) -> timespec {
    var now = timespec()
    let result = clock_gettime(clock, &now)
    precondition(result == 0, "clock_gettime failed: the clock does not exist")
    return now
  }
}
