// Why a request of ours was not answered, as an operator needs it, and as a caller that thinks of trying
// again does.

public import HTTP2
public import Runtime

/// A request that came to nothing.
public enum HTTPClientError: Error, Sendable {
  /// What there was no time left for.
  public enum Phase: String, Hashable, Sendable, CaseIterable {
    /// A connection that is free, or may be made.
    case connection
    /// Finding the host's addresses, and connecting to one.
    case connect
    /// The TLS handshake.
    case handshake
    /// The head of the answer.
    case head
    /// The next piece of the answer's body.
    case body
    /// Having the server take what we send.
    case sending
    /// All of it together.
    case request
  }

  /// What there would have been too much of.
  public enum Limit: String, Hashable, Sendable, CaseIterable {
    /// Answers of 1xx.
    case informationalAnswers
    /// The answer's fields.
    case answerFields
    /// The fields behind the answer's body.
    case answerTrailers
    /// The answer's body.
    case answerBody
    /// Our own fields: more than a server takes.
    case requestFields
    /// Requests that wait for a connection.
    case waitingRequests
    /// Redirects.
    case redirects
  }

  /// How a connection was lost.
  public enum Loss: Hashable, Sendable {
    /// The peer, or the network, ended it.
    case network(NetworkError)
    /// The peer broke a rule of HTTP/2, and we ended it.
    case violation(HTTP2Violation)
    /// The peer ended it and gave a reason: HTTP/2's GOAWAY.
    case goneAway(HTTP2ErrorCode)
    /// The peer gave no sign of life.
    case silent
    /// This side cut it.
    case aborted
  }

  /// No connection could be made.
  case cannotConnect(to: String, NetworkError)
  /// There was no time left.
  ///
  /// - mayHaveBeenProcessed: whether the server may have acted on the request.
  case timedOut(Phase, mayHaveBeenProcessed: Bool)
  /// The connection ended under the request.
  case connectionLost(Loss, mayHaveBeenProcessed: Bool)
  /// The connection takes no more requests.
  case connectionClosing
  /// The connection has as many streams as the peer allows.
  case tooManyStreams(limit: Int)
  /// The server ended the stream: HTTP/2's RST_STREAM.
  case reset(HTTP2ErrorCode)
  /// The server has answered in full, and does not want the rest of what is being sent to it.
  case answeredEarly
  /// What was answered is no message of HTTP.
  case malformedAnswer(String)
  /// There would have been more than is allowed.
  case limitExceeded(Limit, limit: Int)
  /// What the body comes from failed, or gave more or less than it had promised.
  case bodyFailed(any Error)
  /// The text is no URL that can be asked for.
  case malformedURL(String)
  /// The answer leads to where this client may not go.
  case redirectRefused(to: String)
  /// The client was shut down.
  case shutDown
  /// The task was cancelled, or its loop is stopping.
  case cancelled

  /// Whether the server cannot have acted on the request, so that sending it again is harmless whatever it
  /// asks.
  public var isSafeToRetry: Bool {
    switch self {
    case .cannotConnect, .connectionClosing, .tooManyStreams: true
    case .timedOut(_, let mayHaveBeenProcessed): !mayHaveBeenProcessed
    case .connectionLost(_, let mayHaveBeenProcessed): !mayHaveBeenProcessed
    // Also what GOAWAY says of the streams above the last one that counted (RFC 9113 section 8.7).
    case .reset(let code): code == .refusedStream
    case .limitExceeded(let limit, _): limit == .waitingRequests || limit == .requestFields
    case .answeredEarly, .malformedAnswer, .bodyFailed, .malformedURL, .redirectRefused, .shutDown,
      .cancelled:
      false
    }
  }
}

extension HTTPClientError: CustomStringConvertible {
  /// One line for a log.
  public var description: String {
    switch self {
    case .cannotConnect(let origin, let cause): "cannot connect to \(origin): \(cause)"
    case .timedOut(let phase, _): "timed out (\(phase.rawValue))"
    case .connectionLost(let loss, _): "the connection was lost: \(loss)"
    case .connectionClosing: "the connection takes no more requests"
    case .tooManyStreams(let limit): "the connection has \(limit) streams, which is all it may have"
    case .reset(let code): "the server reset the stream: \(code)"
    case .answeredEarly: "the server has answered and does not want the rest of the request"
    case .malformedAnswer(let reason): "the answer is malformed: \(reason)"
    case .limitExceeded(let limit, let value): "over the limit of \(value): \(limit.rawValue)"
    case .bodyFailed(let cause): "the request's body failed: \(cause)"
    case .malformedURL(let text): "no URL to ask for: \(text)"
    case .redirectRefused(let target): "the answer leads to \(target), which is not followed"
    case .shutDown: "the client was shut down"
    case .cancelled: "cancelled"
    }
  }
}
