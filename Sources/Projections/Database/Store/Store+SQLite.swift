// Opening a store in a SQLite file.

public import Runtime

extension Store {
  /// Opens the file, or makes it, and looks whether it is sound.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - settings: how it is opened.
  ///   - loop: where it is written. SQLite blocks the thread, so the loop should have nothing else to do.
  public static func openSQLite(
    _ path: String, _ settings: SQLiteSettings = SQLiteSettings(), on loop: EventLoop
  ) async throws(DatabaseError) -> Store {
    try await loop.run { () throws(DatabaseError) in
      let writer = try SQLiteConnection(path: path, mode: .writer, settings: settings)
      let readers = try await SQLiteReaders(path: path, settings: settings, pool: loop.pool)
      return Store(.sqlite(SQLiteBackend(writer: writer, readers: readers)), loop: loop)
    }
  }
}

extension Store {
  /// Copies the tables, as they are now, to a new SQLite file, while others write. When this returns, the copy is on
  /// the disk.
  public func copy(to path: String) async throws(DatabaseError) {
    guard case .sqlite(let backend) = backend else {
      throw .statement(sql: "", reason: "only tables in SQLite files are copied: PostgreSQL has pg_dump")
    }
    try await backend.copy(to: path)
  }
}
