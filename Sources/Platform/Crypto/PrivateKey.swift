// A private key of any kind this module knows, as it comes out of a file. The containers are read in
// PrivateKey+DER.swift, PrivateKey+PEM.swift and JWK.swift.

/// A private key of some kind.
public enum PrivateKey: Sendable, Equatable {
  /// For Ed25519 signatures.
  case ed25519(Ed25519.PrivateKey)
  /// For X25519 key agreement.
  case x25519(X25519.PrivateKey)
  /// For ECDSA or ECDH over P-256.
  case p256(P256.PrivateKey)
  /// For RSA signatures.
  case rsa(RSA.PrivateKey)

  /// The public half.
  public var publicKey: PublicKey {
    switch self {
    case .ed25519(let key): .ed25519(key.publicKey)
    case .x25519(let key): .x25519(key.publicKey)
    case .p256(let key): .p256(key.publicKey)
    case .rsa(let key): .rsa(key.publicKey)
    }
  }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, never its bytes.
  public var description: String {
    switch self {
    case .ed25519(let key): key.description
    case .x25519(let key): key.description
    case .p256(let key): key.description
    case .rsa(let key): key.description
    }
  }
  /// What it is, never its bytes.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
