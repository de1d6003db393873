// A domain as its callers see it: commands in, answers out, queries beside.

public import Bytes
public import Database
public import Log
import Runtime

/// A running domain.
public final class DomainService<Deciding: Domain>: RunningProjection, Sendable {
  private struct State: ~Copyable {
    var shards: [Shard<Deciding>] = []
    var tasks: [Task<Void, Never>] = []
    /// Who waits for the tables to be exchanged; nil when they are not.
    var waiting: [Waiter<Void>]?
    var isClosed = false
  }

  /// The domain's name.
  public var name: ProjectionName { domain.name }
  var version: Int { domain.version }
  var followsOwnLog: Bool { true }
  private let domain: Deciding
  private let source: any EventSource
  let tables: OpenTables
  private let makeShards: @Sendable () -> [Shard<Deciding>]
  private let state = Locked(State())
  /// Exchanging tables and closing, one after the other.
  private let turns = TurnQueue()

  /// - Parameter makeShards: a shard for each partition, on the tables in use.
  init(
    _ domain: Deciding, tables: OpenTables, source: any EventSource,
    makeShards: @escaping @Sendable () -> [Shard<Deciding>]
  ) {
    self.domain = domain
    self.source = source
    self.tables = tables
    self.makeShards = makeShards
  }

  /// Starts the shards, and waits until their tables are up to the log.
  func start() async {
    let shards = makeShards()
    var tasks: [Task<Void, Never>] = []
    for shard in shards {
      await shard.begin()
      tasks.append(tables.loop.spawn { await shard.run() })
    }
    let waiting = state.withLock { state in
      state.shards = shards
      state.tasks = tasks
      defer { state.waiting = nil }
      return state.waiting ?? []
    }
    for waiter in waiting { waiter.resume() }
  }

  /// Ends the shards: commands that wait are still decided.
  private func endShards() async {
    let (shards, tasks) = state.withLock { state in
      defer { state.tasks = [] }
      return (state.shards, state.tasks)
    }
    for shard in shards { shard.close() }
    for task in tasks { await task.value }
  }

  // MARK: Commands

  /// Has a command decided. When this returns, what it did is durable and in the tables.
  ///
  /// - Parameters:
  ///   - command: what is to be done.
  ///   - id: names the command, so that asking again after a lost answer gives the first answer and does nothing
  ///     more; kept for a day.
  @discardableResult
  public func submit(
    _ command: Deciding.Command, id: ByteBuffer? = nil
  ) async throws(CommandError<Deciding.Refusal>) -> Accepted<Deciding.Reply> {
    while true {
      let shard = await shard(for: command)
      do throws(CommandError<Deciding.Refusal>) {
        return try await shard.submit(command, id: id)
      } catch .unavailable(.closed, isCertain: true) where !state.withLock({ $0.isClosed }) {
        // The tables are being exchanged, and there will be another shard.
        continue
      }
    }
  }

  private func shard(for command: Deciding.Command) async -> Shard<Deciding> {
    await suspend { (waiter: Waiter<Void>) in
      let mustWait = state.withLock { state in
        state.waiting?.append(waiter)
        return state.waiting != nil
      }
      if !mustWait { waiter.resume() }
    }
    let shards = state.withLock { $0.shards }
    if shards.count == 1 { return shards[0] }
    return shards[KeyPartitioning.index(of: domain.key(of: command), partitions: shards.count)]
  }

  // MARK: Queries

  /// Runs a query on a snapshot of the tables.
  ///
  /// - Parameters:
  ///   - position: what the snapshot must at least hold: the position of an answer.
  ///   - timeout: how long to wait for it.
  public func read<Output: Sendable>(
    atLeast position: PositionToken? = nil, timeout: Duration = .seconds(2),
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(QueryError) -> Output {
    try await tables.read(atLeast: position, timeout: timeout, body)
  }

  /// What changes in the tables from `position` on.
  public func changes(from position: PositionToken) throws(QueryError) -> ChangeFeed<Deciding> {
    guard tables.partitions.contains(position.partition) else { throw .foreignPosition(position) }
    return ChangeFeed(domain, tables, from: source, at: position)
  }

  /// Why commands are refused at present, by partition; empty when they are taken.
  public var setbacks: [PartitionID: EngineError] {
    // Those whose tables are being exchanged refuse nobody: callers wait.
    let shards = state.withLock { $0.waiting == nil ? $0.shards : [] }
    var setbacks: [PartitionID: EngineError] = [:]
    for shard in shards { setbacks[shard.partition.id] = shard.refusal }
    return setbacks
  }

  /// Why commands are refused at present, of the first partition where they are; nil when they are taken.
  public var refusal: EngineError? { setbacks.min { $0.key < $1.key }?.value }

  // MARK: Exchanging and ending

  func exchange(for generation: Generation, in models: any ReadModels) async throws(EngineError) {
    await turns.begin()
    defer { turns.end() }
    if state.withLock({ $0.isClosed }) { return }
    try await tables.exchange(for: generation, in: models, of: domain, from: source) {
      state.withLock { $0.waiting = [] }
      await endShards()
    } resume: {
      await start()
    }
  }

  func close() async throws(EngineError) {
    await turns.begin()
    defer { turns.end() }
    state.withLock { $0.isClosed = true }
    await endShards()
    try await tables.close()
  }
}

/// Why a query has no answer.
public enum QueryError: Error, Equatable, Sendable {
  /// The store said so.
  case database(DatabaseError)
  /// The tables are not as far as was asked, and did not come so far in time.
  case tooEarly(PositionToken, reached: LogOffset)
  /// The position is of another topic.
  case foreignPosition(PositionToken)
}

extension QueryError: CustomStringConvertible {
  /// One line for the caller.
  public var description: String {
    switch self {
    case .database(let error): "\(error)"
    case .tooEarly(let position, let reached):
      "the tables are at \(position.partition)@\(reached), \(position) was asked for: try again later"
    case .foreignPosition(let position): "\(position) is no position of this read model"
    }
  }
}
