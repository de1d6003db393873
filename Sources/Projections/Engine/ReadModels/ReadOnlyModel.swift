// A projection's tables as another process may look at them, beside the node that writes them: opened for reading,
// never migrated, never brought up to the log.

public import Database
public import Log
public import Runtime

/// The current generation of a projection's tables, to read only.
public final class ReadOnlyModel: Sendable {
  /// Which building of the tables it is.
  public let generation: Generation
  private let store: ReadOnlyStore

  fileprivate init(_ generation: Generation, _ store: ReadOnlyStore) {
    self.generation = generation
    self.store = store
  }

  /// Runs a query on a snapshot of the tables.
  public func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    do throws(DatabaseError) { return try await store.read(body) } catch { throw .database(error) }
  }

  /// How far the tables are in a partition: every event before is in them.
  public func position(in partition: PartitionID) async throws(EngineError) -> LogOffset {
    LogOffset(
      try await read { tables throws(DatabaseError) in
        try await EngineTables.position(partition, tables) ?? 0
      })
  }

  /// Ends the connections.
  public func close() async throws(EngineError) {
    do throws(DatabaseError) { try await store.close() } catch { throw .database(error) }
  }
}

extension ReadModels {
  /// Opens the current tables of a projection for reading; nil when there are none yet.
  ///
  /// - Parameter loop: where connections live, and where what is not the database's is sent from.
  public func openForReading(
    _ projection: some Projection, on loop: EventLoop
  ) async throws(EngineError) -> ReadOnlyModel? {
    guard let generation = try await current(of: projection.name) else { return nil }
    let store = try await openForReading(generation, on: loop, isPatient: false)
    do throws(MigrationError) {
      try await store.requireMigrated([Schema("varve", EngineMigrations.migrations), projection.schema])
      return ReadOnlyModel(generation, store)
    } catch {
      do throws(DatabaseError) { try await store.close() } catch { throw .database(error) }
      throw .migration(error)
    }
  }
}
