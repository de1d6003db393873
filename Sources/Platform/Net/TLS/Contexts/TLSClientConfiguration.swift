// Whom a client trusts, and how it presents itself.

/// What a TLS client is set up with.
public struct TLSClientConfiguration: Sendable {
  /// Whose signature makes a server's certificate good.
  public enum Trust: Hashable, Sendable {
    /// The authorities that the operating system trusts.
    case system
    /// The authorities in a PEM file, and no others.
    case authorities(file: String)
    /// Nobody's: any server with any certificate is believed to be the one that was meant, and so is whoever
    /// stands in between.
    case dangerouslyAcceptAnyCertificate
  }

  /// Whose signature makes a server's certificate good.
  public var trust: Trust
  /// What we show to servers that ask who we are.
  public var identity: TLSIdentity?
  /// The key that the server and we share (TLS 1.3 only). A server that does not know it must have a
  /// certificate that `trust` accepts.
  public var preSharedKey: TLSPreSharedKey?
  /// The oldest version that is spoken.
  public var minimumVersion = TLSVersion.v1_2
  /// Whether sessions are resumed.
  public var resumesSessions = true
  /// How long a handshake may take.
  public var handshakeTimeout = Duration.seconds(10)
  /// The most bytes that a server may send before the handshake is done.
  public var handshakeBytesMaximum = 128 << 10

  /// A client that trusts whom the operating system trusts, unless told otherwise.
  public init(trust: Trust = .system) { self.trust = trust }
}
