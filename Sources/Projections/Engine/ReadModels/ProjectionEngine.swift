// The projections of a node: each opened on a loop of its own, brought up to the log, and then either deciding
// commands or following. This is what the gateways get their domains from.

import Bytes
import Database
public import Log
public import Runtime
public import Telemetry

/// Opens and runs projections over one log.
public final class ProjectionEngine: Sendable {
  /// How the engine runs.
  public struct Configuration: Sendable {
    /// Where the tables are.
    public var readModels: any ReadModels
    /// When copies of the tables are taken, if they are in files, and how many are kept.
    public var snapshots = SnapshotPolicy()
    /// How many commands of a shard may wait.
    public var commandsWaitingMaximum = 4096
    /// How many of one key.
    public var commandsWaitingPerKeyMaximum = 1024

    /// With its tables in `readModels`.
    public init(readModels: any ReadModels) { self.readModels = readModels }
  }

  let configuration: Configuration
  let log: EventLog
  let pool: BlockingPool
  let time: any TimeSource
  let random: any RandomSource
  let logger: Logger
  let metrics: ProjectionMetrics
  let running: Locked<[any RunningProjection]>
  /// Which tables could not be taken over, and when that was tried.
  private let failedExchanges = Locked<[ProjectionName: (Generation, MonotonicInstant)]>([:])

  /// How long after a failed exchange the next is tried.
  private static let exchangeRetryInterval = Duration.seconds(30)

  /// - Parameters:
  ///   - configuration: where the tables are, and the limits.
  ///   - log: whose events they are made of.
  ///   - pool: where work that blocks runs.
  public init(
    _ configuration: Configuration, log: EventLog, pool: BlockingPool, time: any TimeSource = SystemTime(),
    random: any RandomSource = SystemRandom(), logger: Logger = .disabled,
    registry: MetricRegistry = MetricRegistry()
  ) {
    self.configuration = configuration
    self.log = log
    self.pool = pool
    self.time = time
    self.random = random
    self.logger = logger
    metrics = ProjectionMetrics(registry)
    running = Locked([])
    StandingMetrics.register(running, of: log, in: registry)
  }

  /// Opens a domain: when this returns, its tables are up to the log and it takes commands.
  public func open<Deciding: Domain>(_ domain: Deciding) async throws(EngineError) -> DomainService<Deciding>
  {
    let tables = try await openTables(of: domain, from: LocalEventSource(log))
    let partitions: [Partition]
    do throws(LogError) { partitions = try log.topic(domain.topic).partitions } catch { throw .log(error) }
    let service = DomainService(domain, tables: tables, source: LocalEventSource(log)) { [self] in
      partitions.map { shard(of: domain, $0, tables) }
    }
    await service.start()
    running.withLock { $0.append(service) }
    keepSnapshots(of: service)
    return service
  }

  /// Opens a projection that only follows.
  ///
  /// - Parameter source: the log it follows; this node's when none is given.
  public func follow<Followed: Projection>(
    _ projection: Followed, from source: (any EventSource)? = nil
  ) async throws(EngineError) -> FollowingService<Followed> {
    let events = source ?? LocalEventSource(log)
    let tables = try await openTables(of: projection, from: events)
    let service = FollowingService(
      projection, tables: tables, source: events, followsOwnLog: source == nil,
      time: time, logger: logger, metrics: metrics.counts(of: projection.name))
    await service.start()
    running.withLock { $0.append(service) }
    keepSnapshots(of: service)
    return service
  }

  /// Has a projection go past an event that it cannot take. The decision is an event itself: whoever rebuilds the
  /// projection goes past the same one.
  public func skip(
    _ projection: ProjectionName, past offset: LogOffset, of partition: PartitionID, reason: String
  ) async throws(EngineError) {
    let cause: String
    let service = running.withLock { $0.first { $0.name == projection } }
    do throws(DatabaseError) {
      cause =
        try await service?.tables.store.read { tables throws(DatabaseError) in
          try await EngineTables.failure(partition, tables)?.cause ?? ""
        } ?? ""
    } catch {
      throw .database(error)
    }
    do throws(LogError) {
      try await log.skip(past: offset, of: partition, in: projection, reason: reason, cause: cause)
    } catch {
      throw .log(error)
    }
    service?.tables.skips.add(partition, offset.value)
  }

  private func shard<Deciding: Domain>(
    of domain: Deciding, _ partition: Partition, _ tables: OpenTables
  ) -> Shard<Deciding> {
    let follower = PartitionFollower(
      EventApplication(projection: domain, partition: partition.id), into: tables.store,
      from: LocalEventSource(log), skips: tables.skips, watch: tables.watch(partition.id), time: time)
    var limits = Shard<Deciding>.Limits()
    limits.mailbox.total = configuration.commandsWaitingMaximum
    limits.mailbox.perKey = configuration.commandsWaitingPerKeyMaximum
    limits.bytesPerBatch = min(limits.bytesPerBatch, partition.settings.batchBytesMaximum)
    return Shard(
      domain, of: partition, following: follower, limits: limits, time: time, random: random, logger: logger,
      metrics: metrics.counts(of: domain.name))
  }

  /// Opens the current generation of a projection's tables, or makes the first.
  private func openTables(
    of projection: some Projection, from source: any EventSource
  ) async throws(EngineError) -> OpenTables {
    let models = configuration.readModels
    let loop: EventLoop
    do throws(NetworkError) {
      loop = try EventLoop.start(name: "tables-\(projection.name)", pool: pool, time: time)
    } catch {
      throw .thread(error)
    }
    do throws(EngineError) {
      let current = try await models.current(of: projection.name)
      let generation: Generation
      if let current {
        guard current.version == projection.version else {
          throw EngineError.otherVersion(
            projection.name, tables: current.version, program: projection.version)
        }
        generation = current
      } else {
        generation = try await models.firstGeneration(of: projection.name, version: projection.version)
        if let snapshots = models.snapshotStore, try snapshots.restore(generation) {
          logger.info("tables begin with a snapshot", ["projection": .string(projection.name.text)])
        }
      }
      return try await tables(of: projection, generation, isNew: current == nil, from: source, on: loop)
    } catch {
      await loop.shutdown()
      throw error
    }
  }

  /// Opens a generation, brings its tables to where the projection wants them, and makes a new one current.
  private func tables(
    of projection: some Projection, _ generation: Generation, isNew: Bool, from source: any EventSource,
    on loop: EventLoop
  ) async throws(EngineError) -> OpenTables {
    let store = try await configuration.readModels.open(generation, on: loop)
    do throws(EngineError) {
      try await Self.migrate(store, for: projection)
      if isNew { try await configuration.readModels.makeCurrent(generation) }
      let skips = try await SkipList.load(of: projection.name, from: LocalEventSource(log))
      let positions = try await Self.positions(
        in: store, of: try await source.partitionList(of: projection.topic))
      return OpenTables(
        OpenTables.Place(generation: generation, store: store), positions: positions, skips: skips, time: time
      )
    } catch let failure {
      // Why it failed says more than that it could not be closed after it either.
      do throws(DatabaseError) {
        try await store.close()
      } catch {
        logger.warning("tables could not be closed", ["cause": .error(error)])
      }
      throw failure
    }
  }

  /// Brings the tables of a store to where the projection wants them.
  ///
  /// - Parameter isBuilding: whether tables are being built from the log, whose indexes come last.
  static func migrate(
    _ store: Store, for projection: some Projection, isBuilding: Bool = false
  ) async throws(EngineError) {
    do throws(MigrationError) {
      try await store.loop.run { () throws(MigrationError) in
        try await store.migrate([Schema("varve", EngineMigrations.migrations), projection.schema])
        if !isBuilding { try await store.makeIndexes([projection.schema]) }
      }
    } catch {
      throw .migration(error)
    }
  }

  /// Makes the indexes of tables that have been built.
  static func makeIndexes(_ store: Store, for projection: some Projection) async throws(EngineError) {
    do throws(MigrationError) {
      try await store.loop.run { () throws(MigrationError) in
        try await store.makeIndexes([projection.schema])
      }
    } catch {
      throw .migration(error)
    }
  }

  static func positions(
    in store: Store, of partitions: [PartitionID]
  ) async throws(EngineError) -> [PartitionID: Int64] {
    do throws(DatabaseError) {
      return try await store.loop.run { () throws(DatabaseError) in
        try await store.write { tables throws(DatabaseError) in
          var positions: [PartitionID: Int64] = [:]
          for partition in partitions {
            positions[partition] = try await EngineTables.position(partition, tables.reader) ?? 0
          }
          return positions
        }
      }
    } catch {
      throw .database(error)
    }
  }

  /// How every projection stands, in the order in which they were opened.
  public var standings: [ProjectionStanding] {
    running.withLock { $0 }.flatMap { $0.standings(in: log) }
  }

  /// Has each projection go on with the tables that are current now, when those were exchanged: by a rebuild, in this
  /// process or another. Tables that another version of the projection built are left to the program that has it.
  /// When the exchange fails, the projection goes on with the tables it has.
  ///
  /// Throws when it cannot be found out which tables are current.
  public func takeOver() async throws(EngineError) {
    for service in running.withLock({ $0 }) {
      guard let current = try await configuration.readModels.current(of: service.name),
        current != service.tables.place.generation, current.version == service.version
      else { continue }
      if let (failed, at) = failedExchanges.withLock({ $0[service.name] }), failed == current,
        time.monotonic.since(at) < Self.exchangeRetryInterval
      {
        continue
      }
      do throws(EngineError) {
        try await service.exchange(for: current, in: configuration.readModels)
        logger.info("tables exchanged", ["now": .string(current.description)])
      } catch {
        failedExchanges.withLock { $0[service.name] = (current, time.monotonic) }
        logger.warning(
          "tables could not be exchanged", ["for": .string(current.description), "cause": .error(error)])
      }
    }
  }

  /// Ends every projection: commands that wait are still decided.
  public func close() async throws(EngineError) {
    let services = running.withLock { running in
      defer { running = [] }
      return running
    }
    var failure: EngineError?
    for service in services {
      do throws(EngineError) { try await service.close() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
