// X25519 (RFC 7748): key agreement, as Noise and HPKE use it.

/// X25519 keys.
public enum X25519 {
  /// A public key: 32 bytes.
  public struct PublicKey: Sendable {
    /// The u coordinate as RFC 7748 encodes it.
    public let encoded: FixedBytes<32>
    fileprivate let handle: KeyHandle

    /// A key of these 32 bytes: any are a key, and agreement tells whether it is a usable one.
    public init(_ bytes: RawSpan) throws(CryptoError) {
      guard let encoded = FixedBytes<32>(bytes) else {
        throw .invalidLength(of: "X25519 public key", found: bytes.byteCount, accepted: "32")
      }
      handle = try KeyHandle("X25519", publicBytes: bytes)
      self.encoded = encoded
    }
  }

  /// A private key: 32 bytes.
  public struct PrivateKey: Sendable {
    /// The scalar before clamping.
    public let scalar: SecretBytes
    /// The public half.
    public let publicKey: PublicKey
    private let handle: KeyHandle

    /// A key of these 32 bytes: any are a key.
    public init(scalar: SecretBytes) throws(CryptoError) {
      guard scalar.count == 32 else {
        throw .invalidLength(of: "X25519 private key", found: scalar.count, accepted: "32")
      }
      handle = try KeyHandle("X25519", privateBytes: scalar)
      publicKey = try handle.rawPublicBytes().withBytes { bytes throws(CryptoError) in try PublicKey(bytes) }
      self.scalar = scalar
    }

    /// A new random key.
    public init() throws(CryptoError) { try self.init(scalar: SecretBytes(randomCount: 32)) }

    /// The 32-byte secret shared with the holder of `peer`'s private half. It is not uniformly random: derive
    /// keys from it. Throws `weakSharedSecret` for a public key that forces the secret to zero.
    public func sharedSecret(with peer: PublicKey) throws(CryptoError) -> SecretBytes {
      // RFC 7748, section 6.1: the all-zero secret is checked for, here even if OpenSSL had let it pass.
      guard let secret = try handle.sharedSecret(with: peer.handle, count: 32), secret != X25519.zero else {
        throw .weakSharedSecret
      }
      return secret
    }
  }

  private static let zero = SecretBytes(count: 32) { _ in }
}

extension X25519.PublicKey: Hashable, CustomStringConvertible {
  /// Equal when the encodings are.
  public static func == (left: Self, right: Self) -> Bool { left.encoded == right.encoded }
  /// Hashes the encoding.
  public func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
  /// The key in hex.
  public var description: String { "X25519 \(encoded)" }
}

extension X25519.PrivateKey: Equatable {
  /// Equal when the scalars are; constant time.
  public static func == (left: Self, right: Self) -> Bool { left.scalar == right.scalar }
}

extension X25519.PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, never its bytes.
  public var description: String { "<X25519 private key>" }
  /// What it is, never its bytes.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
