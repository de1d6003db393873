// Keeps a warning that would be written a thousand times a second to once an interval, and counts what was
// held back. One limit belongs to one place in the code.

public import Runtime
import Synchronization

/// Lets one event an interval through.
public final class RepeatLimit: Sendable {
  private let interval: Duration
  private let time: any TimeSource
  private let nextNanoseconds = Atomic<UInt64>(0)
  private let suppressed = Atomic<UInt64>(0)

  /// A limit of one event every `interval`.
  public init(every interval: Duration, time: some TimeSource = SystemTime()) {
    precondition(interval > .zero, "a repeat limit needs an interval")
    self.interval = interval
    self.time = time
  }

  /// Nil when the event is to be held back; otherwise how many were held back since the last that was not.
  public func admit() -> UInt64? {
    let now = time.monotonic
    let next = nextNanoseconds.load(ordering: .relaxed)
    if now.nanoseconds >= next {
      let after = now.advanced(by: interval).nanoseconds
      // Of several threads that see the interval end, the one that moves it on speaks.
      if nextNanoseconds.compareExchange(expected: next, desired: after, ordering: .relaxed).exchanged {
        return suppressed.exchange(0, ordering: .relaxed)
      }
    }
    suppressed.wrappingAdd(1, ordering: .relaxed)
    return nil
  }
}
