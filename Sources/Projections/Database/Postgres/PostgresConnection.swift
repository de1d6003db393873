// A connection as the engine sees it: statements go out one behind the other without waiting (libpq's pipeline mode),
// and their answers are taken in their order. This file holds the state and what is sent; taking answers is
// PostgresConnection+Answers.swift, transactions are PostgresConnection+Transactions.swift.
//
// What is sent belongs together up to the next sync: when a statement of it fails, the server skips the rest. A sync
// is sent by everything that waits for all answers, so never more than one such group is under way, except that a
// rollback may follow one that failed.

import CPostgres
import Runtime

/// A connection to a PostgreSQL server, on the loop that made it, for one task at a time.
///
/// A failure is kept until it is told: `enqueue`, `relieve`, `drain`, `query` and `commit` throw the first one since
/// the last of them threw, and inside a transaction they go on throwing it until `rollback`. A lost connection, and
/// one whose task was cancelled while it waited, answers `.disconnected` for ever.
///
/// Outside a transaction, what is enqueued up to the next `drain` or `query` is committed as one.
final class PostgresConnection {
  /// What the connection is inside of.
  enum Transaction: Equatable {
    case none
    /// Begun here; the server hears of it with the first statement.
    case begun(Mode)
    /// The server was told.
    case open
  }

  /// Which transaction is to be begun.
  enum Mode: Equatable {
    case read
    case write(Isolation)
  }

  /// How a writing transaction is kept apart from others.
  enum Isolation: Equatable {
    /// Each statement sees what was committed before it: enough for one writer that locks its position first.
    case readCommitted
    /// Every statement sees what was committed before the first.
    case repeatableRead
    /// As if one transaction ran after the other; `.conflict` when it cannot be.
    case serializable
  }

  let settings: PostgresSettings
  let target: String
  let handle: PostgresHandle
  var statements: PostgresStatements
  var due = PostgresAnswers()
  var transaction = Transaction.none {
    didSet {
      if case .begun(let mode) = transaction { isReadOnly = mode == .read }
      if transaction == .none { isReadOnly = false }
    }
  }
  /// Whether the transaction is one that we asked to be read-only: a write in it is its author's mistake.
  private(set) var isReadOnly = false
  /// The first failure that was not told, or that ended the transaction.
  var failure: DatabaseError?
  /// Why the connection is of no more use.
  var loss: DatabaseError?
  /// Whether something was sent since the last sync.
  var needsSync = false
  /// How many were sent since the server was last asked to answer at once.
  var sentSinceFlush = 0
  /// Whether the statement that comes next has answered, and only its end is due.
  var hasFirstAnswered = false
  /// Bytes of the rows that nobody took from the answer that is being read.
  var droppedBytes = 0
  private var parameters = PostgresParameters()

  /// The loop that it lives on.
  var loop: EventLoop { handle.loop }

  init(_ handle: PostgresHandle, _ settings: PostgresSettings) {
    self.handle = handle
    self.settings = settings
    target = settings.target
    statements = PostgresStatements(countMaximum: settings.preparedMaximum)
  }

  /// Connects. On the loop that the connection will live on.
  static func connect(
    _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(DatabaseError) -> PostgresConnection {
    let handle = try await PostgresHandle.connect(settings, on: loop)
    let connection = PostgresConnection(handle, settings)
    do throws(DatabaseError) {
      try await connection.setSession()
      return connection
    } catch {
      connection.close()
      switch error {
      case .disconnected(_, let reason), .statement(_, let reason):
        throw .cannotOpen(target: settings.target, reason: reason)
      default: throw error
      }
    }
  }

  /// Whether it can be used.
  var isUsable: Bool { loss == nil }

  /// Whether it can be used and nothing is under way on it.
  var isIdle: Bool { loss == nil && due.isEmpty && transaction == .none && failure == nil }

  /// Whether an idle connection is still connected, as far as can be told without asking the server.
  var isAlive: Bool { loss == nil && handle.isQuiet() }

  /// Closes it. What was not committed is lost. Closing twice does nothing.
  func close() { lose(.disconnected(target: target, reason: "it was closed here")) }

  func lose(_ error: DatabaseError) {
    guard loss == nil else { return }
    loss = error
    failure = failure ?? error
    transaction = .none
    due.removeAll()
    handle.close()
  }

  // MARK: Sending

  /// Whether as much is unanswered as may be: call `relieve` before the next `enqueue`.
  var isFull: Bool {
    due.count >= settings.pipeline.statementsMaximum || due.bytes >= settings.pipeline.bytesMaximum
  }

  /// Sends a statement and does not wait for its answer; whether it failed is told by what is called later.
  ///
  /// Nothing suspends here: call `relieve` when `isFull`, or use `execute`, which does.
  func enqueue(_ sql: StaticString, _ parameters: [SQLValue]) throws(DatabaseError) {
    try send(.literal(sql), parameters, isQuery: false)
  }

  /// `enqueue` for a statement in the dialect of both stores.
  func enqueue(common sql: StaticString, _ parameters: [SQLValue]) throws(DatabaseError) {
    try send(.common(sql), parameters, isQuery: false)
  }

  /// `enqueue` for a statement that was put together at run time.
  func enqueue(dynamic sql: String, _ parameters: [SQLValue]) throws(DatabaseError) {
    try send(.dynamic(sql), parameters, isQuery: false)
  }

  /// Sends a statement, and waits only while too much is unanswered.
  func execute(_ sql: StaticString, _ parameters: [SQLValue]) async throws(DatabaseError) {
    if isFull { try await relieve() }
    try enqueue(sql, parameters)
  }

  /// `execute` for a statement that was put together at run time.
  func execute(dynamic sql: String, _ parameters: [SQLValue]) async throws(DatabaseError) {
    if isFull { try await relieve() }
    try enqueue(dynamic: sql, parameters)
  }

  func send(_ text: PostgresText, _ values: [SQLValue], isQuery: Bool) throws(DatabaseError) {
    precondition(due.count < settings.pipeline.statementsMaximum * 4, "what is full is relieved in time")
    if let loss { throw loss }
    if let failure { throw failure }
    do throws(PostgresParameters.Refusal) {
      try parameters.lay(values)
    } catch {
      throw refusal(error, text)
    }
    try sendBegin()
    let key = PostgresStatements.Key(text)
    let name: UInt32
    if let known = statements.name(of: key, for: values) {
      name = known
    } else {
      if case .dynamic(let sql) = text, sql.utf8.contains(0) { throw .zeroInText(sql: "a statement") }
      name = try prepare(text, key, values)
    }
    let sent = withStatementName(name) {
      PQsendQueryPrepared(
        handle.connection, $0, Int32(values.count), parameters.addresses, parameters.lengths,
        parameters.formats, 1)
    }
    try sentOrLost(sent)
    due.append(isQuery ? .query(name: name) : .statement(name: name), text, bytes: parameters.byteCount)
    needsSync = true
    sentSinceFlush += 1
    // Answers that are asked for in time are there before anyone has to wait for them.
    if sentSinceFlush * 4 >= settings.pipeline.statementsMaximum { try askForAnswers() }
  }

  private func refusal(_ refusal: PostgresParameters.Refusal, _ text: PostgresText) -> DatabaseError {
    let sql = PostgresFailure.excerpt(text.text)
    switch refusal {
    case .zeroInText: return .zeroInText(sql: sql)
    case .tooMany:
      return .statement(sql: sql, reason: "more than \(PostgresParameters.countMaximum) parameters")
    case .tooLarge:
      return .statement(sql: sql, reason: "parameters of more than \(PostgresParameters.bytesMaximum) bytes")
    }
  }

  private func prepare(
    _ text: PostgresText, _ key: PostgresStatements.Key, _ values: [SQLValue]
  ) throws(DatabaseError) -> UInt32 {
    let translated = try text.translated
    let entry = statements.add(key, for: values)
    while let leaving = statements.takeLeaving() {
      try sendPlain("DEALLOCATE \(Self.prefix)\(leaving)", .deallocate(name: leaving))
    }
    let sent = withStatementName(entry.name) { name in
      switch text {
      case .literal(let literal) where literal.hasPointerRepresentation:
        // A literal ends with a zero byte.
        literal.utf8Start.withMemoryRebound(to: CChar.self, capacity: literal.utf8CodeUnitCount + 1) {
          PQsendPrepare(handle.connection, name, $0, Int32(values.count), entry.types)
        }
      default:
        PQsendPrepare(handle.connection, name, translated, Int32(values.count), entry.types)
      }
    }
    try sentOrLost(sent)
    due.append(.prepare(name: entry.name), text)
    return entry.name
  }

  /// Sends a statement without parameters, and not to be kept.
  func sendPlain(_ sql: String, _ kind: PostgresAnswers.Kind) throws(DatabaseError) {
    try sentOrLost(PQsendQueryParams(handle.connection, sql, 0, nil, nil, nil, nil, 1))
    due.append(kind, .dynamic(sql))
    needsSync = true
    sentSinceFlush += 1
  }

  /// Marks the end of what fails together, and has the server answer all of it.
  func sendSync() throws(DatabaseError) {
    guard needsSync else { return }
    try sentOrLost(PQpipelineSync(handle.connection))
    due.append(.sync, .literal("sync"))
    needsSync = false
    sentSinceFlush = 0
  }

  /// Has the server send the answers that it has.
  func askForAnswers() throws(DatabaseError) {
    guard sentSinceFlush > 0 else { return }
    try sentOrLost(PQsendFlushRequest(handle.connection))
    sentSinceFlush = 0
  }

  /// libpq refuses to send only when the connection is broken: what it is given has been checked.
  func sentOrLost(_ result: Int32) throws(DatabaseError) {
    if result == 1 { return }
    let error = DatabaseError.disconnected(target: target, reason: handle.complaint)
    lose(error)
    throw error
  }

  private static let prefix = "varve_"

  /// Calls `body` with the name that the server knows a statement by, made where it costs no allocation.
  private func withStatementName(_ name: UInt32, _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 24) { buffer in
      var end = buffer.count - 1
      buffer[end] = 0
      var rest = name
      repeat {
        end -= 1
        buffer[end] = CChar(0x30 + rest % 10)
        rest /= 10
      } while rest > 0
      for byte in Self.prefix.utf8.reversed() {
        end -= 1
        buffer[end] = CChar(byte)
      }
      guard let base = buffer.baseAddress else { return 0 }
      return body(base + end)
    }
  }

  // MARK: Asking

  /// The rows of a statement, after everything that was enqueued before it.
  func query(_ sql: StaticString, _ parameters: [SQLValue]) async throws(DatabaseError) -> [[SQLValue]] {
    try await collect(.literal(sql), parameters)
  }

  /// `query` for a statement in the dialect of both stores.
  func query(common sql: StaticString, _ parameters: [SQLValue]) async throws(DatabaseError) -> [[SQLValue]] {
    try await collect(.common(sql), parameters)
  }

  /// `query` for a statement that was put together at run time.
  func query(dynamic sql: String, _ parameters: [SQLValue]) async throws(DatabaseError) -> [[SQLValue]] {
    try await collect(.dynamic(sql), parameters)
  }

  /// The rows of a statement one by one, as they come: for answers of any size.
  ///
  /// - Parameter row: takes a row. When it throws, the rows that are left are dropped and its error is thrown; the
  ///   transaction is none the worse for it.
  func query(
    _ sql: StaticString, _ parameters: [SQLValue], each row: ([SQLValue]) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    try await ask(.literal(sql), parameters) { (values, _) throws(DatabaseError) in try row(values) }
  }

  /// The same for a statement that was put together at run time.
  func query(
    dynamic sql: String, _ parameters: [SQLValue], each row: ([SQLValue]) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    try await ask(.dynamic(sql), parameters) { (values, _) throws(DatabaseError) in try row(values) }
  }

  private func collect(
    _ text: PostgresText, _ values: [SQLValue]
  ) async throws(DatabaseError) -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    var bytes = 0
    let limit = settings.answer
    try await ask(text, values) { (row, size) throws(DatabaseError) in
      bytes += size
      if rows.count >= limit.rowsMaximum {
        throw .statement(
          sql: PostgresFailure.excerpt(text.text), reason: "more than \(limit.rowsMaximum) rows")
      }
      if bytes > limit.bytesMaximum {
        throw .statement(
          sql: PostgresFailure.excerpt(text.text), reason: "more than \(limit.bytesMaximum) bytes of rows")
      }
      rows.append(row)
    }
    return rows
  }

  private func ask(
    _ text: PostgresText, _ values: [SQLValue],
    row: (_ values: [SQLValue], _ bytes: Int) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    try checkCancellation()
    try send(text, values, isQuery: true)
    try sendSync()
    droppedBytes = 0
    var rowFailure: DatabaseError?
    do throws(DatabaseError) {
      try await takeAnswers(downTo: 0) { result in
        guard rowFailure == nil else { return false }
        do throws(DatabaseError) {
          for index in 0..<PQntuples(result) {
            let (values, bytes) = try PostgresRow.values(result, row: index, sql: text.text)
            try row(values, bytes)
          }
          return true
        } catch {
          rowFailure = error
          return false
        }
      }
    } catch {
      throw rowFailure ?? error
    }
    try tellFailure()
    if let rowFailure { throw rowFailure }
  }
}
