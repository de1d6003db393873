// Taking answers: libpq is flushed, read and asked in turn until as few are due as the caller wants. Reading goes on
// while there is something to write, since a server that cannot get rid of its answers takes no more statements.

import CPostgres
import Runtime

extension PostgresConnection {
  /// Rows of an answer that nobody takes any more are read and dropped up to this many bytes; for more, losing the
  /// connection is cheaper.
  static let droppedBytesMaximum = 64 << 20

  /// Waits until at most half of what may be unanswered is, and throws if something has failed.
  func relieve() async throws(DatabaseError) {
    if let loss { throw loss }
    try checkCancellation()
    try askForAnswers()
    try await takeAnswers(
      downTo: settings.pipeline.statementsMaximum / 2, bytes: settings.pipeline.bytesMaximum / 2)
    if failure != nil { try await drain() }
  }

  /// Waits until everything that was sent is answered, and throws the first failure.
  func drain() async throws(DatabaseError) {
    if let loss { throw loss }
    try checkCancellation()
    try sendSync()
    try await takeAnswers(downTo: 0)
    try tellFailure()
  }

  /// Throws the failure, if there is one. Outside a transaction it is told and done with; inside, it stays.
  func tellFailure() throws(DatabaseError) {
    guard let failure else { return }
    if transaction == .none && loss == nil { self.failure = nil }
    throw failure
  }

  /// Throws `.cancelled` when the task is, before anything is sent that would have to be waited for.
  func checkCancellation() throws(DatabaseError) {
    if Task.isCancelled { throw .cancelled }
  }

  /// Takes answers until at most `count` are due, with parameters of at most `bytes`.
  ///
  /// - Parameter rows: gets the rows of the query among them, one or several at a time; false when it has enough.
  func takeAnswers(
    downTo count: Int, bytes: Int = 0, rows: (OpaquePointer) -> Bool = { _ in true }
  ) async throws(DatabaseError) {
    while true {
      if let loss { throw loss }
      let unsent = PQflush(handle.connection)
      takeReady(rows)
      if loss != nil { continue }
      // libpq may have closed its socket, which then never becomes ready.
      if unsent < 0 || PQstatus(handle.connection) != CONNECTION_OK {
        lose(.disconnected(target: target, reason: handle.complaint))
        continue
      }
      if unsent == 0 && due.count <= count && (count == 0 || due.bytes <= bytes) { return }
      do throws(NetworkError) {
        try await handle.wait(
          for: unsent == 0 ? .readable : [.readable, .writable],
          until: loop.deadline(in: settings.answerTimeout))
      } catch {
        lose(.disconnected(target: target, reason: Self.reason(error, settings)))
        continue
      }
      if PQconsumeInput(handle.connection) == 0 {
        let reason = handle.complaint
        // What came before the end may say more than that it ended.
        takeReady(rows)
        lose(.disconnected(target: target, reason: reason))
      }
    }
  }

  static func reason(_ error: NetworkError, _ settings: PostgresSettings) -> String {
    switch error {
    case .timedOut: "the server said nothing for \(settings.answerTimeout)"
    case .cancelled: "the task was cancelled while it waited for an answer"
    default: "\(error)"
    }
  }

  /// Takes the answers that libpq has.
  private func takeReady(_ rows: (OpaquePointer) -> Bool) {
    while loss == nil, let entry = due.first {
      // Row by row, so that a limit is a limit: otherwise libpq collects whatever comes. It has to be said before libpq
      // looks at the answer, so before it is asked whether there is one.
      if case .query = entry.kind, !hasFirstAnswered { PQsetSingleRowMode(handle.connection) }
      guard PQisBusy(handle.connection) == 0 else { return }
      guard let result = PQgetResult(handle.connection) else {
        // The end of an answer; or of nothing, when libpq has only seen the connection break.
        guard hasFirstAnswered else { return }
        hasFirstAnswered = false
        due.removeFirst()
        continue
      }
      take(result, for: entry, rows)
      PQclear(result)
    }
  }

  private func take(
    _ result: OpaquePointer, for entry: PostgresAnswers.Entry, _ rows: (OpaquePointer) -> Bool
  ) {
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      guard case .sync = entry.kind else { return loseTrack() }
      due.removeFirst()
    case PGRES_SINGLE_TUPLE:
      offer(result, to: rows)
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      hasFirstAnswered = true
      succeed(result, entry, rows)
    case PGRES_PIPELINE_ABORTED:
      hasFirstAnswered = true
      skip(entry.kind)
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      lose(.disconnected(target: target, reason: "COPY is not for this connection"))
    default:
      hasFirstAnswered = true
      fail(result, entry)
    }
  }

  private func offer(_ result: OpaquePointer, to rows: (OpaquePointer) -> Bool) {
    if rows(result) { return }
    for row in 0..<PQntuples(result) {
      for column in 0..<PQnfields(result) { droppedBytes += 16 + Int(PQgetlength(result, row, column)) }
    }
    if droppedBytes > Self.droppedBytesMaximum {
      lose(.disconnected(target: target, reason: "too much was left of an answer that was not wanted whole"))
    }
  }

  /// Answers do not match what was sent: nothing that follows can be believed.
  private func loseTrack() {
    lose(.disconnected(target: target, reason: "the server's answers do not match the statements"))
  }

  private func succeed(
    _ result: OpaquePointer, _ entry: PostgresAnswers.Entry, _ rows: (OpaquePointer) -> Bool
  ) {
    switch entry.kind {
    case .query: offer(result, to: rows)
    case .prepare(let name): statements.confirm(name)
    case .commit:
      // The server answers ROLLBACK to a COMMIT of a transaction that had failed.
      if String(cString: PQcmdStatus(result)) != "COMMIT" {
        failure = failure ?? .conflict(reason: "the server rolled the transaction back")
      }
      transaction = .none
    case .rollback: transaction = .none
    case .begin, .statement, .deallocate, .session: break
    case .sync: loseTrack()
    }
  }

  /// A statement was not run, because one before it failed.
  private func skip(_ kind: PostgresAnswers.Kind) {
    switch kind {
    case .prepare(let name): statements.forget(name)
    case .deallocate(let name): statements.stays(name)
    default: break
    }
  }

  private func fail(_ result: OpaquePointer, _ entry: PostgresAnswers.Entry) {
    skip(entry.kind)
    let error = PostgresFailure.of(result, sql: entry.text.text, target: target, inReadOnly: isReadOnly)
    failure = failure ?? error
    switch (entry.kind, error) {
    // After a fatal complaint the server closes the connection.
    case (_, .disconnected): lose(error)
    case (.statement(let name), .conflict), (.query(let name), .conflict):
      if PostgresFailure.field(result, "C") == "0A000" { statements.discard(name) }
    // Whatever kept it from committing, the server has ended the transaction.
    case (.commit, _), (.rollback, _): transaction = .none
    default: break
    }
  }
}
