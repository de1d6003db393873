// The curve P-256: ECDSA signatures (ES256) and ECDH key agreement. Signatures are in P256Signature.swift,
// the arithmetic that OpenSSL's key interface leaves to its callers in P256Group.swift.

/// P-256 keys and signatures.
public enum P256 {
  /// A public key: a point of the curve.
  public struct PublicKey: Sendable {
    /// The point as X9.63 writes it in full: 4, x, y.
    public let uncompressed: FixedBytes<65>
    fileprivate let handle: KeyHandle

    /// The point that `bytes` encode: 65 of them in full, or 33 of them compressed. It must be on the curve.
    public init(_ bytes: RawSpan) throws(CryptoError) {
      let prefix = bytes.byteCount > 0 ? bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self) : 0
      switch (bytes.byteCount, prefix) {
      case (65, 4): uncompressed = try P256Group.checked(bytes)
      case (33, 2), (33, 3): uncompressed = try P256Group.checked(bytes)
      case (65, _), (33, _):
        throw .malformed(
          format: "P-256 point", reason: "begins with \(prefix); accepted: 4 in full, 2 or 3 compressed")
      default:
        throw .invalidLength(of: "P-256 point", found: bytes.byteCount, accepted: "65 in full, 33 compressed")
      }
      handle = try KeyHandle(
        "EC",
        [
          .text(KeyParameter.Name.group, "prime256v1"),
          uncompressed.withBytes { .octets(KeyParameter.Name.publicKey, $0) },
        ], isPrivate: false)
    }

    /// The point of these coordinates, each 32 bytes, most significant first. It must be on the curve.
    public init(x: FixedBytes<32>, y: FixedBytes<32>) throws(CryptoError) {
      var point = FixedBytes<65>()
      point[0] = 4
      for index in 0..<32 {
        point[1 + index] = x[index]
        point[33 + index] = y[index]
      }
      self = try point.withBytes { bytes throws(CryptoError) in try PublicKey(bytes) }
    }

    /// The x coordinate, most significant byte first.
    public var x: FixedBytes<32> { coordinate(at: 1) }

    /// The y coordinate, most significant byte first.
    public var y: FixedBytes<32> { coordinate(at: 33) }

    /// The point compressed: 2 or 3 by the parity of y, and x.
    public var compressed: FixedBytes<33> {
      var point = FixedBytes<33>()
      point[0] = 2 | uncompressed[64] & 1
      for index in 1..<33 { point[index] = uncompressed[index] }
      return point
    }

    private func coordinate(at offset: Int) -> FixedBytes<32> {
      var value = FixedBytes<32>()
      for index in 0..<32 { value[index] = uncompressed[offset + index] }
      return value
    }

    /// Whether `signature` is this key's signature of `message`.
    public func isValid(
      _ signature: Signature, of message: RawSpan, hash: SignatureHash = .sha256
    ) -> Bool {
      let encoded = signature.derBytes
      return handle.isValid(encoded.span.bytes, of: message, hash: hash.algorithm)
    }
  }

  /// A private key: a number below the order of the curve.
  public struct PrivateKey: Sendable {
    /// The number, 32 bytes, most significant first.
    public let scalar: SecretBytes
    /// The public half.
    public let publicKey: PublicKey
    private let handle: KeyHandle

    /// A key of this number: 32 bytes, from 1 to the order of the curve less 1.
    public init(scalar: SecretBytes) throws(CryptoError) {
      guard scalar.count == 32 else {
        throw .invalidLength(of: "P-256 private key", found: scalar.count, accepted: "32")
      }
      guard scalar.withBytes({ P256Group.isScalar($0) }) else {
        throw .invalidKey(kind: "P-256 private", reason: "zero, or not below the order of the curve")
      }
      let point = try P256Group.publicPoint(of: scalar)
      publicKey = try point.withBytes { bytes throws(CryptoError) in try PublicKey(bytes) }
      handle = try KeyHandle(
        "EC",
        [
          .text(KeyParameter.Name.group, "prime256v1"),
          point.withBytes { .octets(KeyParameter.Name.publicKey, $0) },
          .number(KeyParameter.Name.privateKey, scalar),
        ], isPrivate: true)
      self.scalar = scalar
    }

    /// A new random key.
    public init() throws(CryptoError) {
      // All but one in 2^32 draws are below the order.
      var scalar = SecretBytes(randomCount: 32)
      while !scalar.withBytes({ P256Group.isScalar($0) }) { scalar = SecretBytes(randomCount: 32) }
      try self.init(scalar: scalar)
    }

    /// A signature of `message`; another one each time.
    public func sign(
      _ message: RawSpan, hash: SignatureHash = .sha256
    ) throws(CryptoError) -> Signature {
      var encoded = FixedBytes<80>()
      let count = try encoded.withMutableBytes { output throws(CryptoError) in
        try handle.sign(message, hash: hash.algorithm, into: output)
      }
      return try encoded.withBytes { bytes throws(CryptoError) in
        try Signature(der: bytes.extracting(first: count))
      }
    }

    /// The x coordinate of the point shared with the holder of `peer`'s private half: 32 bytes that are not
    /// uniformly random; derive keys from them.
    public func sharedSecret(with peer: PublicKey) throws(CryptoError) -> SecretBytes {
      guard let secret = try handle.sharedSecret(with: peer.handle, count: 32) else {
        throw .weakSharedSecret
      }
      return secret
    }
  }
}

extension P256.PublicKey: Hashable, CustomStringConvertible {
  /// Equal when the points are.
  public static func == (left: Self, right: Self) -> Bool { left.uncompressed == right.uncompressed }
  /// Hashes the point.
  public func hash(into hasher: inout Hasher) { hasher.combine(uncompressed) }
  /// The compressed point in hex.
  public var description: String { "P-256 \(compressed)" }
}

extension P256.PrivateKey: Equatable {
  /// Equal when the numbers are; constant time.
  public static func == (left: Self, right: Self) -> Bool { left.scalar == right.scalar }
}

extension P256.PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, never its bytes.
  public var description: String { "<P-256 private key>" }
  /// What it is, never its bytes.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
