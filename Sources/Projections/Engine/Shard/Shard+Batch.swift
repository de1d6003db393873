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
    var outcomes: [Outcome] = []
    var records: [Record] = []
    var bytes = 0
    /// The offset after the last event.
    var next: Int64
    var newestTime: Int64
    /// The next command did not fit.
    var isFull = false
    var isDurable = false
  }

  /// What became of commands.
  struct Decided {
    /// Of each.
    var outcomes: [Outcome]
    /// Why the shard cannot go on now, when it cannot: what it did is done all the same.
    var setback: EngineError?
  }

  /// Decides a batch and answers its callers, all of them. Throws when the shard cannot go on.
  func process(_ batch: [Pending]) async throws(EngineError) {
    var commands = batch
    while !commands.isEmpty {
      let decided = await outcomes(of: commands)
      var postponed: [Pending] = []
      for (pending, outcome) in zip(commands, decided.outcomes) {
        switch outcome {
        case .accepted(let reply, let next, let isRepeated):
          let position = PositionToken(partition.id, next: LogOffset(next))
          answer(pending, .success(Accepted(reply: reply, position: position, isRepeated: isRepeated)))
        case .refused(let refusal): answer(pending, .failure(refusal))
        case .postponed: postponed.append(pending)
        }
      }
      if let setback = decided.setback {
        for pending in postponed { answer(pending, .failure(.unavailable(setback, isCertain: true))) }
        throw setback
      }
      commands = postponed
    }
  }

  private func answer(_ pending: Pending, _ answer: Answer) {
    metrics.commandSeconds.observe(time.monotonic.since(pending.since))
    switch answer {
    case .success: metrics.accepted.increment()
    case .failure: metrics.refused.increment()
    }
    pending.waiter.resume(returning: answer)
  }

  /// What becomes of the commands, after as many attempts as it takes.
  private func outcomes(of commands: [Pending]) async -> Decided {
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
            return Decided(outcomes: refusals(of: commands, error), setback: error)
          }
          if attempts < limits.attemptsMaximum { continue }
        case .database(let error) where error.isTransient:
          if attempts < limits.attemptsMaximum { continue }
        case .database(let error) where error.isFaultOfRequest:
          // One of them is at fault, and the others are not to suffer for it.
          if commands.count > 1 { return await halves(of: commands) }
          return Decided(outcomes: refusals(of: commands, .database(error)))
        case .log(.batchTooLarge(let bytes, let maximum)) where commands.count == 1:
          return Decided(outcomes: [.refused(.tooLarge(bytes: bytes, maximum: maximum))])
        case .log(.batchTooLarge), .log(.recordTooLarge):
          if commands.count > 1 { return await halves(of: commands) }
          return Decided(outcomes: refusals(of: commands, error))
        default: break
        }
        return Decided(outcomes: refusals(of: commands, error), setback: error)
      }
    }
  }

  private func halves(of commands: [Pending]) async -> Decided {
    let middle = commands.count / 2
    var decided = await outcomes(of: Array(commands[..<middle]))
    let rest = Array(commands[middle...])
    if decided.setback != nil || decided.outcomes.contains(where: \.isPostponed) {
      // After the first half, as always.
      decided.outcomes += rest.map { _ in .postponed }
      return decided
    }
    let second = await outcomes(of: rest)
    decided.outcomes += second.outcomes
    decided.setback = second.setback
    return decided
  }

  private func refusals(of commands: [Pending], _ error: EngineError) -> [Outcome] {
    // A log that could not sync may still hold what it was given, and show it when it is opened again.
    let isCertain = if case .log(.stopped) = error { false } else { true }
    return commands.map { _ in .refused(.unavailable(error, isCertain: isCertain)) }
  }

  // MARK: The five steps

  private func attempt(_ commands: [Pending]) async throws(EngineError) -> Decided {
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
      return await madeGood(decided)
    }
    if !decided.records.isEmpty {
      follower.noteWritten(reached: decided.next, time: decided.newestTime)
      metrics.batchCommands.observe(UInt64(commands.count))
    }
    return Decided(outcomes: decided.outcomes)
  }

  /// The outcomes of a batch whose events are durable, though its transaction failed.
  private func madeGood(_ decided: DecidedBatch) async -> Decided {
    do throws(EngineError) {
      try await follower.value.catchUp()
      return Decided(outcomes: decided.outcomes)
    } catch {
      logger.error(
        "the tables could not be brought up to the log",
        ["projection": .string(domain.name.text), "cause": .error(error)])
      // Nothing may be decided on tables that do not show what was done.
      return Decided(outcomes: decided.outcomes, setback: error)
    }
  }

  private func decide(
    _ commands: [Pending], into batch: inout DecidedBatch, _ tables: Tables
  ) async throws(DatabaseError) {
    let position = try await EngineTables.lockPosition(partition.id, tables)
    batch.next = position
    for pending in commands {
      // Not before one of the same key that came earlier.
      if batch.isFull {
        batch.outcomes.append(.postponed)
        continue
      }
      if let id = pending.id, let earlier = try await EngineTables.answer(id, tables.reader) {
        try batch.outcomes.append(repeated(earlier))
        continue
      }
      let now = max(time.wall.milliseconds, batch.newestTime)
      let context = DecisionContext(now: now, random: { [random] in random.next() })
      switch try await domain.decide(pending.command, in: context, reading: tables.reader) {
      case .refused(let refusal): batch.outcomes.append(.refused(.refused(refusal)))
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
      batch.outcomes.append(.accepted(reply, next: batch.next, isRepeated: false))
      return
    }
    let encoded: EncodedCommand
    do throws(ProtobufError) {
      encoded = try EncodedCommand(facts, reply, id: pending.id, key: pending.key, at: now)
    } catch {
      throw .inconsistent(reason: "an event cannot be encoded: \(error)")
    }
    if batch.bytes > 0 && batch.bytes + encoded.bytes > limits.bytesPerBatch {
      batch.outcomes.append(.postponed)
      batch.isFull = true
      return
    }
    var offset = batch.next
    // A command that changes nothing, but is to be remembered, has one record and no event.
    for index in encoded.records.indices {
      let place = EventPlace(partition: partition.id.index, offset: offset, time: now)
      if index < facts.count { try domain.apply(facts[index].event, at: place, to: tables) }
      if let id = pending.id, index == encoded.records.count - 1 {
        try EngineTables.write(.answer(encoded.reply, to: id, place), tables)
      }
      if EngineTables.isPruned(at: place) { try EngineTables.write(.pruning(place), tables) }
      offset += 1
    }
    batch.records += encoded.records
    batch.bytes += encoded.bytes
    batch.next = offset
    batch.newestTime = now
    batch.outcomes.append(.accepted(reply, next: offset, isRepeated: false))
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
