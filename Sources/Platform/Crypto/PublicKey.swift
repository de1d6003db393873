// A public key of any kind this module knows, as it comes out of a file or a key set. The containers are
// read in PublicKey+DER.swift, PublicKey+PEM.swift and JWK.swift.

/// A public key of some kind.
public enum PublicKey: Sendable, Hashable {
  /// For Ed25519 signatures.
  case ed25519(Ed25519.PublicKey)
  /// For X25519 key agreement.
  case x25519(X25519.PublicKey)
  /// For ECDSA or ECDH over P-256.
  case p256(P256.PublicKey)
  /// For RSA signatures.
  case rsa(RSA.PublicKey)

  /// What a key has to be, for an error.
  static let accepted = "Ed25519, X25519, EC on P-256, RSA"
}

extension PublicKey: CustomStringConvertible {
  /// The kind and the key.
  public var description: String {
    switch self {
    case .ed25519(let key): key.description
    case .x25519(let key): key.description
    case .p256(let key): key.description
    case .rsa(let key): key.description
    }
  }
}
