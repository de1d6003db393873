// Transactions, scripts, and what a new session is told. BEGIN travels with the first statement and COMMIT behind the
// last, so that a transaction of writes costs one round trip.

import CPostgres
import Runtime

extension PostgresConnection {
  /// Begins a transaction; the server hears of it with the first statement.
  ///
  /// A reading one sees the same from its first statement on, whatever is committed meanwhile.
  func begin(_ mode: Mode) throws(DatabaseError) {
    if let loss { throw loss }
    if let failure { throw failure }
    precondition(transaction == .none, "a transaction is begun inside another")
    transaction = .begun(mode)
  }

  /// Sends the BEGIN that was put off.
  func sendBegin() throws(DatabaseError) {
    guard case .begun(let mode) = transaction else { return }
    // What was enqueued before it is no part of it.
    try sendSync()
    transaction = .open
    try sendPlain(Self.begin(mode), .begin)
  }

  private static func begin(_ mode: Mode) -> String {
    switch mode {
    case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case .write(.readCommitted): "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    case .write(.repeatableRead): "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
    case .write(.serializable): "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
    }
  }

  /// Commits what was done since `begin`, and waits until it is. The transaction is over in any case: when this throws,
  /// nothing of it was kept, except that after `.disconnected` it is not known.
  func commit() async throws(DatabaseError) {
    if let loss { throw loss }
    precondition(transaction != .none, "a commit without a transaction")
    guard transaction == .open else {
      transaction = .none
      return
    }
    if Task.isCancelled {
      // There is no waiting for a rollback any more; without its connection the transaction ends as well.
      lose(.disconnected(target: target, reason: "the task was cancelled before it committed"))
      throw .cancelled
    }
    if failure == nil {
      try sendPlain("COMMIT", .commit)
      try sendSync()
      try await takeAnswers(downTo: 0)
    }
    guard let failure else { return }
    try await rollback()
    throw failure
  }

  /// Gives up what was done since `begin`. Without a transaction, does nothing.
  ///
  /// Throws only when the connection is lost, which gives it up as well.
  func rollback() async throws(DatabaseError) {
    if let loss { throw loss }
    // A failed group has to end before the server listens again.
    try sendSync()
    if transaction == .open {
      try sendPlain("ROLLBACK", .rollback)
      try sendSync()
    }
    try await takeAnswers(downTo: 0)
    transaction = .none
    failure = nil
  }

  // MARK: Scripts

  /// Runs a script of several statements without parameters, after everything that was enqueued. Its rows are dropped.
  ///
  /// The protocol for scripts is not the pipeline's, so the pipeline is emptied and left for it. Outside a transaction a
  /// script is one of its own, unless it says otherwise.
  func run(script: String) async throws(DatabaseError) {
    if script.utf8.contains(0) { throw .zeroInText(sql: "a script") }
    if let failure { throw loss ?? failure }
    try sendBegin()
    try await drain()
    guard PQexitPipelineMode(handle.connection) == 1, PQsendQuery(handle.connection, script) == 1 else {
      return try sentOrLost(0)
    }
    let scriptFailure = try await takeScriptAnswers(script)
    try sentOrLost(PQenterPipelineMode(handle.connection))
    // Statements prepared for the tables of before may not fit those of now.
    statements.discardAll()
    guard let scriptFailure else { return }
    if transaction == .open { failure = scriptFailure }
    throw scriptFailure
  }

  /// The first failure of a script.
  private func takeScriptAnswers(_ script: String) async throws(DatabaseError) -> DatabaseError? {
    var first: DatabaseError?
    while true {
      let unsent = PQflush(handle.connection)
      while PQisBusy(handle.connection) == 0 {
        guard let result = PQgetResult(handle.connection) else { return first }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: continue
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
          let error = DatabaseError.disconnected(target: target, reason: "COPY is not for this connection")
          lose(error)
          throw error
        default:
          let error = PostgresFailure.of(result, sql: Self.part(of: script, result), target: target)
          if case .disconnected = error {
            lose(error)
            throw error
          }
          first = first ?? error
        }
      }
      if unsent < 0 || PQstatus(handle.connection) != CONNECTION_OK { try sentOrLost(0) }
      try await waitForScript(unsent)
    }
  }

  private func waitForScript(_ unsent: Int32) async throws(DatabaseError) {
    do throws(NetworkError) {
      try await handle.wait(
        for: unsent == 0 ? .readable : [.readable, .writable],
        until: loop.deadline(in: settings.answerTimeout))
    } catch {
      lose(.disconnected(target: target, reason: Self.reason(error, settings)))
    }
    if let loss { throw loss }
    // When reading fails, what came before is still to be taken, and says why.
    if PQconsumeInput(handle.connection) == 0 && PQisBusy(handle.connection) != 0 { try sentOrLost(0) }
  }

  /// The part of a script that a complaint is about: from the place it names, the whole script when it names none.
  private static func part(of script: String, _ result: OpaquePointer) -> String {
    guard let position = Int(PostgresFailure.field(result, "P")), position > 0 else { return script }
    // The server counts characters (code points), from one.
    let scalars = script.unicodeScalars
    guard let place = scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    else { return script }
    let start = scalars[..<place].lastIndex(of: ";").map(scalars.index(after:)) ?? scalars.startIndex
    return String(scalars[start...])
  }

  // MARK: The session

  /// Tells the server what this connection is like.
  func setSession() async throws(DatabaseError) {
    var values: [(String, String)] = [
      ("statement_timeout", String(settings.statementTimeout.wholeMilliseconds)),
      ("lock_timeout", String(settings.lockTimeout.wholeMilliseconds)),
      ("idle_in_transaction_session_timeout", String(settings.idleTransactionTimeout.wholeMilliseconds)),
      ("standard_conforming_strings", "on"),
    ]
    // A server that runs a long statement for somebody who has gone finds out.
    if PQserverVersion(handle.connection) >= 140_000 {
      values.append(("client_connection_check_interval", "10000"))
    }
    var calls = values.map { "set_config('\($0.0)', '\($0.1)', false)" }
    if let schema = settings.schema {
      // A name becomes an identifier, and the identifier a text.
      guard let identifier = quoted(schema, PQescapeIdentifier),
        let text = quoted(identifier, PQescapeLiteral)
      else { throw .cannotOpen(target: target, reason: "no schema can be called '\(schema)'") }
      calls.append("set_config('search_path', \(text), false)")
    }
    try sendPlain("SELECT " + calls.joined(separator: ", "), .session)
    try await drain()
  }

  private func quoted(
    _ text: String,
    _ quote: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
  ) -> String? {
    guard !text.utf8.contains(0), let made = quote(handle.connection, text, text.utf8.count) else {
      return nil
    }
    defer { PQfreemem(made) }
    return String(cString: made)
  }
}
