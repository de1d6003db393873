// A lock that a session of a PostgreSQL server holds: for work that only one process may do at a time, and that ends
// when the process does, however it ends.

public import Runtime

/// A lock of a database, by name, for as long as its holder lives.
public final class PostgresLock: Sendable {
  /// Used on its loop only.
  private let connection: Confined<PostgresConnection>
  private let loop: EventLoop

  private init(_ connection: PostgresConnection, on loop: EventLoop) {
    self.connection = Confined(connection)
    self.loop = loop
  }

  /// Takes the lock; nil when another session has it.
  ///
  /// - Parameters:
  ///   - name: what is locked: by whoever says the same.
  ///   - loop: where the connection lives that holds it.
  public static func take(
    _ name: String, _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(DatabaseError) -> PostgresLock? {
    try await loop.run { () throws(DatabaseError) in
      let connection = try await PostgresConnection.connect(settings, on: loop)
      let isTaken: Bool
      do throws(DatabaseError) {
        isTaken =
          try await !connection.query(
            "SELECT 1::bigint FROM pg_try_advisory_lock(hashtextextended($1, 0)) AS taken WHERE taken",
            [.text(name)]
          ).isEmpty
      } catch {
        connection.close()
        throw error
      }
      if isTaken { return PostgresLock(connection, on: loop) }
      connection.close()
      return nil
    }
  }

  /// Gives it up.
  public func release() async {
    let connection = connection
    await loop.run { connection.value.close() }
  }
}
