// A counting semaphore for threads, never for tasks: a task that waited here would stop its executor.

import CLinux
import Glibc

/// Counts what threads may take, and lets them sleep while there is nothing.
///
/// `@unchecked Sendable`: the C library makes every operation on a `sem_t` safe between threads, and the
/// pointer never changes.
public final class ThreadSemaphore: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  /// A semaphore that starts at zero.
  public init() {
    semaphore.initialize(to: sem_t())
    let result = sem_init(semaphore, 0, 0)
    precondition(result == 0, "sem_init failed")
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Adds one, and wakes a waiting thread if there is one.
  public func signal() {
    let result = sem_post(semaphore)
    precondition(result == 0, "sem_post failed: the count overflowed")
  }

  /// Takes one, sleeping until there is one.
  public func wait() {
    while sem_wait(semaphore) != 0 {
      precondition(errno == EINTR, "sem_wait failed")
    }
  }

  /// Takes one, sleeping until there is one or `timeout` has passed.
  ///
  /// - Returns: whether it took one.
  @discardableResult
  public func wait(for timeout: Duration) -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let (seconds, nanoseconds) = (min(timeout.wholeNanoseconds, .max / 2) + UInt64(now.tv_nsec))
      .quotientAndRemainder(dividingBy: 1_000_000_000)
    let deadline = Int64(now.tv_sec) + Int64(min(seconds, UInt64(Int32.max)))
    while clinux_semaphore_wait_until(semaphore, deadline, Int64(nanoseconds)) != 0 {
      if clinux_errno() == ETIMEDOUT { return false }
      precondition(clinux_errno() == EINTR, "sem_clockwait failed")
    }
    return true
  }
}
