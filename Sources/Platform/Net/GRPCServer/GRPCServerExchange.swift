// The messages of a call over a stream of HTTP/2: pieces of the body become messages, messages become pieces of the answer.

import Bytes
import GRPC
import HTTP
import HTTPServer

/// What a call that is answered reads from and writes to.
///
/// `@unchecked Sendable`: used on the connection's loop only.
final class GRPCServerExchange: GRPCServerStream, @unchecked Sendable {
  /// What every head of an answer says.
  static let headFields: HTTPFields = [
    "content-type": GRPCContentType.protobuf, "grpc-accept-encoding": GRPCCompression.accepted,
  ]

  /// The call whose metadata goes with the head.
  weak var call: GRPCCall?
  /// Whether the head of the answer was written.
  private(set) var hasBegun = false
  private let exchange: DuplexExchange
  private let limits: GRPCLimits
  /// Whether there is one request, which a caller has when it calls.
  private let takesOneRequest: Bool
  private let received: GRPCCompression
  private let sent: GRPCCompression
  private var decoder: GRPCFrameDecoder
  private var hasEnded = false

  /// - Throws: `unimplemented` for a compression that is not known.
  init(_ answer: GRPCAnswer, _ kind: GRPCMethodKind, _ fields: HTTPFields) throws(GRPCStatus) {
    exchange = answer.exchange
    takesOneRequest = !kind.streamsRequests
    let configuration = answer.core.configuration
    limits = configuration.limits
    decoder = GRPCFrameDecoder(bytesMaximum: limits.receivedMessageBytesMaximum)
    received = try Self.compression(of: fields)
    let wanted = configuration.compression ?? received
    sent =
      wanted != .identity && wanted.isAccepted(by: fields["grpc-accept-encoding"]) ? wanted : .identity
  }

  private static func compression(of fields: HTTPFields) throws(GRPCStatus) -> GRPCCompression {
    guard let name = fields["grpc-encoding"] else { return .identity }
    guard let compression = GRPCCompression(rawValue: name) else {
      throw GRPCStatus(
        .unimplemented, "messages compressed by \(name) cannot be read here: \(GRPCCompression.accepted)")
    }
    return compression
  }

  var isDraining: Bool { exchange.isDraining }

  // MARK: Requests

  func receive() async throws(GRPCStatus) -> ByteBuffer? {
    while true {
      if let frame = try decoder.next() {
        return try received.message(of: frame, bytesMaximum: limits.receivedMessageBytesMaximum)
      }
      if hasEnded { return nil }
      do throws(HTTPError) {
        if let piece = try await exchange.nextChunk(isPrompt: takesOneRequest) {
          decoder.receive(piece)
          continue
        }
      } catch {
        if error.status == 408 {
          throw GRPCStatus(.deadlineExceeded, "the request did not arrive in time")
        }
        throw GRPCStatus(.cancelled, "the caller has given up")
      }
      hasEnded = true
      try decoder.finish()
    }
  }

  // MARK: Responses

  func send(_ frame: ByteBuffer) async throws(GRPCStatus) {
    guard frame.count - GRPCFrameDecoder.prefixBytes <= limits.sentMessageBytesMaximum else {
      throw GRPCStatus(
        .resourceExhausted,
        "a response of \(frame.count) bytes, of at most \(limits.sentMessageBytesMaximum)")
    }
    let piece = try sent.compress(frame)
    do throws(HTTPError) {
      try begin()
      try await exchange.write(piece)
    } catch {
      throw GRPCStatus(.cancelled, "the caller has given up")
    }
  }

  /// Writes the head, unless it was written.
  func begin() throws(HTTPError) {
    if hasBegun { return }
    var fields = Self.headFields
    if sent != .identity { fields.append("grpc-encoding", sent.rawValue) }
    call?.beginAnswer().write(to: &fields)
    try exchange.start(fields, isAll: false)
    hasBegun = true
  }
}
