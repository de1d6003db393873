// A certificate as an operator or an access rule sees it: names and dates, no key.

public import Runtime

/// What a certificate says.
public struct TLSCertificate: Hashable, Sendable {
  /// The subject, as RFC 2253 writes it: "CN=alice,O=Varve".
  public var subject: String
  /// The subject's common name; nil when it has none.
  public var commonName: String?
  /// Who signed it.
  public var issuer: String
  /// The host names it is for, in lower case; "*.example.com" stands for one label.
  public var names: [String]
  /// The internet addresses it is for.
  public var addresses: [IPAddress]
  /// The URIs it is for.
  public var identifiers: [String]
  /// The serial number, in hexadecimal.
  public var serial: String
  /// When it begins to be valid.
  public var notBefore: Timestamp
  /// When it ends to be valid.
  public var notAfter: Timestamp
  /// SHA-256 of the whole certificate, in hexadecimal.
  public var fingerprint: String
}
