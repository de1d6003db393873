// A stream of HTTP/2 under one request: reads its body and writes its answer. Writing is HTTP2Carrier+Answer.swift.

import Bytes
import HTTP
import HTTP1
import HTTP2
import Runtime
import Telemetry

/// What moves the bytes of an exchange over HTTP/2.
///
/// `@unchecked Sendable`: used by the stream's task, on the connection's loop.
final class HTTP2Carrier: @unchecked Sendable {
  /// How far the answer is.
  enum Writing {
    case nothing
    /// So many bytes are still promised.
    case left(Int)
    case open
    /// The body is not sent.
    case discarded
    case finished
    /// Fewer or other bytes went out than were promised.
    case broken
  }

  let stream: HTTP2Stream
  let connection: HTTP2Connection
  /// Names the request in the lines that are logged under it.
  let current = CurrentRequest()
  /// When the request came.
  let began: MonotonicInstant
  let bodyLength: HTTPBodyLength
  var writing = Writing.nothing
  var bodyBytesIn = 0
  var bodyBytesOut = 0
  /// How long the server has waited for the body.
  private var waitedNanoseconds: UInt64 = 0

  init(_ stream: HTTP2Stream, _ connection: HTTP2Connection) {
    self.stream = stream
    self.connection = connection
    began = connection.loop.now
    bodyLength =
      if let count = stream.contentLength, count > 0 {
        .exactly(count)
      } else {
        stream.hasEnded || stream.contentLength == 0 ? .none : .unknown
      }
  }

  /// Why the request is refused before anybody looks at it; nil when it is not.
  var refusal: HTTPError? {
    if let refusal = Self.refusal(of: stream) { return refusal }
    let limit = connection.context.configuration.limits.bodyBytesMaximum
    if let count = stream.contentLength, count > limit { return .bodyTooLarge(limit: limit) }
    return nil
  }

  private static func refusal(of stream: HTTP2Stream) -> HTTPError? {
    switch stream.refusal {
    case .fieldsTooLarge?: HTTPError(431, code: "fields_too_large", "the fields are too large")
    case .tooManyFields?: HTTPError(431, code: "too_many_fields", "there are too many fields")
    case nil: nil
    }
  }

  // MARK: The request's body

  /// The next piece of the body; nil after the last.
  ///
  /// - Parameter hasAnswered: whether the answer has begun: then it is too late for 100 (Continue).
  func nextChunk(hasAnswered: Bool) async throws(HTTPError) -> ByteBuffer? {
    while true {
      if stream.wasReset { throw lost() }
      let piece = connection.session.take(from: stream)
      if !piece.isEmpty {
        stream.expectsContinue = false
        bodyBytesIn += piece.count
        connection.wakeWriter()
        let limit = connection.context.configuration.limits.bodyBytesMaximum
        if bodyBytesIn > limit { throw .bodyTooLarge(limit: limit) }
        return piece
      }
      if stream.hasEnded {
        // Of the trailers: the request's own fields were judged before.
        if let refusal = Self.refusal(of: stream) { throw refusal }
        return nil
      }
      try askForBody(hasAnswered: hasAnswered)
      try await waitForBody()
    }
  }

  private func askForBody(hasAnswered: Bool) throws(HTTPError) {
    guard stream.expectsContinue && !hasAnswered else { return }
    stream.expectsContinue = false
    var fields = HTTP2FieldBlock()
    fields.append(":status", 100)
    try connection.carry { session throws(HTTP2Violation) in try session.inform(fields, on: stream) }
  }

  /// The client is held to the least rate by the time that the server waited for it, not by the time that the
  /// handler took between two pieces.
  func waitForBody() async throws(HTTPError) {
    let (context, loop) = (connection.context, connection.loop)
    let start = loop.now
    let allowed = context.configuration.timeouts.allowance(context.bodyNanoseconds, for: bodyBytesIn)
    let left = allowed > waitedNanoseconds ? allowed - waitedNanoseconds : 0
    let came = await stream.waitToRead(until: start.advanced(nanoseconds: left))
    waitedNanoseconds += loop.now.nanoseconds - start.nanoseconds
    if !came { throw HTTPError(408, code: "body_timeout", "the body did not arrive in time") }
  }

  /// The stream ended under the request.
  func lost() -> HTTPError {
    .connectionLost(stream.hasTimedOut ? .timedOut : .closed)
  }

  // MARK: The end

  /// The handler has returned: what is left of the request is not wanted.
  func end() {
    if hasFinished {
      let context = connection.context
      connection.session.disregardRest(
        of: stream, upTo: stream.expectsContinue ? -1 : context.configuration.unreadBodyBytesMaximum,
        until: connection.loop.now.advanced(nanoseconds: context.bodyNanoseconds))
    } else {
      connection.session.reset(stream, .internalError)
    }
    connection.wakeWriter()
  }
}
