// Who gives the commands: a few callers at once, each one command after the other. Some give a command twice at once,
// some ask for a command again that was answered.

import Bytes
import Database
import Log
public import Projections
import Runtime

/// One caller.
public struct AccountCaller: Sendable {
  /// What it asks.
  public let plan: AccountPlan
  /// Which life of the engine this is.
  public let life: Int
  /// Which caller.
  public let index: Int
  /// Asks again with the same id until it knows what became of a command; otherwise it stops where one fails.
  public var isPatient = false
  /// Hears of every answer; each may be told of more than once.
  public var onAnswer: @Sendable (String, AccountLedger.Fate) throws -> Void

  /// A caller whose commands follow from the plan, the life and the index.
  public init(
    _ plan: AccountPlan, life: Int, index: Int, isPatient: Bool = false,
    onAnswer: @escaping @Sendable (String, AccountLedger.Fate) throws -> Void
  ) {
    self.plan = plan
    self.life = life
    self.index = index
    self.isPatient = isPatient
    self.onAnswer = onAnswer
  }

  /// What became of an asking.
  private enum Outcome {
    case known(AccountLedger.Fate)
    /// The engine does not work; whether the command was done is known or not.
    case failed(EngineError, AccountLedger.Fate)
  }

  /// Opens the accounts, as every caller of every life does first.
  ///
  /// - Returns: why it had to stop; nil when it did not.
  public func open(_ accounts: DomainService<Accounts>) async throws -> EngineError? {
    for id in AccountPlan.openings {
      if let error = try await settle(id, accounts).failure { return error }
    }
    return nil
  }

  /// Gives so many commands.
  ///
  /// - Returns: why it had to stop; nil when it did not.
  public func run(
    _ accounts: DomainService<Accounts>, commands: Int
  ) async throws -> EngineError? {
    let random = SeededRandom(seed: plan.seed &+ UInt64(life) &* 1009 &+ UInt64(index))
    for number in 0..<commands {
      let id = AccountPlan.identifier(life: life, caller: index, number: number)
      let error: EngineError?
      switch random.next(below: 10) {
      case 0: error = try await twiceAtOnce(id, accounts)
      case 1:
        let first = try await settle(id, accounts)
        // One that was refused might be accepted now, which would be no contradiction.
        error = first.fate.isAccepted ? try await settle(id, accounts).failure : first.failure
      default: error = try await settle(id, accounts).failure
      }
      if let error { return error }
    }
    return nil
  }

  /// Asks until it knows, if it is patient.
  private func settle(
    _ id: String, _ accounts: DomainService<Accounts>
  ) async throws -> (failure: EngineError?, fate: AccountLedger.Fate) {
    while true {
      switch try await ask(id, accounts) {
      case .known(let fate):
        try onAnswer(id, fate)
        return (nil, fate)
      case .failed(let error, let fate):
        if !isPatient {
          try onAnswer(id, fate)
          return (error, fate)
        }
        // The engine says no at once while it rests; others are to run meanwhile.
        await Task.yield()
      }
    }
  }

  /// Two ask at once, as when a client loses patience. Either may be told no while the other is told yes.
  private func twiceAtOnce(
    _ id: String, _ accounts: DomainService<Accounts>
  ) async throws -> EngineError? {
    async let left = ask(id, accounts)
    async let right = ask(id, accounts)
    let outcomes = try await [left, right]
    var fates: [AccountLedger.Fate] = []
    var failure: EngineError?
    for outcome in outcomes {
      switch outcome {
      case .known(let fate): fates.append(fate)
      case .failed(let error, let fate):
        failure = error
        fates.append(fate)
      }
    }
    let accepted = fates.filter(\.isAccepted)
    if accepted.count == 2 && accepted[0] != accepted[1] {
      throw Violation("\(id), asked twice at once, was told \(accepted[0]) and \(accepted[1])")
    }
    if failure != nil && isPatient && accepted.isEmpty {
      return try await settle(id, accounts).failure
    }
    try onAnswer(id, accepted.first ?? (fates.contains(.unknown) ? .unknown : fates[0]))
    return isPatient ? nil : failure
  }

  private func ask(_ id: String, _ accounts: DomainService<Accounts>) async throws -> Outcome {
    do throws(CommandError<AccountRefusal>) {
      let answer = try await accounts.submit(plan.command(id), id: ByteBuffer(id))
      return .known(.accepted(answer.reply, next: answer.position.next.value))
    } catch {
      switch error {
      case .refused: return .known(.refused)
      case .overloaded: return .known(.absent)
      // What apply refuses is the command's own fault.
      case .unavailable(.database(let error), isCertain: true) where error.isFaultOfRequest:
        guard case .rename = plan.command(id) else { throw Violation("\(id) was called faulty: \(error)") }
        return .known(.refused)
      case .unavailable(let error, let isCertain): return .failed(error, isCertain ? .absent : .unknown)
      case .tooLarge, .badIdentifier: throw Violation("\(id) was answered: \(error)")
      }
    }
  }
}
