// Rebuilding and verifying a projection's tables, by a process of their own or in a node: beside the live ones, which
// are not touched until the new ones are whole.

import Database
public import Files
public import Log
public import Runtime

/// What a rebuild made.
public struct RebuiltTables: Hashable, Sendable {
  /// The new tables, which are current now.
  public let generation: Generation
  /// The tables that were current before, which are kept.
  public let replaced: Generation?
  /// How far the new ones are.
  public let positions: [PartitionID: LogOffset]
}

extension ReadModels {
  /// Builds a projection's tables anew and has those answer from now on. A rebuild that was interrupted goes on where
  /// it stopped.
  public func rebuild(
    _ projection: some Projection, from source: any EventSource, on loop: EventLoop,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> RebuiltTables {
    let replaced = try await current(of: projection.name)
    let unfinished = try await generations(of: projection.name).last {
      $0.number > (replaced?.number ?? 0) && $0.version == projection.version
    }
    let generation: Generation
    if let unfinished {
      generation = unfinished
    } else {
      generation = try await newGeneration(of: projection.name, version: projection.version)
    }
    let store = try await open(generation, on: loop)
    let positions = try await store.closing { () throws(EngineError) in
      try await Replay(projection, from: source).run(into: store, progress: progress)
    }
    try await makeCurrent(generation)
    return RebuiltTables(generation: generation, replaced: replaced, positions: positions)
  }

  /// Checks the law: replays the log up to the position of the live tables, and compares. Works beside a running node:
  /// the live tables are read as they are at one moment, and nobody waits for that.
  public func verify(
    _ projection: some Projection, from source: any EventSource, on loop: EventLoop,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> Verification {
    guard let generation = try await current(of: projection.name) else {
      throw .unknown(kind: "table of the projection", name: projection.name.text)
    }
    guard generation.version == projection.version else {
      throw .otherVersion(projection.name, tables: generation.version, program: projection.version)
    }
    let replay = try await Replay(projection, from: source)
    let partitions = try await source.partitionList(of: projection.topic)
    let live = try await openForReading(generation, on: loop, isPatient: true)
    return try await live.closing { () throws(EngineError) in
      do throws(MigrationError) {
        try await live.requireMigrated([Schema("varve", EngineMigrations.migrations), projection.schema])
      } catch {
        throw .migration(error)
      }
      return try await withScratch(of: projection.name, on: loop) { replayed throws(EngineError) in
        // Most of the way before the moment is chosen: it is held for as long as it is looked at.
        let positions = try await live.positions(of: partitions)
        try await replay.run(into: replayed, to: .positions(positions), progress: progress)
        return try await live.compared(projection, partitions, with: replayed, by: replay, progress)
      }
    }
  }
}

extension ReadOnlyStore {
  fileprivate func positions(
    of partitions: [PartitionID]
  ) async throws(EngineError) -> [PartitionID: LogOffset] {
    do throws(DatabaseError) {
      return try await read { tables throws(DatabaseError) in
        try await EngineTables.positions(of: partitions, tables)
      }
    } catch {
      throw .database(error)
    }
  }

  /// Compares the tables of one moment with those that the log makes up to there.
  fileprivate func compared<Replayed: Projection>(
    _ projection: Replayed, _ partitions: [PartitionID], with replayed: Store, by replay: Replay<Replayed>,
    _ progress: @escaping @Sendable (ReplayProgress) -> Void
  ) async throws(EngineError) -> Verification {
    let outcome: Result<Verification, EngineError>
    do throws(DatabaseError) {
      outcome = try await read { tables throws(DatabaseError) in
        let positions = try await EngineTables.positions(of: partitions, tables)
        do throws(EngineError) {
          try await replay.run(into: replayed, to: .positions(positions), progress: progress)
        } catch {
          return .failure(error)
        }
        return .success(try await Verification(of: projection, live: tables, replayed: replayed))
      }
    } catch {
      throw .database(error)
    }
    return try outcome.get()
  }
}

extension Replay {
  /// Builds the tables as of a moment into a SQLite file of their own, for looking into, wherever the live ones are.
  ///
  /// - Returns: where each partition's tables are.
  public func build(
    _ file: FilePath, to end: ReplayEnd, on loop: EventLoop,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> [PartitionID: LogOffset] {
    let store: Store
    do throws(DatabaseError) {
      store = try await Store.openSQLite(file.string, on: loop)
    } catch {
      throw .database(error)
    }
    return try await store.closing { () throws(EngineError) in
      try await run(into: store, to: end, progress: progress)
    }
  }
}
