// Rebuilding and verifying a projection's files, by a process of their own or in a node: beside the live tables, which
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

extension ReadModelDirectory {
  /// Builds a projection's tables anew and has those answer from now on: of a node that runs, after its next start.
  /// A rebuild that was interrupted goes on where it stopped.
  public func rebuild(
    _ projection: some Projection, from source: any EventSource, on loop: EventLoop,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> RebuiltTables {
    let replaced = try current(of: projection.name)
    let unfinished = try generations(of: projection.name).last {
      $0.number > (replaced?.number ?? 0) && $0.version == projection.version
    }
    let generation: Generation
    if let unfinished {
      generation = unfinished
    } else {
      generation = try newGeneration(of: projection.name, version: projection.version)
    }
    let store = try await open(generation, on: loop)
    let positions = try await closing(store) { () throws(EngineError) in
      try await Replay(projection, from: source).run(into: store, progress: progress)
    }
    try makeCurrent(generation)
    return RebuiltTables(generation: generation, replaced: replaced, positions: positions)
  }

  /// Builds the tables as of a moment into a file of their own, for looking into.
  public func build(
    _ projection: some Projection, from source: any EventSource, to end: ReplayEnd, into file: FilePath,
    on loop: EventLoop, progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> [PartitionID: LogOffset] {
    let store = try await onDatabase { () throws(DatabaseError) in
      try await Store.openSQLite(file.string, on: loop)
    }
    return try await closing(store) { () throws(EngineError) in
      try await Replay(projection, from: source).run(into: store, to: end, progress: progress)
    }
  }

  /// Checks the law: copies the live tables as they are now, replays the log up to their position, and compares.
  /// Works beside a running node.
  public func verify(
    _ projection: some Projection, from source: any EventSource, on loop: EventLoop,
    progress: @escaping @Sendable (ReplayProgress) -> Void = { _ in }
  ) async throws(EngineError) -> Verification {
    guard let generation = try current(of: projection.name) else {
      throw .unknown(kind: "table of the projection", name: projection.name.text)
    }
    let folder = try onFiles { () throws(FileError) in
      try files.createTemporaryDirectory(in: path / projection.name.text, prefix: "verify-")
    }
    let outcome: Result<Verification, EngineError>
    do throws(EngineError) {
      outcome = .success(try await verify(projection, generation, in: folder, source, loop, progress))
    } catch {
      outcome = .failure(error)
    }
    try onFiles { () throws(FileError) in try files.removeTree(folder) }
    return try outcome.get()
  }

  private func verify(
    _ projection: some Projection, _ generation: Generation, in folder: FilePath, _ source: any EventSource,
    _ loop: EventLoop, _ progress: @escaping @Sendable (ReplayProgress) -> Void
  ) async throws(EngineError) -> Verification {
    let original = try await open(generation, on: loop)
    let copy = folder / "live.sqlite"
    try await closing(original) { () throws(EngineError) in
      try await onDatabase { () throws(DatabaseError) in try await original.copy(to: copy.string) }
    }
    let live = try await onDatabase { () throws(DatabaseError) in
      try await Store.openSQLite(copy.string, on: loop)
    }
    return try await closing(live) { () throws(EngineError) in
      let replayed = try await onDatabase { () throws(DatabaseError) in
        try await Store.openSQLite((folder / "replayed.sqlite").string, on: loop)
      }
      return try await closing(replayed) { () throws(EngineError) in
        let replay = try await Replay(projection, from: source)
        let positions = try await replay.positions(in: live)
        try await replay.run(into: replayed, to: .positions(positions), progress: progress)
        return try await Verification(of: projection, live: live, replayed: replayed)
      }
    }
  }

  /// Closes the store after `body`, whatever becomes of that.
  private func closing<Output>(
    _ store: Store, _ body: () async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output {
    let outcome: Result<Output, EngineError>
    do throws(EngineError) { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    let closed: Result<Void, EngineError>
    do throws(DatabaseError) {
      closed = .success(try await store.close())
    } catch {
      closed = .failure(.database(error))
    }
    // Why the work failed says more than that the store could not be closed after it.
    let output = try outcome.get()
    try closed.get()
    return output
  }

  private func onDatabase<Output>(
    _ body: () async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    do throws(DatabaseError) { return try await body() } catch { throw .database(error) }
  }
}
