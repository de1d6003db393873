// What a projection does after something went wrong: tries again, ever more slowly, when the cause may pass by
// itself; stands still when only an operator can mend it.

import Database
import Log
import Runtime

/// The state of one partition's tables, between a failure and the next success.
struct Setback {
  /// How long to wait before the next attempt, at first and at most.
  static let firstDelay = Duration.milliseconds(20)
  static let lastDelay = Duration.seconds(5)

  let cause: EngineError
  /// Whether it has another cause than the one before it: what was said of that need not be said again.
  let isNews: Bool
  private(set) var delay: Duration

  /// - Parameter earlier: the setback before it, without a success in between: the delays go on from there.
  init(_ cause: EngineError, after earlier: Setback? = nil) {
    self.cause = cause
    isNews = earlier?.cause != cause
    delay = earlier?.delay ?? Self.firstDelay
  }

  /// Whether it is worth an attempt now, after the delay; if not, the next delay is longer.
  mutating func mayTryAgain(skips: SkipList) -> Bool {
    defer { delay = min(delay * 2, Self.lastDelay) }
    switch cause {
    // The event is still there; only an operator's decision changes that.
    case .stopped(let failure): return skips.contains(failure.partition, failure.offset.value)
    case .database(let error): return !error.isFaultOfRequest
    case .log, .file, .event, .thread: return true
    // The log of a node that shares its tables may be behind them, and come up.
    case .ahead: return true
    case .behind, .otherVersion, .damagedCatalogue, .noSnapshots, .unknown, .migration, .closed: return false
    }
  }
}
