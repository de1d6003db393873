// How one task tells another on the same loop that something has changed. Who waits is a sleeper of the loop like any
// other: it is woken, or its time comes, or it is cancelled, whichever is first.

/// Where one task at a time waits on its loop until it is woken.
///
/// A wake-up is not kept for later: look whether there is anything to wait for, then wait, with nothing between.
///
/// `@unchecked Sendable`: used on its loop only; each call checks that.
public final class LoopSignal: @unchecked Sendable {
  /// How a wait ended.
  public enum Outcome: Hashable, Sendable {
    /// Somebody called `wake`.
    case woken
    /// The deadline passed.
    case timedOut
    /// The task was cancelled, or the loop is stopping.
    case cancelled
  }

  private let loop: EventLoop
  /// Who waits; zero for nobody.
  private var serial: UInt64 = 0

  /// Nobody waits on `loop` yet.
  public init(_ loop: EventLoop) { self.loop = loop }

  /// Whether a task waits.
  public var isAwaited: Bool { serial != 0 }

  /// Waits until `wake` is called, or `deadline` passes, or the task is cancelled.
  public func wait(until deadline: MonotonicInstant) async -> Outcome {
    precondition(loop.isCurrent, "a signal is waited for on its loop")
    precondition(serial == 0, "one task at a time waits for a signal")
    if loop.core.pointee.isStopping || Task.isCancelled { return .cancelled }
    if deadline <= loop.now { return .timedOut }
    loop.core.pointee.nextSerial &+= 1
    serial = loop.core.pointee.nextSerial
    let outcome = await loop.lieDown(serial, until: deadline)
    serial = 0
    switch outcome {
    case .ready: return .woken
    case .timedOut: return .timedOut
    case .cancelled, .draining: return .cancelled
    }
  }

  /// Wakes the task that waits, if one does.
  public func wake() {
    precondition(loop.isCurrent, "a signal is given on its loop")
    if serial != 0 { loop.finishSleep(serial, .ready) }
  }
}
