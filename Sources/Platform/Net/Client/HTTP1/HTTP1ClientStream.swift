// A request under way over HTTP/1.1, and its answer, for whoever asked.

import Bytes
import HTTP
import HTTP1
import Runtime

/// One request and its answer.
///
/// `@unchecked Sendable`: used on the connection's loop only, but for the last reference, which may be
/// dropped anywhere.
final class HTTP1ClientStream: ClientStream, @unchecked Sendable {
  /// Above this many bytes that wait for the server, `write` waits.
  private static let highWaterBytes = 64 << 10

  private let exchange: HTTP1Exchange
  private let connection: HTTP1ClientConnection
  /// Whether the body's length is not known, and it goes in chunks.
  private let chunks: Bool
  private var hasReadEnd = false

  init(_ exchange: HTTP1Exchange, _ connection: HTTP1ClientConnection, chunks: Bool) {
    self.exchange = exchange
    self.connection = connection
    self.chunks = chunks
  }

  deinit {
    if hasReadEnd { return }
    let (exchange, connection) = (exchange, connection)
    // Without a loop there is no connection either.
    _ = connection.loop.post { _ in connection.giveUp(exchange) }
  }

  var version: HTTPVersion { .http11 }
  var trailers: HTTPFields { exchange.trailers }
  var contentLength: Int? { exchange.contentLength }
  var unsentCount: Int { exchange.hasEnded ? 0 : connection.unsentCount }

  // MARK: The answer

  func response(until deadline: MonotonicInstant) async throws(HTTPClientError) -> HTTPResponseHead {
    while true {
      if case .cancelled? = exchange.failure { throw .cancelled }
      // Whatever has become of the body since.
      if let head = exchange.response { return head }
      if let failure = exchange.failure { throw failure }
      try await wait(exchange.readable, until: deadline, .head)
    }
  }

  func nextChunk(until deadline: MonotonicInstant) async throws(HTTPClientError) -> ByteBuffer? {
    while true {
      if let failure = exchange.failure { throw failure }
      if !exchange.inbound.isEmpty {
        let piece = exchange.inbound.removeFirst()
        exchange.inboundCount -= piece.count
        if !exchange.isFull { connection.room.wake() }
        return piece
      }
      if exchange.hasEnded {
        hasReadEnd = true
        return nil
      }
      try await wait(exchange.readable, until: deadline, .body)
    }
  }

  // MARK: The request's body

  func write(_ buffer: ByteBuffer, until deadline: MonotonicInstant) async throws(HTTPClientError) {
    try enqueue(buffer)
    guard connection.unsentCount > Self.highWaterBytes else { return }
    while connection.unsentCount > Self.highWaterBytes / 2 {
      try await wait(exchange.writable, until: deadline, .sending)
      try checkWritable()
    }
  }

  func writeAll(_ buffer: ByteBuffer) throws(HTTPClientError) {
    try enqueue(buffer)
    try finish(trailers: nil)
  }

  private func enqueue(_ buffer: ByteBuffer) throws(HTTPClientError) {
    try checkWritable()
    if buffer.isEmpty { return }
    guard chunks else { return connection.send(buffer) }
    var line = ByteBuffer(capacity: 20)
    HTTP1Writer.append(chunkOf: buffer.count, to: &line)
    connection.send(line)
    connection.send(buffer)
    var end = ByteBuffer(capacity: 2)
    HTTP1Writer.appendChunkEnd(to: &end)
    connection.send(end)
  }

  func finish(trailers: HTTPFields?) throws(HTTPClientError) {
    if exchange.hasFinished { return }
    try checkWritable()
    exchange.hasFinished = true
    guard chunks else { return }
    var end = ByteBuffer(capacity: 8)
    HTTP1Writer.appendLastChunk(trailers: trailers ?? HTTPFields(), to: &end)
    connection.send(end)
  }

  private func checkWritable() throws(HTTPClientError) {
    precondition(connection.loop.isCurrent, "a stream is used on its connection's loop")
    if let failure = exchange.failure { throw failure }
    // Once the answer is whole, or the server has stopped listening, nothing is written any more.
    if exchange.hasEnded || exchange.isDeaf { throw .answeredEarly }
  }

  // MARK: The end

  func giveUp() { connection.giveUp(exchange) }

  private func wait(
    _ signal: LoopSignal, until deadline: MonotonicInstant, _ phase: HTTPClientError.Phase
  ) async throws(HTTPClientError) {
    switch await signal.wait(until: deadline) {
    case .woken: return
    case .timedOut: throw .timedOut(phase, mayHaveBeenProcessed: exchange.hasSent)
    case .cancelled:
      giveUp()
      throw .cancelled
    }
  }
}
