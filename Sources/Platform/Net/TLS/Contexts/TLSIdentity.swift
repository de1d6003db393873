// Where a certificate and its key are.

/// A certificate chain and its private key, in PEM files.
public struct TLSIdentity: Hashable, Sendable {
  /// The certificate, followed by those that signed it, up to but not including the root.
  public var certificateFile: String
  /// The certificate's private key, not encrypted. It may be in the same file.
  public var keyFile: String

  /// The identity in two files.
  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }
}
