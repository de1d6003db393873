// The requests of a call, one after another, as they come.

public import Wire

/// What the client streams. Asking for the next one makes room for another: a client cannot send faster than that for
/// long.
public struct GRPCRequests<Request: Message>: AsyncSequence, Sendable {
  /// What there is a sequence of.
  public typealias Element = Request
  /// How a call ends that fails.
  public typealias Failure = GRPCStatus

  let call: GRPCCall

  /// Hands the requests out; one at a time may be asked for.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let call: GRPCCall

    /// The next request; nil after the last.
    public mutating func next() async throws(GRPCStatus) -> Request? {
      guard let bytes = try await call.receive() else { return nil }
      return try Request(received: bytes)
    }

    /// The next request; nil after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(GRPCStatus) -> Request? {
      try await next()
    }
  }

  /// An iterator over the requests that were not handed out yet.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(call: call) }

  /// The one request of a call that has one.
  ///
  /// - Throws: `unimplemented` when there is none, or another.
  func only() async throws(GRPCStatus) -> Request {
    guard let bytes = try await call.receive() else {
      throw GRPCStatus(.unimplemented, "\(call.path.path) takes one request, and none came")
    }
    guard try await call.receive() == nil else {
      throw GRPCStatus(.unimplemented, "\(call.path.path) takes one request, and several came")
    }
    return try Request(received: bytes)
  }
}

/// Where the responses of a call go.
public struct GRPCResponses<Response: Message>: Sendable {
  let call: GRPCCall

  /// Sends a response, and suspends while the client is too far behind.
  ///
  /// - Throws: `cancelled` when the client has gone.
  public func send(_ response: Response) async throws(GRPCStatus) {
    try await call.send(try response.framed())
  }
}
