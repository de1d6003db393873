// The hash functions that may stand under a signature: those without known collisions.

/// What a message is hashed with before it is signed.
public enum SignatureHash: Sendable, CaseIterable {
  /// SHA-256.
  case sha256
  /// SHA-384.
  case sha384
  /// SHA-512.
  case sha512

  /// The same function among all there are.
  public var algorithm: HashAlgorithm {
    switch self {
    case .sha256: .sha256
    case .sha384: .sha384
    case .sha512: .sha512
    }
  }
}
