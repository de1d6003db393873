// The loop and the threads that a command's tables need.

import Runtime

/// A loop for the length of a command.
enum TableLoop {
  /// Starts a loop, does `body` with it, and ends it.
  static func with<Result: Sendable>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
    let pool = try BlockingPool(name: "tables-pool", threads: 1, queueLimit: 64)
    let outcome: Swift.Result<Result, any Error>
    do {
      let loop = try EventLoop.start(name: "tables", pool: pool)
      do { outcome = .success(try await body(loop)) } catch { outcome = .failure(error) }
      await loop.shutdown()
    } catch {
      outcome = .failure(error)
    }
    await pool.shutdown()
    return try outcome.get()
  }
}
