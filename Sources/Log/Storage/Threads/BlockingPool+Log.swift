// The one way that work on a log that may wait for a disk goes to the pool.

public import Runtime

extension BlockingPool {
  /// Runs work of the log on a thread of the pool; the caller waits its turn when all are busy.
  public func perform<Output: Sendable>(
    _ work: @escaping @Sendable () throws(LogError) -> Output
  ) async throws(LogError) -> Output {
    try await perform(whenFull: .wait, refusal: { LogError.notRun($0) }, work)
  }
}
