// A domain as its callers see it: commands in, answers out, queries beside.

public import Bytes
public import Database
public import Log
import Runtime

/// A running domain.
public final class DomainService<Deciding: Domain>: RunningProjection, Sendable {
  /// The domain's name.
  public var name: ProjectionName { domain.name }
  private let domain: Deciding
  private let source: any EventSource
  let tables: OpenTables
  private let shards: [Shard<Deciding>]
  private let tasks = Locked<[Task<Void, Never>]>([])
  private let time: any TimeSource

  init(
    _ domain: Deciding, tables: OpenTables, shards: [Shard<Deciding>], source: any EventSource,
    time: any TimeSource
  ) {
    self.domain = domain
    self.source = source
    self.tables = tables
    self.shards = shards
    self.time = time
  }

  /// Starts the shards, and waits until their tables are up to the log.
  func start() async {
    let loop = tables.store.loop
    for shard in shards {
      await shard.begin()
      let task = loop.spawn { await shard.run() }
      tasks.withLock { $0.append(task) }
    }
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
    try await shard(for: command).submit(command, id: id)
  }

  private func shard(for command: Deciding.Command) -> Shard<Deciding> {
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
    var setbacks: [PartitionID: EngineError] = [:]
    for shard in shards { setbacks[shard.partition.id] = shard.refusal }
    return setbacks
  }

  /// Why commands are refused at present, of the first partition where they are; nil when they are taken.
  public var refusal: EngineError? { setbacks.min { $0.key < $1.key }?.value }

  // MARK: Ending

  func close() async throws(EngineError) {
    for shard in shards { shard.close() }
    let tasks = tasks.withLock { tasks in
      defer { tasks = [] }
      return tasks
    }
    for task in tasks { await task.value }
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
