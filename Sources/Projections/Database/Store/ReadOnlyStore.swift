// A store that another process writes, or nobody at the moment: opened for reading, so that looking at it changes
// nothing and waits for nobody.

public import Runtime

/// A store's tables, to read only.
public final class ReadOnlyStore: Sendable {
  private enum Backend: Sendable {
    case sqlite(SQLiteReaders)
    case postgres(PostgresPool)
  }

  private let backend: Backend

  /// Opens a file that is there.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - settings: how it is opened.
  ///   - pool: where the readers' threads send what is not SQLite's.
  public init(
    sqlite path: String, _ settings: SQLiteSettings = SQLiteSettings(), pool: BlockingPool
  ) async throws(DatabaseError) {
    backend = .sqlite(try await SQLiteReaders(path: path, settings: settings, pool: pool))
  }

  /// The schema that the settings name, which need not be there.
  ///
  /// - Parameter loop: where its connections live.
  public init(postgres settings: PostgresSettings, on loop: EventLoop) async throws(DatabaseError) {
    if settings.schema == nil {
      throw .cannotOpen(target: settings.target, reason: "the settings name no schema")
    }
    // The pool goes on trying while a reader waits. Who opens it wants to know at once whether there is a server.
    try await loop.run { () throws(DatabaseError) in
      try await PostgresConnection.connect(settings, on: loop).close()
    }
    backend = .postgres(PostgresPool(readersOf: settings, on: loop))
  }

  /// Runs `body` on a snapshot of the tables.
  public func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    switch backend {
    case .sqlite(let readers):
      try await readers.read { connection throws(DatabaseError) in
        try await body(TableReader(session: .sqlite(connection)))
      }
    case .postgres(let pool): try await pool.read(body)
    }
  }

  /// Throws unless the tables are exactly those that the schemas make: nothing is migrated by who only reads.
  public func requireMigrated(_ schemas: [Schema]) async throws(MigrationError) {
    for schema in schemas {
      let run: [RunMigration]
      do throws(DatabaseError) {
        run = try await read { tables throws(DatabaseError) in
          guard try await tables.hasLedger() else { return [] }
          return try await RunMigration.all(of: schema.name, tables)
        }
      } catch {
        throw .database(error)
      }
      let plan = try MigrationPlan(schema, run: run)
      if !plan.pending.isEmpty {
        throw .older(owner: schema.name, store: run.count, program: schema.migrations.count)
      }
    }
  }

  /// Ends the connections, when what runs on them has ended.
  public func close() async throws(DatabaseError) {
    switch backend {
    case .sqlite(let readers): try await readers.close()
    case .postgres(let pool): await pool.shutdown()
    }
  }
}
