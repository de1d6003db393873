// The one way a task of this module goes to sleep. A debug build uses checked continuations, which report
// a waiter that is forgotten or resumed twice; a release build saves their allocation and 100 ns.

#if DEBUG
  typealias Waiter<Output> = CheckedContinuation<Output, Never>
#else
  typealias Waiter<Output> = UnsafeContinuation<Output, Never>
#endif

/// Suspends the task until the waiter given to `body` is resumed, which must happen exactly once.
@inline(__always)
func suspend<Output: Sendable>(_ body: (Waiter<Output>) -> Void) async -> Output {
  #if DEBUG
    await withCheckedContinuation(body)
  #else
    // The form that does not switch executors before it suspends, which costs 40 of 260 ns: the executor is
    // the same before and after.
    await _unsafeInheritExecutor_withUnsafeContinuation(body)
  #endif
}
