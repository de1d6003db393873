// A store in a PostgreSQL schema: one connection that writes, and a pool of others that read, all on the store's loop.
// A lost connection fails the transaction it was used for; the next one connects anew.

import Runtime

/// The connections of a PostgreSQL store.
final class PostgresBackend: Sendable {
  /// The writing connection, while there is one.
  private final class Slot {
    var connection: PostgresConnection?
  }

  private let settings: PostgresSettings
  /// Used on the store's loop, in one transaction at a time.
  private let writer = Confined(Slot())
  private let readers: PostgresPool

  init(_ settings: PostgresSettings, on loop: EventLoop) {
    self.settings = settings
    readers = PostgresPool(readersOf: settings, on: loop)
  }

  func write<Output, Failure: Error>(
    orThrow wrap: (DatabaseError) -> Failure, _ body: (Tables) async throws(Failure) -> Output
  ) async throws(Failure) -> Output {
    let connection: PostgresConnection
    do throws(DatabaseError) {
      connection = try await writingConnection()
      try connection.begin(.write(.readCommitted))
    } catch {
      throw wrap(error)
    }
    let output: Output
    do throws(Failure) {
      output = try await body(Tables(.postgres(connection)))
    } catch {
      // It fails only when the connection is lost, and the transaction with it.
      do throws(DatabaseError) { try await connection.rollback() } catch { connection.close() }
      throw error
    }
    do throws(DatabaseError) { try await connection.commit() } catch { throw wrap(error) }
    return output
  }

  private func writingConnection() async throws(DatabaseError) -> PostgresConnection {
    let slot = writer.value
    if let connection = slot.connection, connection.isAlive { return connection }
    slot.connection?.close()
    slot.connection = nil
    let connection = try await PostgresConnection.connect(settings, on: readers.loop)
    slot.connection = connection
    return connection
  }

  func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try await readers.read(body)
  }

  func close(on loop: EventLoop) async {
    await readers.shutdown()
    let writer = writer
    await loop.run {
      writer.value.connection?.close()
      writer.value.connection = nil
    }
  }
}

extension PostgresPool {
  /// The connections that a store reads with.
  convenience init(readersOf settings: PostgresSettings, on loop: EventLoop) {
    var limits = PostgresPoolStateMachine.Limits()
    limits.connectionsMaximum = settings.readersMaximum
    self.init(settings, limits: limits, on: loop)
  }

  /// Runs `body` on a snapshot of the tables.
  func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try await withConnection { connection throws(DatabaseError) in
      try connection.begin(.read)
      let output = try await body(TableReader(session: .postgres(connection)))
      try await connection.commit()
      return output
    }
  }
}
