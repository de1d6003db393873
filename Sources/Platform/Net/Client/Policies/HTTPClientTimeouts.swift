// How long a server may take. Each wait has its own limit, and its own name in `HTTPClientError.Phase`.

/// The times of requests.
public struct HTTPClientTimeouts: Hashable, Sendable {
  /// For a connection to become free, when there are as many as there may be.
  public var connection = Duration.seconds(10)
  /// For finding the host's addresses and connecting to one of them.
  public var connect = Duration.seconds(10)
  /// For the TLS handshake.
  public var handshake = Duration.seconds(10)
  /// For the head of the answer, once the request was sent; while a body is sent, for as long as nothing of
  /// it moves.
  public var head = Duration.seconds(30)
  /// Between two pieces of the answer's body.
  public var body = Duration.seconds(30)
  /// For the server to take a piece of the request's body.
  public var sending = Duration.seconds(30)
  /// For all of it, to the last byte of the answer, retries and redirects included; nil for no limit.
  public var request: Duration?

  /// The usual times.
  public init() {}
}
