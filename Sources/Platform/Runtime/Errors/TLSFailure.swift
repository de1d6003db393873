// Why an encrypted connection failed. It stands beside `NetworkError` and not in the TLS module, so that what
// reads and writes connections has one error to handle whether they are encrypted or not.

/// Why TLS gave a connection up. Nothing can be sent or received after one.
public enum TLSFailure: Error, Hashable, Sendable {
  /// The two ends did not come to an agreement.
  ///
  /// `reason` is OpenSSL's word for what was wrong; `alert` is what the one end told the other, if it did.
  case handshake(reason: String, alert: TLSAlert?)
  /// The peer's certificate was not accepted: it is not trusted, not valid now, or not for this host.
  case certificate(reason: String, subject: String?, alert: TLSAlert?)
  /// No key is known for the identity that the peer named.
  case unknownIdentity(String)
  /// What arrived is not TLS; `found` says what it looks like.
  case notTLS(found: String)
  /// The peer sent more handshake bytes than a handshake takes.
  case handshakeLimit(bytes: Int)
  /// The connection ended without the peer's saying so: what was received may lack its end.
  case truncated
  /// A record after the handshake was refused, by us or by the peer.
  case record(reason: String, alert: TLSAlert?)
}

extension TLSFailure: CustomStringConvertible {
  /// One line for a log.
  public var description: String {
    switch self {
    case .handshake(let reason, let alert):
      "TLS handshake failed: \(reason)\(Self.suffix(alert))"
    case .certificate(let reason, let subject, let alert):
      "the peer's certificate\(subject.map { " (\($0))" } ?? "") was refused: \(reason)\(Self.suffix(alert))"
    case .unknownIdentity(let identity):
      "TLS handshake failed: no key is known for the identity \"\(identity)\""
    case .notTLS(let found):
      "the peer does not speak TLS: \(found)"
    case .handshakeLimit(let bytes):
      "the peer's handshake is longer than \(bytes) bytes"
    case .truncated:
      "the connection ended without close_notify: what was received may be cut short"
    case .record(let reason, let alert):
      "the TLS stream broke: \(reason)\(Self.suffix(alert))"
    }
  }

  private static func suffix(_ alert: TLSAlert?) -> String { alert.map { " (\($0))" } ?? "" }
}
