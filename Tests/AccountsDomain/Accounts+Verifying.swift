// The law of the house for the accounts: what live traffic made of the tables and what the log makes are the same.

import Database
public import Log
public import Projections
public import Runtime

extension Accounts {
  /// Builds the tables anew from the log, and compares them with the live ones. No engine may be running.
  public func verification(
    of models: any ReadModels, _ log: EventLog, pool: BlockingPool
  ) async throws -> Verification {
    guard let current = try await models.current(of: name) else {
      throw Violation("\(name) has no tables")
    }
    let loop = try EventLoop.start(name: "verify", pool: pool)
    let live = try await models.open(current, on: loop)
    let generation = try await models.newGeneration(of: name, version: version)
    let replayed = try await models.open(generation, on: loop)
    let replay = try await Replay(self, from: LocalEventSource(log))
    // To nowhere: tables are never taken back, so this says where they are.
    let positions = try await replay.run(into: live, to: .offset(0))
    try await replay.run(into: replayed, to: .positions(positions))
    let verification = try await Verification(of: self, live: live, replayed: replayed)
    try await live.close()
    try await replayed.close()
    await loop.shutdown()
    try await models.drop(generation)
    return verification
  }
}
