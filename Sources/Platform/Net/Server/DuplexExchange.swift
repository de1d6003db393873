// A request and its answer that go on side by side for as long as both sides like: what gRPC makes of a stream of
// HTTP/2. Unlike an exchange it has no deadlines of its own, but for requests that are to be prompt,
// and its two directions may be used by two tasks.

package import Bytes
package import HTTP
import HTTP2
package import Runtime
import Telemetry

extension Exchange {
  /// Takes the exchange for both directions at once. The answer is `status`; nothing is sent yet.
  ///
  /// The caller finishes it before the handler returns.
  ///
  /// - Returns: nil when the connection speaks HTTP/1.1, which answers one thing after the other.
  package mutating func duplex(answering status: HTTPStatus) -> DuplexExchange? {
    precondition(self.status == nil, "a request is answered once")
    guard case .http2(let carrier) = carrier else { return nil }
    self.status = status
    return DuplexExchange(carrier, status, id)
  }
}

/// Both directions of a stream. On the connection's loop only.
package final class DuplexExchange: @unchecked Sendable {
  /// Above this many bytes that wait for the client's window a writer waits too.
  private static let highWaterBytes = 64 << 10

  private let carrier: HTTP2Carrier
  private let status: HTTPStatus
  private let id: RequestID
  private var isInterrupted = false

  init(_ carrier: HTTP2Carrier, _ status: HTTPStatus, _ id: RequestID) {
    self.carrier = carrier
    self.status = status
    self.id = id
  }

  deinit { carrier.stream.whenLost = nil }

  /// Where both directions are used.
  package var loop: EventLoop { carrier.connection.loop }

  /// Whether the server is coming to its end.
  package var isDraining: Bool { carrier.connection.isDraining }

  /// Called once when the client has gone, or has given the stream up.
  package func whenLost(_ body: @escaping () -> Void) {
    if carrier.stream.wasReset { return body() }
    carrier.stream.whenLost = body
  }

  /// Ends the waits of both directions, now and later: nobody wants what they wait for.
  package func interrupt() {
    isInterrupted = true
    carrier.stream.wake()
  }

  // MARK: The request

  /// The next piece of the request; nil after the last. One task at a time asks.
  ///
  /// - Parameter isPrompt: whether nothing but the network may keep the request: then it has the time that bodies have.
  /// - Throws: when the client has gone, or after `interrupt`; 408 for what should have been prompt.
  package func nextChunk(isPrompt: Bool) async throws(HTTPError) -> ByteBuffer? {
    while true {
      if isInterrupted || carrier.stream.wasReset { throw carrier.lost() }
      let piece = carrier.connection.session.take(from: carrier.stream)
      if !piece.isEmpty {
        carrier.bodyBytesIn += piece.count
        carrier.connection.wakeWriter()
        return piece
      }
      if carrier.stream.hasEnded { return nil }
      if isPrompt {
        try await carrier.waitForBody()
      } else {
        _ = await carrier.stream.waitToRead(until: .never)
      }
    }
  }

  // MARK: The answer

  /// Writes the head of the answer.
  ///
  /// - Parameter isAll: whether nothing will follow, trailers neither.
  package func start(_ fields: HTTPFields, isAll: Bool) throws(HTTPError) {
    // To a client, an answer that is a head and nothing more is one to HEAD.
    try carrier.start(
      status, fields, adding: HTTPFields(), .unknown, id: id, isHead: isAll)
  }

  /// Puts a piece behind what was written, and suspends while the client is too far behind. One task at a time writes.
  ///
  /// - Throws: when the client has gone, or after `interrupt`.
  package func write(_ buffer: ByteBuffer) async throws(HTTPError) {
    try carrier.write(buffer)
    carrier.connection.wakeWriter()
    while carrier.stream.outboundCount > Self.highWaterBytes {
      if isInterrupted { throw carrier.lost() }
      _ = await carrier.stream.waitToWrite(below: Self.highWaterBytes / 2, until: .never)
      try carrier.flush()
    }
  }

  /// Ends the answer. What waits for the client's window is sent as it opens.
  package func finish(trailers: HTTPFields?) async throws(HTTPError) {
    try await carrier.finish(trailers: trailers)
  }
}
