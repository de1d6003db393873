// Ed25519 (RFC 8032): signatures that identify nodes, servers and the tokens they issue.

/// Ed25519 keys and signatures.
public enum Ed25519 {
  /// A signature: 64 bytes.
  public typealias Signature = FixedBytes<64>

  /// A public key: 32 bytes.
  public struct PublicKey: Sendable {
    /// The key as RFC 8032 encodes it.
    public let encoded: FixedBytes<32>
    private let handle: KeyHandle

    /// A key of these 32 bytes. The points of small order are refused: under them one signature holds for
    /// many messages. Bytes that are no point at all are a key that verifies nothing.
    public init(_ bytes: RawSpan) throws(CryptoError) {
      guard let encoded = FixedBytes<32>(bytes) else {
        throw .invalidLength(of: "Ed25519 public key", found: bytes.byteCount, accepted: "32")
      }
      guard !Ed25519.isSmallOrder(encoded) else {
        throw .invalidKey(kind: "Ed25519 public", reason: "a point of small order")
      }
      handle = try KeyHandle("ED25519", publicBytes: bytes)
      self.encoded = encoded
    }

    /// Whether `signature` is this key's signature of `message`.
    public func isValid(_ signature: RawSpan, of message: RawSpan) -> Bool {
      signature.byteCount == Signature.byteCount && handle.isValid(signature, of: message, hash: nil)
    }
  }

  /// A private key: a 32-byte seed.
  public struct PrivateKey: Sendable {
    /// The seed that the key is made from.
    public let seed: SecretBytes
    /// The public half.
    public let publicKey: PublicKey
    private let handle: KeyHandle

    /// A key of this 32-byte seed.
    public init(seed: SecretBytes) throws(CryptoError) {
      guard seed.count == 32 else {
        throw .invalidLength(of: "Ed25519 private key", found: seed.count, accepted: "32")
      }
      handle = try KeyHandle("ED25519", privateBytes: seed)
      publicKey = try handle.rawPublicBytes().withBytes { bytes throws(CryptoError) in try PublicKey(bytes) }
      self.seed = seed
    }

    /// A new random key.
    public init() throws(CryptoError) { try self.init(seed: SecretBytes(randomCount: 32)) }

    /// The signature of `message`; always the same one.
    public func sign(_ message: RawSpan) throws(CryptoError) -> Signature {
      var signature = Signature()
      let count = try signature.withMutableBytes { output throws(CryptoError) in
        try handle.sign(message, hash: nil, into: output)
      }
      precondition(count == Signature.byteCount, "an Ed25519 signature of \(count) bytes")
      return signature
    }
  }

  /// The y coordinates of the points whose order divides 8, in every encoding, without the sign bit.
  private static let smallOrder: [[UInt8]] = {
    let middle = [UInt8](repeating: 0xff, count: 30)
    return [
      [UInt8](repeating: 0, count: 32),
      [1] + [UInt8](repeating: 0, count: 31),
      [0xec] + middle + [0x7f],
      [0xed] + middle + [0x7f],
      [0xee] + middle + [0x7f],
      [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
      ],
      [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
      ],
    ]
  }()

  private static func isSmallOrder(_ encoded: FixedBytes<32>) -> Bool {
    var unsigned = encoded.withUnsafeBytes { [UInt8]($0) }
    unsigned[31] &= 0x7f
    return smallOrder.contains(unsigned)
  }
}

extension Ed25519.PublicKey: Hashable, CustomStringConvertible {
  /// Equal when the encodings are.
  public static func == (left: Self, right: Self) -> Bool { left.encoded == right.encoded }
  /// Hashes the encoding.
  public func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
  /// The key in hex.
  public var description: String { "Ed25519 \(encoded)" }
}

extension Ed25519.PrivateKey: Equatable {
  /// Equal when the seeds are; constant time.
  public static func == (left: Self, right: Self) -> Bool { left.seed == right.seed }
}

extension Ed25519.PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, never its bytes.
  public var description: String { "<Ed25519 private key>" }
  /// What it is, never its bytes.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
