// What a loop says of itself. Counted by the loop's thread, published once a turn.

/// What a loop has done so far, as of its last turn.
public struct EventLoopStatistics: Hashable, Sendable {
  /// Calls to epoll_wait.
  public var turns: UInt64 = 0
  /// Jobs run: pieces of tasks between two suspensions.
  public var jobs: UInt64 = 0
  /// Events taken from the kernel.
  public var events: UInt64 = 0
  /// Events of descriptors that were closed in the meantime.
  public var staleEvents: UInt64 = 0
  /// Timers that fired.
  public var timersFired: UInt64 = 0
  /// Jobs that went to the end of the queue after using up their share of calls.
  public var yields: UInt64 = 0
  /// Time spent running jobs, in nanoseconds.
  public var busyNanoseconds: UInt64 = 0
  /// The longest time the loop was away from the kernel, in nanoseconds.
  public var turnNanosecondsMaximum: UInt64 = 0
  /// The latest that a timer fired after its deadline, in nanoseconds: the loop's lag.
  public var timerLagNanosecondsMaximum: UInt64 = 0
  /// Timers set now.
  public var timers = 0
  /// Tasks that started with `spawn` and have not ended.
  public var tasks = 0
  /// Sockets watched now, listeners included.
  public var sockets = 0
}
