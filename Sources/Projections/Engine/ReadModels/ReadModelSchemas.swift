// Read models in PostgreSQL: a schema for each generation, and one more with the table that says which is current.
// Nodes that share the database share the tables: whoever applies an event first spares the others.

public import Database
public import Runtime

/// The read models of one or more nodes, in a PostgreSQL database.
public final class ReadModelSchemas: ReadModels, Sendable {
  /// How often a number is tried to be had, which another node may take first each time.
  private static let attemptsMaximum = 64

  private let settings: PostgresSettings
  private let prefix: String
  /// The table of generations.
  private let catalogue: Store

  /// Opens the database, and makes the table of generations when it is missing.
  ///
  /// - Parameters:
  ///   - settings: the server and database; the schema they name, `varve` when they name none, holds the table, and
  ///     its name begins those of the generations.
  ///   - loop: where the connections live that look at the table.
  public init(_ settings: PostgresSettings, on loop: EventLoop) async throws(EngineError) {
    var settings = settings
    prefix = settings.schema ?? "varve"
    settings.schema = prefix
    self.settings = settings
    do throws(DatabaseError) {
      catalogue = try await Store.openPostgres(settings, on: loop)
    } catch {
      throw .database(error)
    }
    let catalogue = catalogue
    do throws(MigrationError) {
      try await loop.run { () throws(MigrationError) in
        _ = try await catalogue.migrate([Schema("generations", GenerationMigrations.migrations)])
      }
    } catch {
      throw .migration(error)
    }
  }

  /// Ends the connections to the table of generations.
  public func close() async throws(EngineError) {
    do throws(DatabaseError) { try await catalogue.close() } catch { throw .database(error) }
  }

  /// The projections that have tables.
  public func projections() async throws(EngineError) -> [ProjectionName] {
    try await read { tables throws(DatabaseError) in
      try await tables.rows("SELECT DISTINCT projection FROM generations ORDER BY projection") {
        row throws(DatabaseError) in try row.take(String.self)
      }
    }.compactMap { ProjectionName($0) }
  }

  /// The generations of a projection, the oldest first.
  public func generations(of projection: ProjectionName) async throws(EngineError) -> [Generation] {
    try await read { tables throws(DatabaseError) in
      try await tables.rows(
        "SELECT number, version FROM generations WHERE projection = ?1 ORDER BY number", projection.text
      ) { row throws(DatabaseError) in
        Generation(projection, number: try row.take(), version: try row.take())
      }
    }
  }

  /// The generation that answers queries.
  public func current(of projection: ProjectionName) async throws(EngineError) -> Generation? {
    try await read { tables throws(DatabaseError) in
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
      try await Store.dropPostgres(settings(of: generation), on: catalogue.loop)
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
    var settings = settings
    settings.schema = "\(prefix)_\(generation.projection)_\(generation.number)"
    return settings
  }

  private func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    do throws(DatabaseError) { return try await catalogue.read(body) } catch { throw .database(error) }
  }

  private func write<Output: Sendable>(
    _ body: @escaping @Sendable (Tables) async throws(DatabaseError) -> Output
  ) async throws(EngineError) -> Output {
    let catalogue = catalogue
    do throws(DatabaseError) {
      return try await catalogue.loop.run { () throws(DatabaseError) in try await catalogue.write(body) }
    } catch {
      throw .database(error)
    }
  }
}
