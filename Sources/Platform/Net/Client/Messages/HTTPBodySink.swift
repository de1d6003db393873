// Where a producer writes a request's body, and the task it does so in.

public import Bytes
import HTTP
import Runtime

/// Takes the body of a request, as fast as the server does.
///
/// `@unchecked Sendable`: used on its loop only; each call checks that.
public final class HTTPBodySink: @unchecked Sendable {
  private let stream: any ClientStream
  private let loop: EventLoop
  private let patience: Duration
  private let deadline: MonotonicInstant
  /// How much may still be written; nil when no length was promised.
  private var left: Int?
  /// Why writing has failed; nil while it has not.
  private(set) var failure: HTTPClientError?

  init(
    _ stream: any ClientStream, on loop: EventLoop, length: Int?, patience: Duration,
    until deadline: MonotonicInstant
  ) {
    self.stream = stream
    self.loop = loop
    self.patience = patience
    self.deadline = deadline
    left = length
  }

  /// Sends a piece, and waits while the server is too far behind.
  ///
  /// - Throws: when there is nobody to send it to any more. The producer may as well throw this on: what becomes
  ///   of the request is decided by what the server has answered.
  public func write(_ piece: ByteBuffer) async throws(HTTPClientError) {
    precondition(loop.isCurrent, "a body is written on its loop")
    if let failure { throw failure }
    do throws(HTTPClientError) {
      if let left {
        guard piece.count <= left else { throw .bodyFailed(HTTPBodyFault.wroteTooMuch) }
        self.left = left - piece.count
      }
      try await stream.write(piece, until: min(deadline, loop.deadline(in: patience)))
    } catch {
      failure = error
      throw error
    }
  }

  func finish(_ trailers: HTTPFields?) throws(HTTPClientError) {
    do throws(HTTPClientError) {
      if let failure { throw failure }
      if let left, left > 0 { throw .bodyFailed(HTTPBodyFault.wroteTooLittle(bytesMissing: left)) }
      try stream.finish(trailers: trailers)
    } catch {
      failure = error
      throw error
    }
  }
}

/// A task that sends a body.
///
/// `@unchecked Sendable`: used on its loop only, but for the last reference.
final class BodySending: @unchecked Sendable {
  private var task: Task<Void, Never>?
  private(set) var isDone = false
  /// What ended the request from this side; nil for what the stream itself says.
  private(set) var failure: HTTPClientError?

  /// Starts sending.
  init(_ producer: HTTPBodyProducer, to sink: HTTPBodySink, _ stream: any ClientStream, on loop: EventLoop) {
    task = loop.spawn { [weak self] in
      do {
        try sink.finish(try await producer.produce(sink))
        self?.isDone = true
      } catch {
        self?.isDone = true
        switch sink.failure {
        // The answer says the rest.
        case .answeredEarly?, .connectionLost?, .reset?, .cancelled?, .malformedAnswer?: return
        case let failure?: self?.failure = failure
        case nil: self?.failure = .bodyFailed(error)
        }
        stream.giveUp()
      }
    }
  }

  deinit { task?.cancel() }
}
