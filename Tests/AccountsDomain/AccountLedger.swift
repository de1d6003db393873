// What callers were told, and the laws that log and tables must keep whatever happened: both are compared with it
// after every crash.

import Bytes
import Database
public import Log
public import Projections
import Records
import Wire

/// A law that was broken.
public struct Violation: Error, CustomStringConvertible, Sendable {
  /// Which, and how.
  public let description: String
  /// A violation that says `description`.
  public init(_ description: String) { self.description = description }
}

/// What became of the commands so far, as their callers know it.
public struct AccountLedger: Sendable {
  /// What a caller was told.
  public enum Fate: Equatable, Sendable {
    /// It was done, and this was answered.
    case accepted(Varve_Testing_V1_AccountReply, next: Int64)
    /// The domain said no.
    case refused
    /// The engine could not work, and did nothing.
    case absent
    /// It may have been done.
    case unknown

    /// Whether it was done.
    public var isAccepted: Bool { if case .accepted = self { true } else { false } }
  }

  /// By the commands' ids.
  public private(set) var fates: [String: Fate] = [:]

  /// Nothing was told yet.
  public init() {}

  /// The commands that were accepted.
  public var accepted: [String] {
    fates.filter(\.value.isAccepted).keys.sorted()
  }

  /// Notes what a caller was told. A command that is asked for again must be told the same, or that it cannot be told.
  public mutating func note(_ id: String, _ fate: Fate) throws(Violation) {
    switch (fates[id], fate) {
    case (.accepted?, .absent), (.accepted?, .unknown): return
    case (.accepted?, _) where fates[id] != fate:
      throw Violation("\(id) was told \(fates[id]!), and later \(fate)")
    // Of an asking before, it is still not known.
    case (.unknown?, .absent), (.unknown?, .refused): return
    default: fates[id] = fate
    }
  }

  // MARK: The laws

  /// Compares with what the log holds, after it was opened again; what is there is accepted from then on, and what
  /// is not will not come.
  ///
  /// - Returns: what the tables must hold.
  public mutating func settle(
    with log: EventLog, _ topic: TopicName, plan: AccountPlan
  ) throws -> AccountModel {
    let (model, answers) = try AccountModel.read(log, topic, plan: plan)
    for (id, fate) in fates {
      switch (fate, answers[id]) {
      case (.accepted(let reply, let next), let found?):
        guard found.reply == reply && found.next == next else {
          throw Violation("\(id) was answered \(reply) at \(next), and the log has \(found)")
        }
      case (.accepted, nil): throw Violation("\(id), accepted with \(fate), is not in the log")
      case (.absent, let found?), (.refused, let found?):
        throw Violation("\(id) was not done (\(fate)), and the log has it before \(found.next)")
      case (.unknown, nil): fates[id] = .absent
      case (.unknown, _?), (.absent, nil), (.refused, nil): break
      }
    }
    for (id, found) in answers { fates[id] = .accepted(found.reply, next: found.next) }
    return model
  }

  /// Asks for every accepted command again: it must be answered as the first time, and nothing may be done.
  public func askAgain(_ accounts: DomainService<Accounts>, plan: AccountPlan) async throws {
    let fates = fates
    let asked = accepted
    for group in stride(from: 0, to: asked.count, by: 500) {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for id in asked[group..<min(group + 500, asked.count)] {
          tasks.addTask {
            let again = try await accounts.submit(plan.command(id), id: ByteBuffer(id))
            let fate = Fate.accepted(again.reply, next: again.position.next.value)
            guard again.isRepeated && fate == fates[id] else {
              throw Violation("\(id) was told \(fates[id]!), and asked again \(again)")
            }
          }
        }
        try await tasks.waitForAll()
      }
    }
  }
}

/// What the log says the tables must hold.
public struct AccountModel: Equatable, Sendable {
  /// The balances.
  public private(set) var balances: [String: Int64] = [:]
  /// How many times money was moved.
  public private(set) var moves = 0
  /// The offset after the last event.
  public private(set) var next: Int64 = 0

  /// The answer to a command, as the log has it.
  struct Answer: Equatable, Sendable {
    let reply: Varve_Testing_V1_AccountReply
    let next: Int64
  }

  /// Reads all events, and holds them to what follows from them alone.
  static func read(
    _ log: EventLog, _ topic: TopicName, plan: AccountPlan
  ) throws -> (AccountModel, [String: Answer]) {
    var model = AccountModel()
    var answers: [String: Answer] = [:]
    var opened: Int64 = 0
    var reader = try log.topic(topic).partitions[0].reader(from: .beginning)
    while let batch = try reader.next() {
      for stored in try batch.records() {
        guard stored.offset == model.next else {
          throw Violation("after \(model.next - 1) comes \(stored.offset)")
        }
        model.next += 1
        func header(_ name: String) -> ByteBuffer? { stored.record.headers.first { $0.key == name }?.value }
        guard let command = header("varve_command"), let id = String(validating: command),
          let answer = header("varve_reply")
        else {
          throw Violation("the event at \(stored.offset) is of no command")
        }
        let reply = try Varve_Testing_V1_AccountReply(serializedBytes: answer)
        guard answers.updateValue(Answer(reply: reply, next: model.next), forKey: id) == nil else {
          throw Violation("\(id) was done twice, the second time at \(stored.offset)")
        }
        let type = header("ce_type").flatMap { String(validating: $0) }
        switch (plan.command(id), type) {
        case (.open(let account, let balance), "varve.testing.AccountOpened.v1"):
          guard model.balances.updateValue(balance, forKey: account) == nil else {
            throw Violation("\(account) was opened twice, the second time by \(id)")
          }
          opened += balance
        case (.move(let from, let to, let cents), "varve.testing.MoneyMoved.v2"):
          guard let source = model.balances[from], model.balances[to] != nil, source >= cents else {
            throw Violation("\(id) moved \(cents) from \(from) to \(to), of \(model.balances)")
          }
          model.balances[from] = source - cents
          model.balances[to, default: 0] += cents
          model.moves += 1
          guard reply.balance == source - cents else {
            throw Violation("\(id) left \(source - cents), and was told \(reply.balance)")
          }
        case (.ensure(let account), "varve.projections.CommandAnswered.v1"):
          guard reply.balance == model.balances[account] else {
            throw Violation("\(id) was told \(reply.balance) of \(model.balances)")
          }
        case (let command, _):
          throw Violation("\(id), \(command), gave \(type ?? "an event without a type") at \(stored.offset)")
        }
      }
    }
    guard model.balances.values.reduce(0, +) == opened else {
      throw Violation("\(opened) was paid in, and \(model.balances) is there")
    }
    return (model, answers)
  }

  /// Holds the tables to it.
  public func check(_ accounts: DomainService<Accounts>, _ topic: TopicName) async throws {
    let position = PositionToken(PartitionID(topic, 0), next: LogOffset(next))
    let balances = try await accounts.balances(atLeast: position)
    guard balances == self.balances else {
      throw Violation("the log makes \(self.balances), the tables have \(balances)")
    }
    let moves = try await accounts.read { tables throws(DatabaseError) in
      try await tables.first("SELECT count(*) FROM moves") { row throws(DatabaseError) in
        try row.take(Int.self)
      }
    }
    guard moves == self.moves else {
      throw Violation("the log has \(self.moves) moves, the tables \(moves ?? 0)")
    }
  }
}
