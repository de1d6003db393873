// A call over a stream of HTTP/2: messages become pieces of the request, pieces of the answer become messages, and its end
// becomes a status. Any task may call; the work is done on the connection's loop.

import Bytes
import GRPC
import HTTP
import HTTP2
import HTTPClient
import Runtime

/// A call that was made.
///
/// `@unchecked Sendable`: what changes is used on the loop only, but for the trailing metadata, which are locked.
final class GRPCClientExchange: GRPCClientStream, @unchecked Sendable {
  private let loop: EventLoop
  private let stream: HTTP2ClientStream
  private let limits: GRPCLimits
  private let sent: GRPCCompression
  private let deadline: MonotonicInstant
  private var decoder: GRPCFrameDecoder
  private var head: HTTPResponseHead?
  private var received = GRPCCompression.identity
  private var outcome: Result<Void, GRPCStatus>?
  private let trailing = Locked(GRPCMetadata())

  init(
    _ stream: HTTP2ClientStream, _ loop: EventLoop, _ options: GRPCCallOptions,
    until deadline: MonotonicInstant
  ) {
    self.stream = stream
    self.loop = loop
    self.deadline = deadline
    limits = options.limits
    sent = options.compression
    decoder = GRPCFrameDecoder(bytesMaximum: limits.receivedMessageBytesMaximum)
  }

  // MARK: Requests

  func send(_ frame: ByteBuffer) async throws(GRPCStatus) {
    guard frame.count - GRPCFrameDecoder.prefixBytes <= limits.sentMessageBytesMaximum else {
      throw GRPCStatus(
        .resourceExhausted, "a request of \(frame.count) bytes, of at most \(limits.sentMessageBytesMaximum)")
    }
    let piece = try sent.compress(frame)
    try await onLoop { exchange throws(GRPCStatus) in
      try await exchange.write { () throws(HTTPClientError) in
        try await exchange.stream.write(piece, until: exchange.deadline)
      }
    }
  }

  func finish() async throws(GRPCStatus) {
    try await onLoop { exchange throws(GRPCStatus) in
      try await exchange.write { () throws(HTTPClientError) in try exchange.stream.finish() }
    }
  }

  /// Does `body`, unless the server does not want to hear more.
  private func write(_ body: () async throws(HTTPClientError) -> Void) async throws(GRPCStatus) {
    if case .failure(let status) = outcome { throw status }
    do throws(HTTPClientError) {
      try await body()
    } catch {
      // How the call has ended is for whoever reads the responses, who may not have read the last yet.
      if case .answeredEarly = error { return }
      throw end(.failure(status(of: error)))
    }
  }

  // MARK: Responses

  func receive() async throws(GRPCStatus) -> ByteBuffer? {
    try await onLoop { exchange throws(GRPCStatus) in try await exchange.next() }
  }

  func responseMetadata() async throws(GRPCStatus) -> GRPCMetadata {
    try await onLoop { exchange throws(GRPCStatus) in
      try GRPCMetadata(try await exchange.begin().fields)
    }
  }

  var trailingMetadata: GRPCMetadata { trailing.withLock { $0 } }

  private func next() async throws(GRPCStatus) -> ByteBuffer? {
    if let outcome {
      try outcome.get()
      return nil
    }
    do throws(GRPCStatus) {
      let head = try await begin()
      while true {
        if let frame = try decoder.next() {
          return try received.message(of: frame, bytesMaximum: limits.receivedMessageBytesMaximum)
        }
        guard let piece = try await piece() else { break }
        decoder.receive(piece)
      }
      try decoder.finish()
      // An answer without responses may say how it ended in its head.
      let fields = stream.trailers.contains("grpc-status") ? stream.trailers : head.fields
      let metadata = try GRPCMetadata(fields)
      trailing.withLock { $0 = metadata }
      if let status = try GRPCStatus.read(fields) { throw status }
      outcome = .success(())
      return nil
    } catch {
      stream.cancel(.cancel)
      throw end(.failure(error))
    }
  }

  private func piece() async throws(GRPCStatus) -> ByteBuffer? {
    do throws(HTTPClientError) {
      return try await stream.nextChunk(until: deadline)
    } catch {
      throw status(of: error)
    }
  }

  /// The head of the answer, once it is known to be one of gRPC.
  private func begin() async throws(GRPCStatus) -> HTTPResponseHead {
    if let head { return head }
    let head: HTTPResponseHead
    do throws(HTTPClientError) {
      head = try await stream.response(until: deadline)
    } catch {
      throw status(of: error)
    }
    let isGRPC = head.fields.withValue(of: "content-type", GRPCContentType.isOfCall) ?? false
    guard head.status == 200, isGRPC else {
      // A proxy's, or no server of gRPC at all; what it says of a status counts all the same.
      if head.fields.contains("grpc-status"), let status = try GRPCStatus.read(head.fields) { throw status }
      throw GRPCStatus(
        GRPCCode(httpStatus: head.status.code),
        "the answer is not gRPC's: \(head.status.code), \(head.fields["content-type"] ?? "without a type")")
    }
    if let name = head.fields["grpc-encoding"] {
      guard let compression = GRPCCompression(rawValue: name) else {
        throw GRPCStatus(
          .internal, "the server compresses by \(name), which it was not told to be known here")
      }
      received = compression
    }
    self.head = head
    return head
  }

  // MARK: The end

  func cancel() {
    _ = loop.post { _ in
      if self.outcome != nil { return }
      self.outcome = .failure(GRPCStatus(.cancelled, "the call was given up"))
      self.stream.cancel(.cancel)
    }
  }

  private func end(_ outcome: Result<Void, GRPCStatus>) -> GRPCStatus {
    if self.outcome == nil { self.outcome = outcome }
    switch self.outcome {
    case .failure(let status): return status
    case .success, nil: return GRPCStatus(.internal, "the call has ended")
    }
  }

  private func status(of error: HTTPClientError) -> GRPCStatus {
    if case .failure(let status) = outcome { return status }
    return GRPCStatus(error)
  }

  private func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable (GRPCClientExchange) async throws(GRPCStatus) -> Result
  ) async throws(GRPCStatus) -> Result {
    if loop.isCurrent { return try await body(self) }
    return try await loop.run { () throws(GRPCStatus) in try await body(self) }
  }
}

extension GRPCStatus {
  /// What the end of a request of HTTP means for a call.
  init(_ error: HTTPClientError) {
    let code: GRPCCode =
      switch error {
      case .cannotConnect, .connectionLost, .connectionClosing, .tooManyStreams, .shutDown: .unavailable
      case .timedOut: .deadlineExceeded
      case .reset(let code): GRPCCode(reset: code)
      case .answeredEarly, .malformedAnswer, .bodyFailed, .malformedURL, .redirectRefused: .internal
      case .limitExceeded: .resourceExhausted
      case .cancelled: .cancelled
      }
    self.init(code, error.description)
  }
}

extension GRPCCode {
  /// What a reset stream means for its call.
  fileprivate init(reset code: HTTP2ErrorCode) {
    self =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internal
      }
  }
}
