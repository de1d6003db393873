// The one way a task goes to sleep until somebody resumes it by hand. A debug build uses checked continuations, which report
// a waiter that is forgotten or resumed twice; a release build saves their allocation and 100 ns.

#if DEBUG
  /// Who waits: resume it exactly once.
  public typealias Waiter<Output> = CheckedContinuation<Output, Never>
#else
  /// Who waits: resume it exactly once.
  public typealias Waiter<Output> = UnsafeContinuation<Output, Never>
#endif

/// Suspends the task until the waiter given to `body` is resumed, which must happen exactly once.
@inlinable
@inline(__always)
public func suspend<Output: Sendable>(_ body: (Waiter<Output>) -> Void) async -> Output {
  #if DEBUG
    await withCheckedContinuation(body)
  #else
    // The form that does not switch executors before it suspends, which costs 40 of 260 ns: the executor is
    // the same before and after.
    await _unsafeInheritExecutor_withUnsafeContinuation(body)
  #endif
}
