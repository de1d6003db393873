// An HTTP/1.1 connection under one request after another: reads bodies, writes answers, and knows whether the
// connection can carry another request. Reading the body is here; writing is HTTP1Carrier+Answer.swift, and the
// order of things is Exchange+HTTP1.swift.

import Bytes
import HTTP
import HTTP1
import Runtime
import TLS
import Telemetry

/// What moves the bytes of an exchange.
struct HTTP1Carrier: ~Copyable {
  /// How far the request's body was read.
  enum Reading {
    case ended
    case left(Int)
    case chunked
    /// It broke a rule or did not come: what follows on the connection cannot be told.
    case failed
  }

  /// How far the answer is.
  enum Writing {
    case nothing
    /// So many bytes are still promised.
    case left(Int)
    case chunked
    case untilClose
    /// The body is not sent.
    case discarded
    case finished
    /// Fewer or other bytes went out than were promised.
    case broken
  }

  var transport: Transport
  /// The transport's: asked for several times a request.
  let loop: EventLoop
  let context: HTTPServerContext
  /// Names the request in the lines that are logged under it.
  let current = CurrentRequest()
  var parser: HTTP1RequestParser
  var framing = HTTP1Framing()
  var reading = Reading.ended
  var writing = Writing.nothing
  var chunks: HTTP1ChunkedDecoder
  var trailers = HTTPFields()
  /// Whether the client still waits for 100 (Continue).
  var owesContinue = false
  /// Whether another request may follow, as was said to the client in the answer's head.
  var keepsAlive = false
  var requests = 0
  var bodyBytesIn = 0
  var bodyBytesOut = 0
  /// How long the server has waited for the body.
  private var waitedNanoseconds: UInt64 = 0
  private var knownPeer: SocketAddress?
  /// Has the connection after the handler, when it left HTTP.
  var takeover: (@Sendable (consuming Transport) async -> Void)?

  init(_ transport: consuming Transport, _ context: HTTPServerContext) {
    loop = transport.loop
    self.transport = transport
    self.context = context
    parser = HTTP1RequestParser(limits: context.configuration.limits)
    chunks = HTTP1ChunkedDecoder(limits: context.configuration.limits)
  }

  /// The other end's address, asked of the kernel once.
  var peer: SocketAddress? {
    mutating get {
      if knownPeer == nil { knownPeer = transport.peerAddress }
      return knownPeer
    }
  }

  /// Takes on a request.
  mutating func begin(_ framing: HTTP1Framing) {
    self.framing = framing
    requests += 1
    writing = .nothing
    bodyBytesIn = 0
    bodyBytesOut = 0
    owesContinue = framing.expectsContinue
    switch framing.body {
    case .none:
      reading = .ended
      return
    case .exactly(let count):
      reading = .left(count)
    case .unknown:
      reading = .chunked
      chunks = HTTP1ChunkedDecoder(limits: context.configuration.limits)
    }
    waitedNanoseconds = 0
    trailers = HTTPFields()
  }

  // MARK: The request's body

  /// Whether the answer was sent as it was promised.
  var hasFinished: Bool {
    if case .finished = writing { return true }
    return false
  }

  var hasReadBody: Bool {
    if case .ended = reading { return true }
    return false
  }

  /// The next piece of the body; nil after the last.
  ///
  /// - Parameter hasAnswered: whether the answer has begun: then it is too late for 100 (Continue).
  mutating func nextChunk(hasAnswered: Bool) async throws(HTTPError) -> ByteBuffer? {
    while true {
      switch reading {
      case .ended:
        return nil
      case .failed:
        throw HTTP1Error.malformed("the body is broken").asHTTPError
      case .left(let count):
        if let piece = takePiece(count) { return piece }
      case .chunked:
        let step: HTTP1ChunkedDecoder.Step
        do throws(HTTP1Error) {
          step = try chunks.next(from: &transport.input)
        } catch {
          throw fail(error.asHTTPError)
        }
        switch step {
        case .data(let piece):
          return count(piece)
        case .end(let fields):
          trailers = fields
          reading = .ended
          return nil
        case .needsMore:
          break
        }
      }
      try await receive(hasAnswered: hasAnswered)
    }
  }

  /// What has arrived of the `left` bytes that are to come; nil when nothing has.
  private mutating func takePiece(_ left: Int) -> ByteBuffer? {
    if transport.input.isEmpty { return nil }
    let piece = transport.input.split(min(left, transport.input.count))
    reading = piece.count == left ? .ended : .left(left - piece.count)
    return count(piece)
  }

  private mutating func count(_ piece: ByteBuffer) -> ByteBuffer {
    owesContinue = false
    bodyBytesIn += piece.count
    return piece
  }

  /// Waits for more of the body. The client is held to the least rate by the time that the server waited for it,
  /// not by the time that the handler took between two pieces.
  private mutating func receive(hasAnswered: Bool) async throws(HTTPError) {
    if owesContinue && !hasAnswered {
      owesContinue = false
      transport.output.append("HTTP/1.1 100 Continue\r\n\r\n")
    }
    // What was written goes out first: the client may wait for it before it sends more.
    if transport.outputCount > 0 { try await flush() }
    let began = loop.now
    let allowed = context.configuration.timeouts.allowance(context.bodyNanoseconds, for: bodyBytesIn)
    let left = allowed > waitedNanoseconds ? allowed - waitedNanoseconds : 0
    let received: Int
    do throws(NetworkError) {
      received = try await transport.receive(until: began.advanced(nanoseconds: left))
    } catch {
      throw fail(error == .timedOut ? Self.bodyTimedOut : .connectionLost(error))
    }
    waitedNanoseconds += loop.now.nanoseconds - began.nanoseconds
    if received == 0 { throw fail(HTTP1Error.truncated.asHTTPError) }
  }

  private mutating func fail(_ error: HTTPError) -> HTTPError {
    reading = .failed
    return error
  }

  private static var bodyTimedOut: HTTPError {
    HTTPError(408, code: "body_timeout", "the body did not arrive in time", consequence: .closing)
  }
}
