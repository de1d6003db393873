// One request and its answer on a connection of HTTP/1.1, as the connection's tasks and whoever asked share
// it.

import Bytes
import HTTP
import HTTP1
import Runtime

/// What is known of one request.
///
/// `@unchecked Sendable`: used on the connection's loop only.
final class HTTP1Exchange: @unchecked Sendable {
  /// What is left of the answer's body.
  enum Rest {
    case head(HTTP1ResponseParser)
    case exactly(Int)
    case chunks(HTTP1ChunkedDecoder)
    case untilClose
    case nothing
  }

  let method: HTTPMethod
  /// Whether the connection had carried a request before this one.
  let isOnUsedConnection: Bool
  let readable: LoopSignal
  let writable: LoopSignal

  var rest: Rest
  var response: HTTPResponseHead?
  var contentLength: Int?
  var keepsAlive = false
  var informationalCount = 0
  var bodyBytes = 0
  var inbound: ContiguousArray<ByteBuffer> = []
  var inboundCount = 0
  var trailers = HTTPFields()
  /// Whether the answer has come to its end.
  var hasEnded = false
  /// Whether a byte of it has come.
  var hasBegun = false

  /// Whether part of the request has gone out.
  var hasSent = false
  /// Whether everything of the request was written.
  var hasFinished = false
  /// Whether the rest of the request cannot be sent, though the answer may still come.
  var isDeaf = false
  /// Why there will be no answer, or no more of it.
  var failure: HTTPClientError?

  init(_ method: HTTPMethod, _ loop: EventLoop, limits: HTTP1Limits, isOnUsedConnection: Bool) {
    self.method = method
    self.isOnUsedConnection = isOnUsedConnection
    readable = LoopSignal(loop)
    writable = LoopSignal(loop)
    rest = .head(HTTP1ResponseParser(limits: limits))
  }

  /// Nothing more will come. What has come can still be taken when the answer is whole.
  func fail(_ error: HTTPClientError) {
    if hasEnded || failure != nil { return }
    failure = error
    inbound = []
    inboundCount = 0
    readable.wake()
    writable.wake()
  }

  // MARK: The answer

  /// Takes in what it can from the front of `input`.
  ///
  /// - Returns: whether more has to be received for the answer to go on; false at its end, and when enough
  ///   waits to be taken.
  func parse(
    _ input: inout ByteBuffer, limits: HTTP1Limits, informationalMaximum: Int
  ) throws(HTTPClientError) -> Bool {
    if !input.isEmpty { hasBegun = true }
    do throws(HTTP1Error) {
      while !hasEnded {
        switch rest {
        case .head(var parser):
          guard let message = try parser.next(from: &input, answering: method) else {
            rest = .head(parser)
            return true
          }
          rest = .head(parser)
          if message.head.status.isInformational && message.head.status != 101 {
            informationalCount += 1
            if informationalCount > informationalMaximum {
              throw HTTP1Error.malformed("1xx for ever")
            }
          } else {
            try begin(message, limits)
          }
        case .exactly(let left):
          if input.isEmpty { return true }
          let piece = input.split(min(left, input.count))
          rest = .exactly(left - piece.count)
          let isLast = piece.count == left
          deliver(piece)
          if isLast { end() } else if isFull { return false }
        case .chunks(var decoder):
          let step = try decoder.next(from: &input)
          rest = .chunks(decoder)
          switch step {
          case .needsMore: return true
          case .data(let piece):
            deliver(piece)
            if isFull { return false }
          case .end(let fields):
            trailers = fields
            end()
          }
        case .untilClose:
          if input.isEmpty { return true }
          if input.count > limits.bodyBytesMaximum - bodyBytes {
            throw .bodyTooLarge(limit: limits.bodyBytesMaximum)
          }
          deliver(input.split(input.count))
          return !isFull
        case .nothing: end()
        }
      }
      return false
    } catch {
      if informationalCount > informationalMaximum {
        throw .limitExceeded(.informationalAnswers, limit: informationalMaximum)
      }
      throw HTTPClientError(error)
    }
  }

  private func begin(_ message: HTTP1ResponseMessage, _ limits: HTTP1Limits) throws(HTTP1Error) {
    response = message.head
    keepsAlive = message.keepsAlive
    switch message.body {
    case .none: rest = .nothing
    case .exactly(let count):
      contentLength = count
      rest = .exactly(count)
    case .chunked: rest = .chunks(HTTP1ChunkedDecoder(limits: limits))
    case .untilClose: rest = .untilClose
    case .tunnel: throw .malformed("another protocol begins, which nobody asked for")
    }
    readable.wake()
  }

  private func deliver(_ piece: ByteBuffer) {
    bodyBytes += piece.count
    // Chunks may be of one byte each: what nobody has taken yet is put together, up to a point.
    if let last = inbound.indices.last, inbound[last].count < Self.joinedBytesMaximum,
      piece.count < Self.joinedBytesMaximum
    {
      inbound[last].append(piece)
    } else {
      inbound.append(piece)
    }
    inboundCount += piece.count
    readable.wake()
  }

  /// The answer is whole.
  func end() {
    hasEnded = true
    readable.wake()
    writable.wake()
  }

  /// Pieces shorter than this are copied behind one another.
  private static let joinedBytesMaximum = 4 << 10
  /// Above this many bytes that wait to be taken, no more are received.
  static let inboundBytesMaximum = 256 << 10

  /// Whether enough waits to be taken.
  var isFull: Bool { inboundCount >= Self.inboundBytesMaximum }
}

extension HTTPClientError {
  /// What is wrong with an answer of HTTP/1.1.
  init(_ error: HTTP1Error) {
    switch error {
    case .malformed(let rule): self = .malformedAnswer(rule)
    case .lineTooLong(let limit), .fieldsTooLong(let limit), .tooManyFields(let limit):
      self = .limitExceeded(.answerFields, limit: limit)
    case .bodyTooLarge(let limit): self = .limitExceeded(.answerBody, limit: limit)
    case .unsupportedTransferCoding: self = .malformedAnswer("a transfer coding other than chunked")
    case .unsupportedVersion: self = .malformedAnswer("a version other than HTTP/1.0 and HTTP/1.1")
    case .unknownExpectation: self = .malformedAnswer("an expectation")
    case .truncated: self = .malformedAnswer("it ends in the middle")
    }
  }
}
