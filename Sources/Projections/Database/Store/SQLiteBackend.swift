// A store in a SQLite file: one connection that writes, on the store's loop, and a few that read, each on a thread
// of its own.

import Runtime

/// The connections of a SQLite store.
final class SQLiteBackend: Sendable {
  /// Used on the store's loop, in one transaction at a time.
  private let writer: Confined<SQLiteConnection>
  private let readers: SQLiteReaders
  private let settings: SQLiteSettings

  init(writer: SQLiteConnection, readers: SQLiteReaders) {
    settings = writer.settings
    self.writer = Confined(writer)
    self.readers = readers
  }

  func write<Output, Failure: Error>(
    orThrow wrap: (DatabaseError) -> Failure, _ body: (Tables) async throws(Failure) -> Output
  ) async throws(Failure) -> Output {
    let connection = writer.value
    do throws(DatabaseError) { try connection.begin(.write) } catch { throw wrap(error) }
    let output: Output
    do throws(Failure) {
      output = try await body(Tables(.sqlite(connection)))
    } catch {
      // A rollback that fails leaves a connection that refuses every statement; the next transaction says so.
      do throws(DatabaseError) { try connection.rollback() } catch let second { throw wrap(second) }
      throw error
    }
    do throws(DatabaseError) { try connection.commit() } catch { throw wrap(error) }
    return output
  }

  func read<Output: Sendable>(
    _ body: @escaping @Sendable (TableReader) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try await readers.read { connection throws(DatabaseError) in
      try await body(TableReader(session: .sqlite(connection)))
    }
  }

  /// Copies the file, on a reader's thread, with a connection of its own: the copy is a transaction itself.
  func copy(to target: String) async throws(DatabaseError) {
    let settings = settings
    try await readers.read { connection throws(DatabaseError) in
      let source = try SQLiteConnection(path: connection.path, mode: .reader, settings: settings)
      do throws(DatabaseError) {
        try source.copy(to: target)
      } catch {
        try source.close()
        throw error
      }
      try source.close()
    }
  }

  func close(on loop: EventLoop) async throws(DatabaseError) {
    try await readers.close()
    let writer = writer
    try await loop.run { () throws(DatabaseError) in try writer.value.close() }
  }
}
