// Where a node's tables are: files of SQLite, or schemas of PostgreSQL. Either keeps generations and knows which of
// them is current.

public import Database
public import Runtime

/// The tables of a node's projections.
public protocol ReadModels: Sendable {
  /// The projections that have tables, in order of their names.
  func projections() async throws(EngineError) -> [ProjectionName]
  /// The generations of a projection, the oldest first.
  func generations(of projection: ProjectionName) async throws(EngineError) -> [Generation]
  /// The generation that answers queries; nil when there is none yet.
  func current(of projection: ProjectionName) async throws(EngineError) -> Generation?
  /// A generation with a number of its own, which has no tables yet.
  func newGeneration(of projection: ProjectionName, version: Int) async throws(EngineError) -> Generation
  /// The first generation of a projection that has none; when two nodes ask at once, both get the same.
  func firstGeneration(of projection: ProjectionName, version: Int) async throws(EngineError) -> Generation
  /// Opens a generation's tables, or makes their place.
  func open(_ generation: Generation, on loop: EventLoop) async throws(EngineError) -> Store
  /// Opens a generation's tables to look at: nothing is made and nothing is changed.
  ///
  /// - Parameter isPatient: whether a look may take hours, as a comparison of every row does.
  func openForReading(
    _ generation: Generation, on loop: EventLoop, isPatient: Bool
  ) async throws(EngineError) -> ReadOnlyStore
  /// Has the generation answer from now on.
  func makeCurrent(_ generation: Generation) async throws(EngineError)
  /// Deletes the tables of a generation that is not current and that nobody has open.
  func drop(_ generation: Generation) async throws(EngineError)
  /// Makes room for tables that are compared with a projection's own, and removes it after `body`. What an earlier one
  /// left that was killed is gone after the next.
  func withScratch<Output>(
    of projection: ProjectionName, on loop: EventLoop, _ body: (Store) async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output
  /// Where copies of tables are kept; nil when there are none, because the store has backups of its own.
  var snapshotStore: (any SnapshotStore)? { get }
  /// Where they are, in words for logs: never a password.
  var place: String { get }
  /// Ends the connections to what says which generations there are.
  func close() async throws(EngineError)
}

/// Where copies of projections' tables are kept.
public protocol SnapshotStore: Sendable {
  /// Copies the tables as they are now. Writing goes on meanwhile. When this returns, the copy is durable.
  func takeSnapshot(
    of generation: Generation, from store: Store, at time: Timestamp
  ) async throws(EngineError) -> Snapshot
  /// Deletes all but the newest `keep` snapshots of the newest version.
  ///
  /// - Returns: those that are left, the oldest first.
  func prune(_ projection: ProjectionName, keep: Int) throws(EngineError) -> [Snapshot]
  /// Makes a generation's tables a copy of the newest snapshot of its version; false when there is none.
  func restore(_ generation: Generation) throws(EngineError) -> Bool
}

extension Store {
  /// Closes the store after `body`, whatever becomes of that.
  func closing<Output>(
    after body: () async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output {
    try await finish(await outcome(body)) { () throws(DatabaseError) in try await close() }
  }
}

extension ReadOnlyStore {
  /// Closes the store after `body`, whatever becomes of that.
  func closing<Output>(
    after body: () async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output {
    try await finish(await outcome(body)) { () throws(DatabaseError) in try await close() }
  }
}

private func outcome<Output>(
  _ body: () async throws(EngineError) -> Output
) async -> Result<Output, EngineError> {
  do throws(EngineError) { return .success(try await body()) } catch { return .failure(error) }
}

private func finish<Output>(
  _ outcome: Result<Output, EngineError>, _ close: () async throws(DatabaseError) -> Void
) async throws(EngineError) -> Output {
  let closed: Result<Void, EngineError>
  do throws(DatabaseError) {
    closed = .success(try await close())
  } catch {
    closed = .failure(.database(error))
  }
  // Why the work failed says more than that the store could not be closed after it.
  let output = try outcome.get()
  try closed.get()
  return output
}
