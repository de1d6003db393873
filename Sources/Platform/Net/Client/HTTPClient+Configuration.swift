// How a client is set up.

public import HTTP1
public import HTTP2
public import TLS

extension HTTPClient {
  /// Which version of HTTP is spoken.
  public enum Version: Hashable, Sendable {
    /// Over TLS what the server chooses (ALPN), otherwise HTTP/1.1.
    case negotiated
    /// HTTP/1.1.
    case http11
    /// HTTP/2, with or without TLS, from servers that are known to speak it.
    case http2PriorKnowledge
  }

  /// How many connections there may be, for each origin and loop.
  public struct Limits: Hashable, Sendable {
    /// Connections, those being made included.
    public var connectionsMaximum = 32
    /// Connections of HTTP/1.1 that are kept without a request.
    public var idleConnectionsMaximum = 8
    /// Requests that wait for a connection.
    public var waitingRequestsMaximum = 1024
    /// How long a connection is kept without a request.
    public var idle = Duration.seconds(60)
    /// After so long a connection takes no more requests, so that changes of a host's addresses are noticed.
    public var age = Duration.seconds(600)

    /// The usual limits.
    public init() {}
  }

  /// How a client is set up.
  public struct Configuration: Sendable {
    /// What metrics call the client.
    public var name: String
    /// Whom the client trusts; nil when it asks for http alone.
    public var tls: TLSClientContext?
    /// Which version of HTTP is spoken.
    public var version = Version.negotiated
    /// How many connections there may be.
    public var connections = Limits()
    /// How large the parts of an answer may be. `bodyBytesMaximum` counts what comes out when content is
    /// decoded.
    public var limits: HTTP1Limits
    /// What servers may do over HTTP/2. The sizes of fields are those of `limits`.
    public var http2 = HTTP2Limits()
    /// After so long without a byte, a server of HTTP/2 is asked for a sign of life while there are requests;
    /// nil for never.
    public var http2Keepalive: Duration? = .seconds(30)
    /// How long servers may take.
    public var timeouts = HTTPClientTimeouts()
    /// When requests are sent again.
    public var retries = HTTPRetryPolicy()
    /// Whether redirects are followed.
    public var redirects = HTTPRedirectPolicy.none
    /// Whether compressed answers are asked for, and decoded.
    public var decodesContent = false
    /// What the client says it is; nil for nothing.
    public var userAgent: String? = "varve"

    /// The body of an answer, unless it is set otherwise.
    public static let bodyBytesMaximum = 1 << 30

    /// A client with the usual limits.
    public init(name: String) {
      self.name = name
      limits = HTTP1Limits()
      limits.bodyBytesMaximum = Self.bodyBytesMaximum
    }
  }
}
