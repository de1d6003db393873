// The tables of a store as a transaction sees them. Reading waits for answers; writing does not: SQLite writes at
// once, and PostgreSQL takes writes in a pipeline and answers them later, so a write's failure may come to light
// only with the next read or with the end of the transaction. Either way nothing of the transaction is kept.

/// Whose transaction it is.
enum Session {
  case sqlite(SQLiteConnection)
  case postgres(PostgresConnection)
}

/// The tables, to read and to write.
public struct Tables {
  /// For reading.
  public let reader: TableReader
  /// For writing.
  public let writer: TableWriter

  init(_ session: Session) {
    reader = TableReader(session: session)
    writer = TableWriter(session: session)
  }

  /// Waits until everything written so far is known to have succeeded.
  public func settle() async throws(DatabaseError) {
    if case .postgres(let connection) = reader.session { try await connection.drain() }
  }

  /// The same, when so much has been written without knowing that it is time.
  public func settleIfFull() async throws(DatabaseError) {
    if case .postgres(let connection) = reader.session, connection.isFull { try await connection.relieve() }
  }

  /// Runs statements that take no parameters; rows are dropped.
  func run(script: String) async throws(DatabaseError) {
    switch reader.session {
    case .sqlite(let connection): try connection.run(script: script)
    case .postgres(let connection): try await connection.run(script: try Self.translated(script))
    }
  }

  static func translated(_ script: String) throws(DatabaseError) -> String {
    do throws(DialectError) { return try Dialect.postgres(script) } catch {
      throw .statement(sql: script, reason: error.description)
    }
  }

  /// Waits until no other node is migrating the same tables. SQLite has one writer at a time anyway.
  func awaitTurnToMigrate() async throws(DatabaseError) {
    if case .postgres(let connection) = reader.session {
      _ = try await connection.query(
        "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '/varve'))", [])
    }
  }
}

/// The tables, to read.
public struct TableReader {
  let session: Session

  /// Every row of an answer.
  ///
  /// - Parameters:
  ///   - sql: a query in the common dialect, with `?1` and so on.
  ///   - parameters: as many as it names.
  ///   - row: makes something of a row.
  public func rows<Row, each Parameter: SQLConvertible>(
    _ sql: StaticString, _ parameters: repeat each Parameter,
    row: (inout SQLRow) throws(DatabaseError) -> Row
  ) async throws(DatabaseError) -> [Row] {
    var values: [SQLValue] = []
    repeat values.append((each parameters).sqlValue)
    return try await rows(sql, values: values, row: row)
  }

  /// The first row of an answer; nil when there is none.
  public func first<Row, each Parameter: SQLConvertible>(
    _ sql: StaticString, _ parameters: repeat each Parameter,
    row: (inout SQLRow) throws(DatabaseError) -> Row
  ) async throws(DatabaseError) -> Row? {
    var values: [SQLValue] = []
    repeat values.append((each parameters).sqlValue)
    return try await rows(sql, values: values, row: row).first
  }

  /// Whether there is a row.
  public func hasRow<each Parameter: SQLConvertible>(
    _ sql: StaticString, _ parameters: repeat each Parameter
  ) async throws(DatabaseError) -> Bool {
    var values: [SQLValue] = []
    repeat values.append((each parameters).sqlValue)
    return try await !rows(sql, values: values) { _ throws(DatabaseError) in () }.isEmpty
  }

  private func rows<Row>(
    _ sql: StaticString, values: [SQLValue], row: (inout SQLRow) throws(DatabaseError) -> Row
  ) async throws(DatabaseError) -> [Row] {
    var rows: [Row] = []
    switch session {
    case .sqlite(let connection):
      try connection.statement(sql).query(values) { columns throws(DatabaseError) in
        var reader = SQLRow(try columns.values(), of: sql)
        rows.append(try row(&reader))
      }
    case .postgres(let connection):
      for columns in try await connection.query(common: sql, values) {
        var reader = SQLRow(columns, of: sql)
        rows.append(try row(&reader))
      }
    }
    return rows
  }
}

extension TableReader {
  /// The rows of a query that was put together at run time, one after the other, however many.
  public func stream(
    dynamic sql: String, _ parameters: [SQLValue] = [], each row: ([SQLValue]) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    switch session {
    case .sqlite(let connection):
      try connection.statement(dynamic: sql).query(parameters) { columns throws(DatabaseError) in
        try row(try columns.values())
      }
    case .postgres(let connection):
      try await connection.query(dynamic: try Tables.translated(sql), parameters, each: row)
    }
  }
}

/// The tables, to write. How statements are run is in TableWriter+Writing.swift.
public struct TableWriter {
  let session: Session

  /// Whether so much has been written without an answer that the tables want to be settled before more is.
  public var isFull: Bool {
    switch session {
    case .sqlite: false
    case .postgres(let connection): connection.isFull
    }
  }

  /// Where the parameters of a statement go.
  @usableFromInline
  func parameters(of sql: StaticString) throws(DatabaseError) -> StatementParameters {
    switch session {
    case .sqlite(let connection): try StatementParameters(of: connection.statement(sql))
    case .postgres: StatementParameters()
    }
  }

  /// Runs a statement that has been given its parameters.
  @usableFromInline
  func run(_ sql: StaticString, _ parameters: borrowing StatementParameters) throws(DatabaseError) {
    try parameters.check()
    switch session {
    case .sqlite: try parameters.run()
    case .postgres(let connection): try connection.enqueue(common: sql, parameters.values ?? [])
    }
  }
}
