// The two directions of a call that was made.

public import Wire

/// A call with both its directions.
public struct GRPCStreamingCall<Request: Message, Response: Message>: Sendable {
  /// Where requests go.
  public let requests: GRPCOutgoing<Request>
  /// Where responses come from.
  public let responses: GRPCReplies<Response>

  init(_ stream: any GRPCClientStream) {
    requests = GRPCOutgoing(stream: stream)
    responses = GRPCReplies(stream)
  }
}

/// Where the requests of a call go.
public struct GRPCOutgoing<Request: Message>: Sendable {
  let stream: any GRPCClientStream

  /// Sends a request, and suspends while the server is too far behind.
  ///
  /// - Throws: the status, when the call has ended.
  public func send(_ request: Request) async throws(GRPCStatus) {
    try await stream.send(try request.framed())
  }

  /// Says that there are no more requests.
  public func finish() async throws(GRPCStatus) { try await stream.finish() }
}

/// The responses of a call, as they come. The call is given up when this goes before they have ended.
public final class GRPCReplies<Response: Message>: AsyncSequence, Sendable {
  /// What there is a sequence of.
  public typealias Element = Response
  /// How a call ends that fails.
  public typealias Failure = GRPCStatus

  private let stream: any GRPCClientStream

  init(_ stream: any GRPCClientStream) { self.stream = stream }

  deinit { stream.cancel() }

  /// The next response; nil after the last, when the call has succeeded.
  ///
  /// - Throws: the status, when the call has failed.
  public func next() async throws(GRPCStatus) -> Response? {
    guard let bytes = try await stream.receive() else { return nil }
    return try Response(received: bytes)
  }

  /// The one response of a call that has one.
  func only() async throws(GRPCStatus) -> Response {
    guard let response = try await next() else {
      throw GRPCStatus(.internal, "the call succeeded without its response")
    }
    guard try await stream.receive() == nil else {
      throw GRPCStatus(.internal, "there are several responses where one was to be")
    }
    return response
  }

  /// What came before the first response; suspends until it has come.
  public func metadata() async throws(GRPCStatus) -> GRPCMetadata { try await stream.responseMetadata() }

  /// What came with the status; empty before the last response.
  public var trailingMetadata: GRPCMetadata { stream.trailingMetadata }

  /// Gives the call up: whoever waits for a response gets `cancelled`.
  public func cancel() { stream.cancel() }

  /// Hands the responses out; one at a time may be asked for.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let replies: GRPCReplies

    /// The next response; nil after the last.
    public mutating func next() async throws(GRPCStatus) -> Response? { try await replies.next() }

    /// The next response; nil after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(GRPCStatus) -> Response? {
      try await replies.next()
    }
  }

  /// An iterator over the responses that were not handed out yet.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(replies: self) }
}
