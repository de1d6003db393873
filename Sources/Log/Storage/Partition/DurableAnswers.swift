// Resuming a caller costs about as much as writing for it. The writer thread therefore hands each loop the
// callers that are its own, and begins the next write while the loops resume them.

import Runtime
import Telemetry

/// The answers to callers whose records have become durable.
struct DurableAnswers {
  private let waiters: ContiguousArray<DurableWaiter>
  private let now: MonotonicInstant
  private let seconds: Histogram

  /// - Parameters:
  ///   - now: when their records became durable.
  ///   - seconds: where the time that each waited is noted.
  init(_ waiters: ContiguousArray<DurableWaiter>, at now: MonotonicInstant, seconds: Histogram) {
    self.waiters = waiters
    self.now = now
    self.seconds = seconds
  }

  /// Answers everyone: those on loops there, the others here.
  func give() {
    var groups: ContiguousArray<(loop: EventLoop, waiters: ContiguousArray<DurableWaiter>)> = []
    EventLoop.wakingOnce {
      for waiter in waiters {
        guard let loop = waiter.loop else {
          Self.resume(waiter, now, seconds)
          continue
        }
        if let index = groups.firstIndex(where: { $0.loop === loop }) {
          groups[index].waiters.append(waiter)
        } else {
          groups.append((loop, [waiter]))
        }
      }
      for (loop, waiters) in groups {
        let (now, seconds) = (now, seconds)
        let isTaken = loop.post { _ in for waiter in waiters { Self.resume(waiter, now, seconds) } }
        precondition(isTaken, "a loop outlives the tasks on it")
      }
    }
  }

  private static func resume(_ waiter: DurableWaiter, _ now: MonotonicInstant, _ seconds: Histogram) {
    seconds.observe(now.since(waiter.since))
    waiter.waiter.resume(returning: .appended(waiter.receipt))
  }
}
