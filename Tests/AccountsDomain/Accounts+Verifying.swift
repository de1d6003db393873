// The law of the house for the accounts: what live traffic made of the tables and what the log makes are the same.

public import Log
public import Projections
public import Runtime

extension Accounts {
  /// Builds the tables anew from the log, and compares them with the live ones.
  public func verification(
    of models: any ReadModels, _ log: EventLog, pool: BlockingPool
  ) async throws -> Verification {
    let loop = try EventLoop.start(name: "verify", pool: pool)
    let outcome: Result<Verification, EngineError>
    do throws(EngineError) {
      outcome = .success(try await models.verify(self, from: LocalEventSource(log), on: loop))
    } catch {
      outcome = .failure(error)
    }
    await loop.shutdown()
    return try outcome.get()
  }
}
