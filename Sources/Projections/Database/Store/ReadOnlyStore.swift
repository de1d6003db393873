// A SQLite file that another process writes, or nobody at the moment: opened for reading, so that looking at it
// changes nothing and waits for nobody.

public import Runtime

/// A store's tables, to read only.
public final class ReadOnlyStore: Sendable {
  private let readers: SQLiteReaders

  /// Opens a file that is there.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - settings: how it is opened.
  ///   - pool: where the readers' threads send what is not SQLite's.
  public init(
    sqlite path: String, _ settings: SQLiteSettings = SQLiteSettings(), pool: BlockingPool
  ) async throws(DatabaseError) {
    readers = try await SQLiteReaders(path: path, settings: settings, pool: pool)
  }

  /// Runs `body` on a snapshot of the tables.
  public func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try await readers.read { connection throws(DatabaseError) in
      try await body(TableReader(session: .sqlite(connection)))
    }
  }

  /// Throws unless the tables are exactly those that the schemas make: nothing is migrated by who only reads.
  public func requireMigrated(_ schemas: [Schema]) async throws(MigrationError) {
    for schema in schemas {
      let run: [RunMigration]
      do throws(DatabaseError) {
        run = try await read { tables throws(DatabaseError) in
          try await RunMigration.all(of: schema.name, tables)
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
  public func close() async throws(DatabaseError) { try await readers.close() }
}
