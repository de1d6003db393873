// What moves the bytes of an exchange: a connection of HTTP/1.1 or a stream of HTTP/2.

import Bytes
import HTTP
import HTTP1
import HTTP2
import Runtime
import TLS

/// The protocol under an exchange.
///
/// The one of HTTP/1.1 lives in the memory of the function that serves the connection, for as long as that runs: in a class each
/// access would be checked and counted, and an enum that owns it would move it about with every call.
enum Carrier {
  case http1(UnsafeMutablePointer<HTTP1Carrier>)
  case http2(HTTP2Carrier)

  // MARK: The connection

  var context: HTTPServerContext {
    switch self {
    case .http1(let carrier): carrier.pointee.context
    case .http2(let carrier): carrier.connection.context
    }
  }

  var loop: EventLoop {
    switch self {
    case .http1(let carrier): carrier.pointee.loop
    case .http2(let carrier): carrier.connection.loop
    }
  }

  var peer: SocketAddress? {
    switch self {
    case .http1(let carrier): carrier.pointee.peer
    case .http2(let carrier): carrier.connection.peer
    }
  }

  var isDraining: Bool {
    switch self {
    case .http1(let carrier): carrier.pointee.transport.isDraining
    case .http2(let carrier): carrier.connection.isDraining
    }
  }

  // MARK: The request

  var bodyLength: HTTPBodyLength {
    switch self {
    case .http1(let carrier): carrier.pointee.framing.body
    case .http2(let carrier): carrier.bodyLength
    }
  }

  var trailers: HTTPFields {
    switch self {
    case .http1(let carrier): carrier.pointee.trailers
    case .http2(let carrier): carrier.stream.trailers
    }
  }

  var bodyBytesIn: Int {
    switch self {
    case .http1(let carrier): carrier.pointee.bodyBytesIn
    case .http2(let carrier): carrier.bodyBytesIn
    }
  }

  var bodyBytesOut: Int {
    switch self {
    case .http1(let carrier): carrier.pointee.bodyBytesOut
    case .http2(let carrier): carrier.bodyBytesOut
    }
  }

  @inline(__always)
  func nextChunk(hasAnswered: Bool) async throws(HTTPError) -> ByteBuffer? {
    switch self {
    case .http1(let carrier): try await carrier.pointee.nextChunk(hasAnswered: hasAnswered)
    case .http2(let carrier): try await carrier.nextChunk(hasAnswered: hasAnswered)
    }
  }

  // MARK: The answer

  /// Whether the answer was given as it was promised.
  var hasFinished: Bool {
    switch self {
    case .http1(let carrier): carrier.pointee.hasFinished
    case .http2(let carrier): carrier.hasFinished
    }
  }

  /// What was begun will not be finished: the client must not take it for whole.
  func breakOff() {
    switch self {
    case .http1(let carrier): carrier.pointee.writing = .broken
    case .http2(let carrier): carrier.writing = .broken
    }
  }

  /// Where the next request would begin is not known. On HTTP/2 it always is.
  func closeAfterwards() {
    if case .http1(let carrier) = self { carrier.pointee.framing.keepsAlive = false }
  }

  @inline(__always)
  func write(_ buffer: ByteBuffer) throws(HTTPError) {
    switch self {
    case .http1(let carrier): try carrier.pointee.write(buffer)
    case .http2(let carrier): try carrier.write(buffer)
    }
  }

  @inline(__always)
  func send(_ range: FileRange) async throws(HTTPError) {
    switch self {
    case .http1(let carrier): try await carrier.pointee.send(range)
    case .http2(let carrier): try await carrier.send(range)
    }
  }

  @inline(__always)
  func flush() async throws(HTTPError) {
    switch self {
    case .http1(let carrier): try await carrier.pointee.flush()
    case .http2(let carrier): try carrier.flush()
    }
  }

  @inline(__always)
  func flushIfFull() async throws(HTTPError) {
    switch self {
    case .http1(let carrier): try await carrier.pointee.flushIfFull()
    case .http2(let carrier): try await carrier.flushIfFull()
    }
  }

  @inline(__always)
  func finish(trailers: HTTPFields?) async throws(HTTPError) {
    switch self {
    case .http1(let carrier): try await carrier.pointee.finish(trailers: trailers)
    case .http2(let carrier): try await carrier.finish(trailers: trailers)
    }
  }
}
