// Read models in PostgreSQL: a schema for each generation, and one more with the table that says which is current.
// Nodes that share the database share the tables: whoever applies an event first spares the others.

public import Database
public import Runtime

/// The read models of one or more nodes, in a PostgreSQL database.
public final class ReadModelSchemas: ReadModels, Sendable {
  /// What somebody is going to do with the read models.
  public enum Access: Sendable {
    /// Whatever there is to do.
    case full
    /// Only look at them: nothing is made, and what would change something is a programmer's error.
    case reading
  }

  private enum Catalogue: Sendable {
    case full(Store)
    /// nil when nobody has made a read model here.
    case reading(ReadOnlyStore?)
  }

  /// How often a number is tried to be had, which another node may take first each time.
  private static let attemptsMaximum = 64
  /// The longest prefix: with a projection's name and a number, an identifier of PostgreSQL has 63 bytes.
  public static let prefixBytesMaximum = 14
  /// How long the server may take to say which generations there are. Those are statements of a moment; whoever asks
  /// wants to know whether the server answers at all.
  private static let catalogueTimeout = Duration.seconds(5)
  /// How long the server may say nothing while all rows of a table are read: sorting them is done in silence. A host that
  /// is gone is noticed by its silence on a lower level.
  private static let patience = Duration.seconds(12 * 3600)

  private let settings: PostgresSettings
  private let prefix: String
  /// The table of generations.
  private let catalogue: Catalogue

  /// Opens the database.
  ///
  /// - Parameters:
  ///   - settings: the server and database; the schema they name, `varve` when they name none, holds the table of
  ///     generations, and its name begins those of their schemas.
  ///   - loop: where the connections live that look at the table.
  ///   - access: with `full`, the table is made when it is missing.
  public init(
    _ settings: PostgresSettings, on loop: EventLoop, access: Access = .full
  ) async throws(EngineError) {
    var settings = settings
    prefix = settings.schema ?? "varve"
    settings.schema = prefix
    guard (1...Self.prefixBytesMaximum).contains(prefix.utf8.count) else {
      throw .database(
        .cannotOpen(
          target: settings.target,
          reason: "the schema \(prefix) is not 1 to \(Self.prefixBytesMaximum) bytes long"))
    }
    self.settings = settings
    settings.statementTimeout = Self.catalogueTimeout
    settings.answerTimeout = Self.catalogueTimeout * 2
    switch access {
    case .full: catalogue = .full(try await Self.opened(settings, on: loop))
    case .reading: catalogue = .reading(try await Self.openedForReading(settings, on: loop))
    }
  }

  private static let schemas = [Schema("generations", GenerationMigrations.migrations)]

  private static func opened(_ settings: PostgresSettings, on loop: EventLoop) async throws(EngineError)
    -> Store
  {
    let store: Store
    do throws(DatabaseError) {
      store = try await Store.openPostgres(settings, on: loop)
    } catch {
      throw .database(error)
    }
    do throws(MigrationError) {
      try await loop.run { () throws(MigrationError) in _ = try await store.migrate(schemas) }
      return store
    } catch {
      do throws(DatabaseError) { try await store.close() } catch { throw .database(error) }
      throw .migration(error)
    }
  }

  private static func openedForReading(
    _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(EngineError) -> ReadOnlyStore? {
    let store: ReadOnlyStore
    do throws(DatabaseError) {
      store = try await ReadOnlyStore(postgres: settings, on: loop)
    } catch {
      throw .database(error)
    }
    let failure: MigrationError
    do throws(MigrationError) {
      try await store.requireMigrated(schemas)
      return store
    } catch {
      failure = error
    }
    do throws(DatabaseError) { try await store.close() } catch { throw .database(error) }
    switch failure {
    case .older(_, store: 0, _): return nil
    case .database(let error): throw .database(error)
    default: throw .migration(failure)
    }
  }

  /// Ends the connections to the table of generations.
  public func close() async throws(EngineError) {
    do throws(DatabaseError) {
      switch catalogue {
      case .full(let store): try await store.close()
      case .reading(let store): try await store?.close()
      }
    } catch {
      throw .database(error)
    }
  }

  /// The server, database and schema.
  public var place: String { "\(settings.target), schema \(prefix)" }

  /// The server has backups of its own.
  public var snapshotStore: (any SnapshotStore)? { nil }

  /// The projections that have tables.
  public func projections() async throws(EngineError) -> [ProjectionName] {
    try await read(orIfNone: []) { tables throws(DatabaseError) in
      try await tables.rows("SELECT DISTINCT projection FROM generations ORDER BY projection") {
        row throws(DatabaseError) in try row.take(String.self)
      }
    }.compactMap { ProjectionName($0) }
  }

  /// The generations of a projection, the oldest first.
  public func generations(of projection: ProjectionName) async throws(EngineError) -> [Generation] {
    try await read(orIfNone: []) { tables throws(DatabaseError) in
      try await tables.rows(
        "SELECT number, version FROM generations WHERE projection = ?1 ORDER BY number", projection.text
      ) { row throws(DatabaseError) in
        Generation(projection, number: try row.take(), version: try row.take())
      }
    }
  }

  /// The generation that answers queries.
  public func current(of projection: ProjectionName) async throws(EngineError) -> Generation? {
    try await read(orIfNone: nil) { tables throws(DatabaseError) in
      try await tables.first(
        "SELECT number, version FROM generations WHERE projection = ?1 AND is_current = 1", projection.text
      ) { row throws(DatabaseError) in
        Generation(projection, number: try row.take(), version: try row.take())
      }
    }
  }

  /// A generation of its own: two nodes that ask at once get two.
  public func newGeneration(
    of projection: ProjectionName, version: Int
  ) async throws(EngineError) -> Generation {
    var attempts = 0
    while true {
      attempts += 1
      do throws(EngineError) {
        return try await add(projection, version: version, isCurrent: false)
      } catch {
        // Somebody else took the number at the same moment.
        guard case .database(.constraint) = error, attempts < Self.attemptsMaximum else { throw error }
      }
    }
  }

  /// The first generation, which is current from the beginning: there can be only one of those.
  public func firstGeneration(
    of projection: ProjectionName, version: Int
  ) async throws(EngineError) -> Generation {
    do throws(EngineError) {
      return try await add(projection, version: version, isCurrent: true)
    } catch {
      guard case .database(.constraint) = error, let current = try await current(of: projection) else {
        throw error
      }
      return current
    }
  }

  private func add(
    _ projection: ProjectionName, version: Int, isCurrent: Bool
  ) async throws(EngineError) -> Generation {
    try await write { tables throws(DatabaseError) in
      let numbers = try await tables.reader.rows(
        """
        INSERT INTO generations (projection, number, version, is_current)
        SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3 FROM generations WHERE projection = ?1
        RETURNING number
        """, projection.text, version, isCurrent
      ) { row throws(DatabaseError) in try row.take(Int.self) }
      guard let number = numbers.first else {
        throw .inconsistent(reason: "a new generation got no number")
      }
      return Generation(projection, number: number, version: version)
    }
  }

  /// Opens a generation's schema, or makes it.
  public func open(_ generation: Generation, on loop: EventLoop) async throws(EngineError) -> Store {
    do throws(DatabaseError) {
      return try await Store.openPostgres(settings(of: generation), on: loop)
    } catch {
      throw .database(error)
    }
  }

  /// Opens a generation's schema to look at.
  public func openForReading(
    _ generation: Generation, on loop: EventLoop, isPatient: Bool
  ) async throws(EngineError) -> ReadOnlyStore {
    let settings = settings(of: generation)
    do throws(DatabaseError) {
      return try await ReadOnlyStore(postgres: isPatient ? Self.patient(settings) : settings, on: loop)
    } catch {
      throw .database(error)
    }
  }

  /// Makes tables in a schema beside the projection's. One at a time of each projection: whoever comes meanwhile is
  /// told that it is busy.
  public func withScratch<Output>(
    of projection: ProjectionName, on loop: EventLoop, _ body: (Store) async throws(EngineError) -> Output
  ) async throws(EngineError) -> Output {
    let settings = Self.patient(self.settings(of: projection, "verify"))
    let name = settings.schema ?? prefix
    let store: Store
    let lock: PostgresLock
    do throws(DatabaseError) {
      guard let taken = try await PostgresLock.take("scratch \(name)", settings, on: loop) else {
        throw DatabaseError.busy(target: "the schema \(name) of \(settings.target)")
      }
      lock = taken
    } catch {
      throw .database(error)
    }
    do throws(DatabaseError) {
      // What one left that was killed.
      try await Store.dropPostgres(settings, on: loop)
      store = try await Store.openPostgres(settings, on: loop)
    } catch {
      await lock.release()
      throw .database(error)
    }
    let outcome: Result<Output, EngineError>
    do throws(EngineError) {
      outcome = .success(try await store.closing { () throws(EngineError) in try await body(store) })
    } catch {
      outcome = .failure(error)
    }
    let dropped: Result<Void, EngineError>
    do throws(DatabaseError) {
      dropped = .success(try await Store.dropPostgres(settings, on: loop))
    } catch {
      dropped = .failure(.database(error))
    }
    await lock.release()
    // Why the work failed says more than that its tables could not be removed after it.
    let output = try outcome.get()
    try dropped.get()
    return output
  }

  /// For statements that take as long as they take.
  private static func patient(_ settings: PostgresSettings) -> PostgresSettings {
    var settings = settings
    settings.statementTimeout = .zero
    settings.idleTransactionTimeout = .zero
    settings.answerTimeout = patience
    return settings
  }

  /// Has the generation answer from now on.
  public func makeCurrent(_ generation: Generation) async throws(EngineError) {
    try await write { tables throws(DatabaseError) in
      try tables.writer.write(
        "UPDATE generations SET is_current = 0 WHERE projection = ?1 AND is_current = 1",
        generation.projection.text)
      try tables.writer.write(
        "UPDATE generations SET is_current = 1 WHERE projection = ?1 AND number = ?2",
        generation.projection.text, generation.number)
    }
  }

  /// Deletes a generation's schema.
  public func drop(_ generation: Generation) async throws(EngineError) {
    let isCurrent = try await current(of: generation.projection) == generation
    precondition(!isCurrent, "the current generation is not dropped")
    do throws(DatabaseError) {
      try await Store.dropPostgres(settings(of: generation), on: writableCatalogue.loop)
    } catch {
      throw .database(error)
    }
    try await write { tables throws(DatabaseError) in
      try tables.writer.write(
        "DELETE FROM generations WHERE projection = ?1 AND number = ?2", generation.projection.text,
        generation.number)
    }
  }

  private func settings(of generation: Generation) -> PostgresSettings {
    settings(of: generation.projection, String(generation.number))
  }

  private func settings(of projection: ProjectionName, _ suffix: String) -> PostgresSettings {
    var settings = settings
    settings.schema = "\(prefix)_\(projection)_\(suffix)"
    return settings
  }

  private var writableCatalogue: Store {
    guard case .full(let store) = catalogue else {
      preconditionFailure("read models that were opened to look at are not changed")
    }
    return store
  }

  private func read<Output: Sendable>(
    orIfNone nothing: Output, _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    do throws(DatabaseError) {
      switch catalogue {
      case .full(let store): return try await store.read(body)
      case .reading(let store): return try await store?.read(body) ?? nothing
      }
    } catch {
      throw .database(error)
    }
  }

  private func write<Output: Sendable>(
    _ body: @escaping @Sendable (Tables) async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    let catalogue = writableCatalogue
    do throws(DatabaseError) {
      return try await catalogue.loop.run { () throws(DatabaseError) in try await catalogue.write(body) }
    } catch {
      throw .database(error)
    }
  }
}
