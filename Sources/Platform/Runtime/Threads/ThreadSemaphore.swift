// A counting semaphore for threads, never for tasks: a task that waited here would stop its executor.

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
}
