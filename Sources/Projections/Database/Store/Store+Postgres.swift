// Opening a store in a schema of a PostgreSQL database.

public import Runtime

extension Store {
  /// Opens the schema that the settings name, or makes it.
  ///
  /// - Parameter loop: where its connections live.
  public static func openPostgres(
    _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(DatabaseError) -> Store {
    guard let schema = settings.schema else {
      throw .cannotOpen(target: settings.target, reason: "the settings name no schema")
    }
    try await loop.run { () throws(DatabaseError) in
      let connection = try await PostgresConnection.connect(settings, on: loop)
      defer { connection.close() }
      // Two nodes that make it at once would fail one of them, in spite of IF NOT EXISTS.
      try await connection.run(
        script: """
          SELECT pg_advisory_xact_lock(hashtext(\(Self.quoted(schema, by: "'"))));
          CREATE SCHEMA IF NOT EXISTS \(Self.quoted(schema, by: "\""))
          """)
    }
    return Store(.postgres(PostgresBackend(settings, on: loop)), loop: loop)
  }

  /// Drops the schema that the settings name, with its tables.
  public static func dropPostgres(_ settings: PostgresSettings, on loop: EventLoop)
    async throws(DatabaseError)
  {
    guard let schema = settings.schema else {
      throw .cannotOpen(target: settings.target, reason: "the settings name no schema")
    }
    try await loop.run { () throws(DatabaseError) in
      let connection = try await PostgresConnection.connect(settings, on: loop)
      defer { connection.close() }
      try await connection.run(script: "DROP SCHEMA IF EXISTS \(Self.quoted(schema, by: "\"")) CASCADE")
    }
  }

  private static func quoted(_ text: String, by quote: Character) -> String {
    var quoted = String(quote)
    for character in text {
      if character == quote { quoted.append(quote) }
      quoted.append(character)
    }
    return quoted + String(quote)
  }
}
