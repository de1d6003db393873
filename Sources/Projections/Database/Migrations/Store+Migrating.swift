// Bringing a store's tables to where the program wants them: forward only, in one transaction, so that two nodes
// that start at once do it once, and a failure leaves everything as it was.

extension Store {
  /// Runs the migrations of each schema that the store has not run. On the store's loop.
  ///
  /// - Returns: how many were run.
  @discardableResult
  public func migrate(_ schemas: [Schema]) async throws(MigrationError) -> Int {
    for schema in schemas { try Self.checkDialect(schema) }
    return try await write(orThrow: MigrationError.database) { tables throws(MigrationError) in
      var count = 0
      do throws(DatabaseError) {
        try await tables.awaitTurnToMigrate()
        try await tables.run(script: Self.ledger)
      } catch {
        throw .database(error)
      }
      for schema in schemas { count += try await Self.migrate(schema, tables) }
      return count
    }
  }

  /// Makes the indexes of each schema that are missing. On the store's loop.
  public func makeIndexes(_ schemas: [Schema]) async throws(MigrationError) {
    for schema in schemas where !schema.indexes.isEmpty {
      do throws(DialectError) {
        _ = try Dialect.postgres(schema.indexes)
      } catch {
        throw .indexes(owner: schema.name, error)
      }
      try await write(orThrow: MigrationError.database) { tables throws(MigrationError) in
        do throws(DatabaseError) {
          try await tables.awaitTurnToMigrate()
          try await tables.run(script: schema.indexes)
        } catch {
          throw .database(error)
        }
      }
    }
  }

  /// What was run, by whom: the one table that is there before all others.
  private static let ledger = """
    CREATE TABLE IF NOT EXISTS varve_migrations (
      owner TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
      PRIMARY KEY (owner, number)
    ) STRICT, WITHOUT ROWID
    """

  private static func migrate(_ schema: Schema, _ tables: Tables) async throws(MigrationError) -> Int {
    let run: [RunMigration]
    do throws(DatabaseError) {
      run = try await RunMigration.all(of: schema.name, tables.reader)
    } catch {
      throw .database(error)
    }
    let plan = try MigrationPlan(schema, run: run)
    do throws(DatabaseError) {
      for migration in plan.pending {
        try await tables.run(script: migration.sql)
        try tables.writer.write(
          "INSERT INTO varve_migrations (owner, number, name, checksum) VALUES (?1, ?2, ?3, ?4)",
          schema.name, migration.number, migration.name, migration.checksum)
      }
    } catch {
      throw .database(error)
    }
    return plan.pending.count
  }

  /// Every migration is held to the common dialect, whatever store it runs on today.
  private static func checkDialect(_ schema: Schema) throws(MigrationError) {
    for migration in schema.migrations {
      do throws(DialectError) {
        _ = try Dialect.postgres(migration.sql)
      } catch {
        throw .dialect(owner: schema.name, number: migration.number, error)
      }
    }
  }
}

extension TableReader {
  /// Whether anything was ever migrated here: a schema that another node is making, or has dropped, has no tables.
  func hasLedger() async throws(DatabaseError) -> Bool {
    switch session {
    case .sqlite(let connection):
      var isThere = false
      let query: StaticString =
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'varve_migrations'"
      try connection.statement(query).query([]) { (_: borrowing SQLiteRow) throws(DatabaseError) in
        isThere = true
      }
      return isThere
    case .postgres(let connection):
      let found = try await connection.query(
        "SELECT 1::bigint WHERE to_regclass('varve_migrations') IS NOT NULL", [])
      return !found.isEmpty
    }
  }
}

extension RunMigration {
  /// What of an owner's a store has run, in order.
  static func all(of owner: String, _ tables: TableReader) async throws(DatabaseError) -> [RunMigration] {
    try await tables.rows(
      "SELECT number, name, checksum FROM varve_migrations WHERE owner = ?1 ORDER BY number", owner
    ) { row throws(DatabaseError) in
      RunMigration(number: try row.take(), name: try row.take(), checksum: try row.take())
    }
  }
}
