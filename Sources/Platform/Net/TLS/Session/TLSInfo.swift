// What a handshake agreed on: for handlers that decide by who the peer is, and for logs.

/// What is known of an encrypted connection and of the peer at its other end.
public struct TLSInfo: Hashable, Sendable {
  /// The protocol version.
  public var version: TLSVersion
  /// The cipher suite, by OpenSSL's name: "TLS_AES_128_GCM_SHA256".
  public var cipher: String
  /// The protocol agreed on inside ("h2", "http/1.1"); nil when nothing was said about it.
  public var applicationProtocol: String?
  /// The host that the client asked for; nil when it named none.
  public var serverName: String?
  /// The peer's certificate, verified unless verification was given up on; nil when it showed none.
  public var peerCertificate: TLSCertificate?
  /// The identity of the pre-shared key that both ends proved to hold; nil when none was used.
  public var preSharedKeyIdentity: String?
  /// Whether an earlier session was resumed.
  public var isResumed: Bool
}
