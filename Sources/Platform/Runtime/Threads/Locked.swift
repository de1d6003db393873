// A value behind a short lock. Between loops a lock held for tens of nanoseconds beats a hop that costs
// microseconds and a wake-up; never hold one across I/O, and never across an `await` (the closure is
// synchronous, so the compiler sees to that).

import Glibc

/// A value that only one thread sees at a time.
///
/// `@unchecked Sendable`: every access to `value` happens between lock and unlock of `mutex`. Unlike
/// `Synchronization.Mutex` it may hold raw pointers and other non-Sendable state without annotations.
public final class Locked<Value: ~Copyable>: @unchecked Sendable {
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  /// Puts `value` behind a lock of its own.
  public init(_ value: consuming Value) {
    self.value = value
    mutex.initialize(to: pthread_mutex_t())
    let result = pthread_mutex_init(mutex, nil)
    precondition(result == 0, "pthread_mutex_init failed with \(result)")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while no other thread can see the value.
  @inline(__always)
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
