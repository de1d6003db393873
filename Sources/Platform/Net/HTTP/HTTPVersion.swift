// Which protocol a message came by.

/// A version of HTTP.
public enum HTTPVersion: String, Hashable, Sendable, CaseIterable {
  /// HTTP/1.0.
  case http10 = "HTTP/1.0"
  /// HTTP/1.1.
  case http11 = "HTTP/1.1"
  /// HTTP/2.
  case http2 = "HTTP/2"
}

/// How the connection is protected.
public enum HTTPScheme: String, Hashable, Sendable {
  /// Not at all.
  case http
  /// By TLS.
  case https
}
