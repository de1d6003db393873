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
  /// Has the generation answer from now on.
  func makeCurrent(_ generation: Generation) async throws(EngineError)
  /// Deletes the tables of a generation that is not current and that nobody has open.
  func drop(_ generation: Generation) async throws(EngineError)
}
