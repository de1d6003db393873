// A request under way over HTTP/2, and its answer. One task may write while another reads.

package import Bytes
package import HTTP
package import HTTP2
package import Runtime

/// One request and its answer.
///
/// `@unchecked Sendable`: used on the connection's loop only, but for the last reference, which may be
/// dropped anywhere.
package final class HTTP2ClientStream: @unchecked Sendable {
  /// Above this many bytes that wait for the server's window, `write` waits.
  static let highWaterBytes = 64 << 10

  private let stream: HTTP2Stream
  private let connection: HTTP2ClientConnection
  private let readable: LoopSignal
  private let writable: LoopSignal
  /// Whether this side gave the stream up.
  private var isCancelled = false
  private var hasFinished: Bool
  private var hasReadEnd = false

  init(_ stream: HTTP2Stream, _ connection: HTTP2ClientConnection, hasBody: Bool) {
    hasFinished = !hasBody
    self.stream = stream
    self.connection = connection
    readable = LoopSignal(connection.loop)
    writable = LoopSignal(connection.loop)
    stream.readSignal = readable
    stream.writeSignal = writable
    stream.writeMark = Self.highWaterBytes / 2
  }

  deinit {
    if isCancelled || (hasFinished && hasReadEnd) { return }
    // Nobody is interested any more. Without a loop there is no connection either.
    let (stream, connection) = (stream, connection)
    _ = connection.loop.post { _ in
      connection.session.reset(stream, .cancel)
      connection.wakeWriter()
    }
  }

  /// Its number on the connection.
  package var id: Int32 { stream.id }

  /// The fields that followed the body, once that has ended.
  package var trailers: HTTPFields { stream.trailers }

  /// What came before the answer proper (1xx).
  package var informational: [HTTPResponseHead] { stream.informational }

  /// How long the server says the body is; nil when it does not.
  package var contentLength: Int? { stream.contentLength }

  /// Whether the answer has come to its end, though some of it may not have been taken.
  package var hasAnswered: Bool { stream.hasEnded }

  // MARK: The answer

  /// The head of the answer. What precedes the answer proper (1xx) is passed over.
  ///
  /// - Parameter deadline: when to give up with `.timedOut(.head)`; the stream stays.
  package func response(until deadline: MonotonicInstant) async throws(HTTPClientError) -> HTTPResponseHead {
    while true {
      if isCancelled { throw .cancelled }
      // Whatever has become of the body since.
      if let head = stream.response {
        try checkSize(.answerFields, connection.limits.headerListBytesMaximum)
        return head
      }
      if let failure { throw failure }
      try await wait(readable, until: deadline, .head)
    }
  }

  /// The next piece of the body, as soon as there is one; nil after the last. The server may send as much
  /// anew.
  ///
  /// - Parameter deadline: when to give up with `.timedOut(.body)`; the stream stays.
  package func nextChunk(until deadline: MonotonicInstant) async throws(HTTPClientError) -> ByteBuffer? {
    while true {
      if let failure { throw failure }
      let piece = connection.session.take(from: stream)
      if !piece.isEmpty {
        connection.wakeWriter()
        return piece
      }
      if stream.hasEnded {
        hasReadEnd = true
        try checkSize(.answerTrailers, connection.limits.trailerBytesMaximum)
        return nil
      }
      try await wait(readable, until: deadline, .body)
    }
  }

  private func checkSize(_ limit: HTTPClientError.Limit, _ value: Int) throws(HTTPClientError) {
    if stream.refusal == nil { return }
    cancel(.cancel)
    throw .limitExceeded(limit, limit: value)
  }

  // MARK: The request's body

  /// Sends a piece of the body, and waits while more than 64 KiB of it wait for the server.
  ///
  /// - Parameter deadline: when to give up with `.timedOut(.sending)`. The piece may be sent all the same.
  /// - Throws: `.answeredEarly` when the server has answered in full and wants no more.
  package func write(
    _ buffer: ByteBuffer, until deadline: MonotonicInstant
  ) async throws(HTTPClientError) {
    try enqueue(buffer)
    guard stream.outboundCount > Self.highWaterBytes else { return }
    while stream.outboundCount > stream.writeMark {
      try await wait(writable, until: deadline, .sending)
      try checkWritable()
    }
  }

  /// Sends a piece of the body, without waiting for the server to take any of it.
  func enqueue(_ buffer: ByteBuffer) throws(HTTPClientError) {
    try checkWritable()
    do throws(HTTP2Violation) {
      try connection.session.write(buffer, on: stream)
    } catch {
      connection.fail(error)
    }
    connection.wakeWriter()
  }

  /// How many bytes of the body have still to be sent.
  package var unsentCount: Int { stream.outboundCount }

  /// Ends the body.
  ///
  /// - Parameter trailers: fields to follow it; nil for none.
  package func finish(trailers: HTTPFields? = nil) throws(HTTPClientError) {
    if hasFinished { return }
    try checkWritable()
    hasFinished = true
    var block: HTTP2FieldBlock?
    if let trailers, !trailers.isEmpty {
      block = HTTP2FieldBlock()
      block?.append(trailers, isAnswer: false)
    }
    do throws(HTTP2Violation) {
      try connection.session.finish(stream, trailers: block)
    } catch {
      connection.fail(error)
    }
    connection.wakeWriter()
  }

  private func checkWritable() throws(HTTPClientError) {
    precondition(connection.loop.isCurrent, "a stream is used on its connection's loop")
    if let failure { throw failure }
    if stream.isClosed { throw .answeredEarly }
  }

  // MARK: The end

  /// Gives the stream up: RST_STREAM, unless it is over. Whoever waits is woken with `.cancelled`.
  package func cancel(_ code: HTTP2ErrorCode) {
    precondition(connection.loop.isCurrent, "a stream is used on its connection's loop")
    if isCancelled || stream.isClosed { return }
    isCancelled = true
    connection.session.reset(stream, code)
    connection.wakeWriter()
    readable.wake()
    writable.wake()
  }

  /// Why there is no answer, or no more of it; nil while there may be.
  private var failure: HTTPClientError? {
    if isCancelled { return .cancelled }
    guard stream.wasReset, let code = stream.closeCode else { return nil }
    if stream.wasAbandoned { return connection.lost(mayHaveBeenProcessed: stream.hasSentHead) }
    guard stream.wasResetHere else { return .reset(code) }
    if code == .enhanceYourCalm {
      return .limitExceeded(.informationalAnswers, limit: connection.limits.informationalMaximum)
    }
    return .malformedAnswer("it breaks the rules of HTTP/2 (\(code))")
  }

  /// - Throws: `.cancelled` when the task was, and then the stream is given up; `.timedOut`.
  private func wait(
    _ signal: LoopSignal, until deadline: MonotonicInstant, _ phase: HTTPClientError.Phase
  ) async throws(HTTPClientError) {
    switch await signal.wait(until: deadline) {
    case .woken: return
    case .timedOut: throw .timedOut(phase, mayHaveBeenProcessed: stream.hasSentHead)
    case .cancelled:
      cancel(.cancel)
      throw .cancelled
    }
  }
}
