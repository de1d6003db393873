// How a server presents itself, and whom it lets in.

public import Crypto

/// What a TLS server is set up with.
public struct TLSServerConfiguration: Sendable {
  /// Whether clients have to show certificates.
  public enum ClientCertificates: Hashable, Sendable {
    /// They are not asked to.
    case none
    /// They may; one that is shown must be signed by somebody in the PEM file.
    case optional(authoritiesFile: String)
    /// They must, unless they hold a pre-shared key.
    case required(authoritiesFile: String)
  }

  /// Finds the key that goes with an identity; nil when there is none. It runs on event loops, in the middle of
  /// a handshake: it must neither block nor wait.
  public typealias PreSharedKeyLookup = @Sendable (_ identity: String) -> SecretBytes?

  /// Who the server is. The client's wish (SNI) chooses by the names in the certificates, exact names before
  /// wildcards and earlier identities before later ones; the first serves clients with other wishes or none.
  public var identities: [TLSIdentity]
  /// What may be spoken inside, best first. Empty: whatever the client says is passed over.
  public var applicationProtocols: [String] = []
  /// Whether clients have to show certificates.
  public var clientCertificates = ClientCertificates.none
  /// The keys of clients that need no certificates (TLS 1.3 only). Without `identities` nobody else gets in.
  public var preSharedKeys: PreSharedKeyLookup?
  /// The oldest version that is spoken.
  public var minimumVersion = TLSVersion.v1_2
  /// Whether clients may resume their sessions.
  public var resumesSessions = true
  /// How long a session can be resumed. The keys that protect tickets are replaced as often.
  public var sessionLifetime = Duration.seconds(2 * 3600)
  /// How long a handshake may take.
  public var handshakeTimeout = Duration.seconds(10)
  /// The most bytes that a client may send before the handshake is done.
  public var handshakeBytesMaximum = 64 << 10

  /// A server that is one of `identities`.
  public init(identities: [TLSIdentity] = []) { self.identities = identities }
}
