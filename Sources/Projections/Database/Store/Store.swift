// A store of tables: a SQLite file, or a schema of a PostgreSQL database. One writer at a time, on one loop; readers
// beside it, each with a snapshot of its own.

public import Runtime

/// Where a read model's tables are.
public final class Store: Sendable {
  enum Backend: Sendable {
    case sqlite(SQLiteBackend)
    case postgres(PostgresBackend)
  }

  /// Where write transactions run.
  public let loop: EventLoop
  let backend: Backend
  /// One write transaction after the other.
  private let turns = TurnQueue()

  init(_ backend: Backend, loop: EventLoop) {
    self.backend = backend
    self.loop = loop
  }

  // MARK: Transactions

  /// Runs `body` in a transaction and commits it, or rolls it back when `body` throws. On the store's loop only.
  public func write<Output>(
    _ body: (Tables) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try await write(orThrow: { $0 }, body)
  }

  /// The same for a body that throws errors of its own.
  ///
  /// - Parameter wrap: makes a store's error one of them.
  public func write<Output, Failure: Error>(
    orThrow wrap: (DatabaseError) -> Failure, _ body: (Tables) async throws(Failure) -> Output
  ) async throws(Failure) -> Output {
    precondition(loop.isCurrent, "a store is written on its loop")
    await turns.begin()
    defer { turns.end() }
    switch backend {
    case .sqlite(let backend): return try await backend.write(orThrow: wrap, body)
    case .postgres(let backend): return try await backend.write(orThrow: wrap, body)
    }
  }

  /// Runs `body` on a snapshot of the tables.
  public func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    switch backend {
    case .sqlite(let backend): try await backend.read(body)
    case .postgres(let backend): try await backend.read(body)
    }
  }

  /// Ends every connection, when what runs on them has ended.
  public func close() async throws(DatabaseError) {
    switch backend {
    case .sqlite(let backend): try await backend.close(on: loop)
    case .postgres(let backend): await backend.close(on: loop)
    }
  }
}
