// What a request and its answer are to whoever asks, over whichever version of HTTP they go.

import Bytes
import HTTP
import HTTP2
import Runtime

/// One request under way. Used on its loop only; one task may write while another reads. Whoever drops it
/// gives it up.
protocol ClientStream: AnyObject, Sendable {
  /// Which version it goes over.
  var version: HTTPVersion { get }
  /// The head of the answer; what precedes the answer proper is passed over.
  func response(until deadline: MonotonicInstant) async throws(HTTPClientError) -> HTTPResponseHead
  /// The next piece of the answer's body; nil after the last.
  func nextChunk(until deadline: MonotonicInstant) async throws(HTTPClientError) -> ByteBuffer?
  /// The fields that followed it.
  var trailers: HTTPFields { get }
  /// How long the server says the body is.
  var contentLength: Int? { get }
  /// Sends a piece of the request's body, and waits while too much of it waits for the server.
  func write(_ buffer: ByteBuffer, until deadline: MonotonicInstant) async throws(HTTPClientError)
  /// Sends all that is left of it, without waiting.
  func writeAll(_ buffer: ByteBuffer) throws(HTTPClientError)
  /// Ends it.
  func finish(trailers: HTTPFields?) throws(HTTPClientError)
  /// How many bytes have still to be sent.
  var unsentCount: Int { get }
  /// Gives the request up; whoever waits is woken.
  func giveUp()
}

extension HTTP2ClientStream: ClientStream {
  var version: HTTPVersion { .http2 }

  func writeAll(_ buffer: ByteBuffer) throws(HTTPClientError) {
    try enqueue(buffer)
    try finish(trailers: nil)
  }

  func giveUp() { cancel(.cancel) }
}
