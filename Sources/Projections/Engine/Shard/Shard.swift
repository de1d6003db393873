// A domain's commands, one partition of them. Takes what waits, decides and applies it in one transaction, appends
// the events as one durable batch, commits, and answers: Shard+Batch.swift has those steps. Here is how commands come
// in, and how the shard goes on after something went wrong.

import Bytes
import Database
import Log
import Runtime
import Telemetry

/// Decides the commands of one partition. Runs on its store's loop.
final class Shard<Deciding: Domain>: Sendable {
  typealias Failure = CommandError<Deciding.Refusal>
  typealias Answer = Result<Accepted<Deciding.Reply>, Failure>

  /// A command that waits for its answer.
  final class Pending: WaitingCommand, @unchecked Sendable {
    let command: Deciding.Command
    let waiter: Waiter<Answer>
    /// What became of it, when it was decided last. Touched by the shard alone.
    var outcome = Outcome.postponed

    init(
      _ command: Deciding.Command, id: ByteBuffer?, key: ByteBuffer, since: MonotonicInstant,
      waiter: Waiter<Answer>
    ) {
      self.command = command
      self.waiter = waiter
      super.init(id: id, key: key, since: since)
    }
  }

  /// The limits of a shard.
  struct Limits: Hashable, Sendable {
    /// How many commands may wait.
    var mailbox = Mailbox<WaitingCommand>.Limits()
    /// How many commands one transaction takes.
    var commandsPerBatch = 1024
    /// How many bytes of events one append takes; the topic may allow fewer.
    var bytesPerBatch = 512 << 10
    /// How often a transaction is tried again at once.
    var attemptsMaximum = 8
  }

  private struct State: ~Copyable {
    var mailbox: Mailbox<WaitingCommand>
    /// The shard, when it waits for commands.
    var idle: Waiter<Void>?
    /// What it waits for before it tries again, when something went wrong.
    var pause: Task<Void, Never>?
    /// Why commands are refused; nil when they are taken.
    var refusal: EngineError?
    var isClosing = false
  }

  let domain: Deciding
  let partition: Partition
  let limits: Limits
  let time: any TimeSource
  let random: any RandomSource
  let logger: Logger
  let metrics: ProjectionCounts
  private let state: Locked<State>
  /// Touched on the store's loop only.
  let follower: Confined<PartitionFollower<Deciding>>

  /// The longest id of a command.
  static var identifierBytesMaximum: Int { 128 }

  init(
    _ domain: Deciding, of partition: Partition, following follower: PartitionFollower<Deciding>,
    limits: Limits, time: any TimeSource, random: any RandomSource, logger: Logger, metrics: ProjectionCounts
  ) {
    self.domain = domain
    self.partition = partition
    self.limits = limits
    self.time = time
    self.random = random
    self.logger = logger
    self.metrics = metrics
    self.follower = Confined(follower)
    state = Locked(State(mailbox: Mailbox(limits.mailbox)))
  }

  // MARK: Commands come in

  /// Has a command decided, and returns its answer. Cancelling the caller does not take the command back.
  func submit(
    _ command: Deciding.Command, id: ByteBuffer?
  ) async throws(Failure) -> Accepted<Deciding.Reply> {
    if let id, !(1...Self.identifierBytesMaximum).contains(id.count) {
      throw .badIdentifier(bytes: id.count, maximum: Self.identifierBytesMaximum)
    }
    let key = domain.key(of: command)
    let answer: Answer = await suspend { waiter in
      let pending = Pending(command, id: id, key: key, since: time.monotonic, waiter: waiter)
      let (refusal, idle) = state.withLock { state -> (Failure?, Waiter<Void>?) in
        if let error = state.refusal { return (.unavailable(error, isCertain: true), nil) }
        if case .full(let ofKey, let maximum) = state.mailbox.add(pending, key: key) {
          return (.overloaded(ofKey: ofKey, maximum: maximum), nil)
        }
        defer { state.idle = nil }
        return (nil, state.idle)
      }
      if let refusal { waiter.resume(returning: .failure(refusal)) }
      idle?.resume()
    }
    return try answer.get()
  }

  /// Waits for commands and takes as many as one transaction may have; nil when the shard is closing and none are left.
  private func nextBatch() async -> [WaitingCommand]? {
    while true {
      let (batch, isClosing) = state.withLock { state in
        (state.mailbox.take(limits.commandsPerBatch), state.isClosing)
      }
      if !batch.isEmpty { return batch }
      if isClosing { return nil }
      await suspend { (waiter: Waiter<Void>) in
        let mustWait = state.withLock { state in
          if !state.mailbox.isEmpty || state.isClosing { return false }
          state.idle = waiter
          return true
        }
        if !mustWait { waiter.resume() }
      }
    }
  }

  // MARK: Running

  /// Brings the tables up to the log, then decides commands until the shard is closed. On the store's loop.
  func run() async {
    var setback: Setback?
    while true {
      do throws(EngineError) {
        try await follower.value.catchUp()
        setback = nil
        // What others appended to the topic has been applied; from here on the shard alone decides.
        takeCommands()
        while let batch = await nextBatch() { try await process(batch) }
        return
      } catch {
        var next = Setback(error, after: setback)
        if await !rest(after: &next) { return }
        setback = next
      }
    }
  }

  /// Brings the tables up to the log for the first time. On the store's loop afterwards, `run` goes on from there.
  func begin() async {
    await follower.value.store.loop.run { [self] in
      do throws(EngineError) {
        try await follower.value.catchUp()
      } catch {
        state.withLock { $0.refusal = error }
      }
    }
  }

  /// Refuses commands for as long as the reason lasts; false when the shard is to end.
  private func rest(after setback: inout Setback) async -> Bool {
    let error = setback.cause
    let waiting = state.withLock { state in
      state.refusal = error
      return state.mailbox.drain()
    }
    for waiting in waiting {
      pending(waiting).waiter.resume(returning: .failure(.unavailable(error, isCertain: true)))
    }
    if setback.isNews {
      metrics.failures.increment()
      logger.error(
        "a projection has stopped",
        [
          "projection": .string(domain.name.text), "partition": .string(partition.id.description),
          "cause": .error(error),
        ])
    }
    while true {
      if state.withLock({ $0.isClosing }) { return false }
      await pause(for: setback.delay)
      if setback.mayTryAgain(skips: follower.value.skips) { return true }
    }
  }

  /// Waits so long, or until the shard is closed.
  private func pause(for delay: Duration) async {
    let pause = follower.value.store.loop.spawn { [time] in
      do throws(CancellationError) {
        try await time.sleep(for: delay)
      } catch {
        // Closed meanwhile: nothing more is to be waited for.
        return
      }
    }
    let isClosing = state.withLock { state in
      state.pause = pause
      return state.isClosing
    }
    if isClosing { pause.cancel() }
    await pause.value
  }

  /// A command of the mailbox as what this shard puts there.
  @inline(__always)
  func pending(_ waiting: WaitingCommand) -> Pending { unsafeDowncast(waiting, to: Pending.self) }

  private func takeCommands() {
    state.withLock { state in
      if !state.isClosing { state.refusal = nil }
    }
  }

  /// Why commands are refused now; nil when they are taken.
  var refusal: EngineError? { state.withLock { $0.refusal } }

  /// Takes no more commands; those that wait are still decided.
  func close() {
    let (idle, pause) = state.withLock { state -> (Waiter<Void>?, Task<Void, Never>?) in
      state.isClosing = true
      state.refusal = .closed
      defer { state.idle = nil }
      return (state.idle, state.pause)
    }
    pause?.cancel()
    idle?.resume()
  }
}
