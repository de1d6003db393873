// Everything that log and tables are held to after a crash, in one go.

import Database
public import Log
public import Projections
public import Runtime

extension AccountLedger {
  /// Opens the engine on a log that was opened after a crash, and holds log, tables and answers to what was told.
  public mutating func check(
    _ log: EventLog, _ models: any ReadModels, _ domain: Accounts, plan: AccountPlan, pool: BlockingPool
  ) async throws {
    let partition = try log.topic(domain.topic).partitions[0]
    guard partition.standing == .open else { throw Violation("the log opened as \(partition.standing)") }
    let model = try settle(with: log, domain.topic, plan: plan)
    let engine = ProjectionEngine(ProjectionEngine.Configuration(readModels: models), log: log, pool: pool)
    do {
      let accounts = try await engine.open(domain)
      if let refusal = accounts.refusal { throw refusal }
      try await check(accounts, model, domain.topic, plan: plan)
      guard partition.extent().end.value == model.next else {
        throw Violation("asking again made \(partition.extent().end.value - model.next) events")
      }
    } catch {
      try await engine.close()
      throw error
    }
    try await engine.close()
    let verification = try await domain.verification(of: models, log, pool: pool)
    if let table = verification.tables.first(where: { !$0.isSame }) {
      throw Violation("live and replayed differ: \(table)")
    }
  }

  /// Holds the tables to the model, and the answers to what was told.
  public func check(
    _ accounts: DomainService<Accounts>, _ model: AccountModel, _ topic: TopicName, plan: AccountPlan
  ) async throws {
    try await model.check(accounts, topic)
    try await askAgain(accounts, plan: plan)
  }
}
