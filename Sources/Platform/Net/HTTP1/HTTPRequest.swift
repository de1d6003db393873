// What a responder is handed, and what it is.

public import Runtime
public import Telemetry

/// A request as a responder sees it.
public struct HTTPRequest: Sendable {
  /// The request line and the header fields.
  public let head: HTTPRequestHead
  /// Who this request is in logs and answers: the client's `X-Request-Id` when it is well formed.
  public let id: RequestID
  /// Where it came from; nil when the client has gone already.
  public let peer: SocketAddress?
}

/// Answers requests. It runs on the connection's loop: whatever blocks belongs on the pool.
public protocol HTTPResponder: Sendable {
  /// The answer to `request`. A method the path does not take, a path that is not there and an error inside
  /// are answers too.
  func respond(to request: HTTPRequest) async -> HTTPResponse
}
