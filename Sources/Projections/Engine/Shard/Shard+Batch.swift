// The write path: the five steps of one batch of commands. Whatever fails before the events are durable leaves
// nothing behind; whatever fails after is made good from the log.

import Bytes
import Database
import Log
import Records
import Runtime
import Telemetry
import Wire

extension Shard {
  /// What became of one command.
  enum Outcome {
    case accepted(Deciding.Reply, next: Int64, isRepeated: Bool)
    case refused(Failure)
    /// There was no more room in the batch: it is decided in the next one.
    case postponed

    var isPostponed: Bool { if case .postponed = self { true } else { false } }
  }

  /// A batch of commands, decided and applied, and not yet durable.
  struct DecidedBatch {
    var records: [Record] = []
    var bytes = 0
    /// The offset after the last event.
    var next: Int64
    var newestTime: Int64
    /// The next command did not fit.
    var isFull = false
    var isDurable = false
  }

  /// Decides a batch and answers its callers, all of them. Throws when the shard cannot go on.
  func process(_ batch: [WaitingCommand]) async throws(EngineError) {
    var commands = batch
    while !commands.isEmpty {
      let setback = await settle(commands)
      answer(commands)
      commands = commands.filter { pending($0).outcome.isPostponed }
      if let setback {
        refuse(commands, setback, isCertain: true)
        answer(commands)
        throw setback
      }
    }
  }

  /// Tells callers what became of their commands.
  private func answer(_ commands: [WaitingCommand]) {
    let now = time.monotonic
    var (accepted, refused, next) = (0, 0, 0)
    while next < commands.count {
      let some = next..<min(next + Self.answersAtOnce, commands.count)
      // Callers are on a few loops, each of which is woken once for some of its own: not once for each, and not
      // only when all have been answered.
      EventLoop.wakingOnce {
        for index in some {
          let pending = pending(commands[index])
          switch pending.outcome {
          case .postponed: continue
          case .accepted(let reply, let next, let isRepeated):
            let position = PositionToken(partition.id, next: LogOffset(next))
            pending.waiter.resume(
              returning: .success(Accepted(reply: reply, position: position, isRepeated: isRepeated)))
            accepted += 1
          case .refused(let refusal):
            pending.waiter.resume(returning: .failure(refusal))
            refused += 1
          }
          metrics.commandSeconds.observe(now.since(pending.since))
        }
      }
      next = some.upperBound
    }
    metrics.accepted.increment(by: UInt64(accepted))
    metrics.refused.increment(by: UInt64(refused))
  }

  private static var answersAtOnce: Int { 16 }

  /// Finds out what becomes of the commands, by as many attempts as it takes.
  ///
  /// - Returns: why the shard cannot go on now, when it cannot: what it did is done all the same.
  private func settle(_ commands: [WaitingCommand]) async -> EngineError? {
    var attempts = 0
    while true {
      attempts += 1
      do throws(EngineError) {
        return try await attempt(commands)
      } catch {
        switch error {
        case .log(.conflict):
          // Somebody else appended: what they did is applied first.
          do throws(EngineError) {
            try await follower.value.catchUp()
          } catch {
            refuse(commands, error)
            return error
          }
          if attempts < limits.attemptsMaximum { continue }
        case .database(let error) where error.isTransient:
          if attempts < limits.attemptsMaximum { continue }
        case .database(let error) where error.isFaultOfRequest:
          // One of them is at fault, and the others are not to suffer for it.
          if commands.count > 1 { return await settleHalves(of: commands) }
          refuse(commands, .database(error))
          return nil
        case .log(.batchTooLarge(let bytes, let maximum)) where commands.count == 1:
          pending(commands[0]).outcome = .refused(.tooLarge(bytes: bytes, maximum: maximum))
          return nil
        case .log(.batchTooLarge), .log(.recordTooLarge):
          if commands.count > 1 { return await settleHalves(of: commands) }
          refuse(commands, error)
          return nil
        default: break
        }
        refuse(commands, error)
        return error
      }
    }
  }

  private func settleHalves(of commands: [WaitingCommand]) async -> EngineError? {
    let middle = commands.count / 2
    let (first, rest) = (Array(commands[..<middle]), Array(commands[middle...]))
    let setback = await settle(first)
    if setback != nil || first.contains(where: { pending($0).outcome.isPostponed }) {
      // After the first half, as always.
      for command in rest { pending(command).outcome = .postponed }
      return setback
    }
    return await settle(rest)
  }

  private func refuse(_ commands: [WaitingCommand], _ error: EngineError) {
    // A log that could not sync may still hold what it was given, and show it when it is opened again.
    let isCertain = if case .log(.stopped) = error { false } else { true }
    refuse(commands, error, isCertain: isCertain)
  }

  private func refuse(_ commands: [WaitingCommand], _ error: EngineError, isCertain: Bool) {
    for command in commands {
      pending(command).outcome = .refused(.unavailable(error, isCertain: isCertain))
    }
  }

  // MARK: The five steps

  /// Does all five.
  ///
  /// - Returns: why the shard cannot go on, when the events are durable and the tables could not be made to show them.
  private func attempt(_ commands: [WaitingCommand]) async throws(EngineError) -> EngineError? {
    let follower = follower.value
    var decided = DecidedBatch(next: follower.next, newestTime: follower.newestTime)
    do throws(EngineError) {
      try await follower.store.write(orThrow: EngineError.database) { tables throws(EngineError) in
        decided = DecidedBatch(next: follower.next, newestTime: follower.newestTime)
        do throws(DatabaseError) {
          try await self.decide(commands, into: &decided, tables)
          // A write that was refused must be known before its event is durable.
          try await tables.settle()
        } catch {
          throw .database(error)
        }
        if decided.records.isEmpty { return }
        try await self.append(decided)
        decided.isDurable = true
        do throws(DatabaseError) {
          try EngineTables.setPosition(self.partition.id, decided.next, tables.writer)
        } catch {
          throw .database(error)
        }
      }
    } catch {
      guard decided.isDurable else { throw error }
      // The events happened; only the tables do not show them yet. The log has them.
      logger.warning(
        "the tables are brought up to the log after a failed commit",
        ["projection": .string(domain.name.text), "cause": .error(error)])
      return await makeGood()
    }
    if !decided.records.isEmpty {
      follower.noteWritten(reached: decided.next, time: decided.newestTime)
      metrics.batchCommands.observe(UInt64(commands.count))
    }
    return nil
  }

  /// Brings the tables up to a batch whose events are durable, though its transaction failed.
  private func makeGood() async -> EngineError? {
    do throws(EngineError) {
      try await follower.value.catchUp()
      return nil
    } catch {
      logger.error(
        "the tables could not be brought up to the log",
        ["projection": .string(domain.name.text), "cause": .error(error)])
      // Nothing may be decided on tables that do not show what was done.
      return error
    }
  }

  private func decide(
    _ commands: [WaitingCommand], into batch: inout DecidedBatch, _ tables: Tables
  ) async throws(DatabaseError) {
    let position = try await EngineTables.lockPosition(partition.id, tables)
    batch.next = position
    for command in commands {
      let pending = pending(command)
      // Not before one of the same key that came earlier.
      if batch.isFull {
        pending.outcome = .postponed
        continue
      }
      if let id = pending.id, let earlier = try await EngineTables.answer(id, tables.reader) {
        pending.outcome = try repeated(earlier)
        continue
      }
      let now = max(time.wall.milliseconds, batch.newestTime)
      let context = DecisionContext(now: now, random: random)
      switch try await domain.decide(pending.command, in: context, reading: tables.reader) {
      case .refused(let refusal): pending.outcome = .refused(.refused(refusal))
      case .accepted(let facts, let reply):
        try take(facts, reply, of: pending, at: now, into: &batch, tables.writer)
        try await tables.settleIfFull()
      }
    }
  }

  private func repeated(_ earlier: EngineTables.Answer) throws(DatabaseError) -> Outcome {
    do throws(ProtobufError) {
      return .accepted(
        try Deciding.Reply(serializedBytes: earlier.reply), next: earlier.nextOffset, isRepeated: true)
    } catch {
      throw .inconsistent(
        reason: "the answer of an earlier command is no \(Deciding.Reply.protoMessageName): \(error)")
    }
  }

  /// Applies a command's events and notes their records, unless the batch has no room for them.
  private func take(
    _ facts: [Fact<Deciding.Event>], _ reply: Deciding.Reply, of pending: Pending, at now: Int64,
    into batch: inout DecidedBatch, _ tables: TableWriter
  ) throws(DatabaseError) {
    // Nothing happened and nobody will ask again: nothing to remember.
    if facts.isEmpty && pending.id == nil {
      pending.outcome = .accepted(reply, next: batch.next, isRepeated: false)
      return
    }
    let encoded: EncodedCommand
    do throws(ProtobufError) {
      encoded = try EncodedCommand(facts, reply, id: pending.id, key: pending.key, at: now)
    } catch {
      throw .inconsistent(reason: "an event cannot be encoded: \(error)")
    }
    if batch.bytes > 0 && batch.bytes + encoded.bytes > limits.bytesPerBatch {
      pending.outcome = .postponed
      batch.isFull = true
      return
    }
    // A command that changes nothing, but is to be remembered, has one record and no event.
    for index in encoded.records.indices {
      let place = EventPlace(partition: partition.id.index, offset: batch.next, time: now)
      if index < facts.count { try domain.apply(facts[index].event, at: place, to: tables) }
      if let id = pending.id, let reply = encoded.reply, index == encoded.records.count - 1 {
        try EngineTables.write(.answer(reply, to: id, place), tables)
      }
      if EngineTables.isPruned(at: place) { try EngineTables.write(.pruning(place), tables) }
      batch.records.append(encoded.records[index])
      batch.next += 1
    }
    batch.bytes += encoded.bytes
    batch.newestTime = now
    pending.outcome = .accepted(reply, next: batch.next, isRepeated: false)
  }

  private func append(_ batch: DecidedBatch) async throws(EngineError) {
    let first = LogOffset(batch.next - Int64(batch.records.count))
    do throws(LogError) {
      try await partition.append(batch.records, AppendOptions(conditions: [.nextOffset(first)]))
    } catch {
      throw .log(error)
    }
  }
}
