// RSA signatures, for the keys that operators and their identity providers already have. New keys are better
// Ed25519 or P-256; there is no RSA encryption here.

public import Bytes
import COpenSSL

/// RSA keys and signatures.
public enum RSA {
  /// The key sizes accepted. Shorter ones can be factored; longer ones let a stranger's key cost us seconds.
  public static var modulusBits: ClosedRange<Int> { 2048...8192 }

  /// How a hashed message becomes a number to sign.
  public enum Padding: Sendable, CaseIterable {
    /// PKCS #1 v1.5 (RS256 and its kin).
    case pkcs1
    /// PSS with the message's hash in its mask too, and a salt of that hash's length (PS256 and its kin).
    case pss
  }

  /// A public key.
  public struct PublicKey: Sendable {
    /// The modulus, most significant byte first and not zero.
    public let modulus: ByteBuffer
    /// The exponent, most significant byte first and not zero.
    public let exponent: ByteBuffer
    private let handle: KeyHandle

    /// A key of these numbers, most significant byte first.
    public init(modulus: RawSpan, exponent: RawSpan) throws(CryptoError) {
      let modulus = RSA.significant(modulus)
      let exponent = RSA.significant(exponent)
      try RSA.check(modulus: modulus, exponent: exponent)
      handle = try KeyHandle(
        "RSA",
        [
          .number(KeyParameter.Name.modulus, SecretBytes(copying: modulus)),
          .number(KeyParameter.Name.publicExponent, SecretBytes(copying: exponent)),
        ], isPrivate: false)
      self.modulus = ByteBuffer(copying: modulus)
      self.exponent = ByteBuffer(copying: exponent)
    }

    /// How many bytes a signature has.
    public var signatureByteCount: Int { modulus.count }

    /// Whether `signature` is this key's signature of `message`.
    public func isValid(
      _ signature: RawSpan, of message: RawSpan, padding: Padding, hash: SignatureHash
    ) -> Bool {
      signature.byteCount == modulus.count
        && handle.isValid(signature, of: message, hash: hash.algorithm) { RSA.configure($0, padding) }
    }
  }

  /// A private key.
  public struct PrivateKey: Sendable {
    /// The key's numbers.
    let numbers: Numbers
    /// The public half.
    public let publicKey: PublicKey
    private let handle: KeyHandle

    /// A key of these numbers, which must fit together.
    init(_ numbers: Numbers) throws(CryptoError) {
      publicKey = try numbers.modulus.withBytes { modulus throws(CryptoError) in
        try numbers.publicExponent.withBytes { exponent throws(CryptoError) in
          try PublicKey(modulus: modulus, exponent: exponent)
        }
      }
      // The check below takes time by the size of what it is given.
      guard numbers.inOrder.allSatisfy({ $0.count <= RSA.modulusBits.upperBound / 8 }) else {
        throw .invalidKey(kind: "RSA private", reason: "a number larger than any modulus")
      }
      handle = try KeyHandle("RSA", numbers.parameters, isPrivate: true)
      try handle.check("RSA private", EVP_PKEY_pairwise_check)
      self.numbers = numbers
    }

    /// A signature of `message`.
    public func sign(
      _ message: RawSpan, padding: Padding, hash: SignatureHash
    ) throws(CryptoError) -> ByteBuffer {
      var signature = ByteBuffer(capacity: publicKey.signatureByteCount)
      _ = try signature.withWritableBytes(minimum: publicKey.signatureByteCount) {
        room throws(CryptoError) in
        try handle.sign(message, hash: hash.algorithm, into: room) { RSA.configure($0, padding) }
      }
      return signature
    }
  }

  /// The numbers of a private key (RFC 8017, section 3.2), most significant byte first.
  struct Numbers: Sendable {
    let modulus: SecretBytes
    let publicExponent: SecretBytes
    let privateExponent: SecretBytes
    let prime1: SecretBytes
    let prime2: SecretBytes
    let exponent1: SecretBytes
    let exponent2: SecretBytes
    let coefficient: SecretBytes

    /// In the order in which every format writes them.
    var inOrder: [SecretBytes] {
      [modulus, publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient]
    }

    fileprivate var parameters: [KeyParameter] {
      [
        .number(KeyParameter.Name.modulus, modulus),
        .number(KeyParameter.Name.publicExponent, publicExponent),
        .number(KeyParameter.Name.privateExponent, privateExponent),
        .number(KeyParameter.Name.factor1, prime1),
        .number(KeyParameter.Name.factor2, prime2),
        .number(KeyParameter.Name.exponent1, exponent1),
        .number(KeyParameter.Name.exponent2, exponent2),
        .number(KeyParameter.Name.coefficient, coefficient),
      ]
    }
  }

  private static func check(modulus: RawSpan, exponent: RawSpan) throws(CryptoError) {
    guard modulus.byteCount > 0, modulus.byteCount * 8 <= modulusBits.upperBound else {
      throw .invalidKey(
        kind: "RSA", reason: "modulus of \(modulus.byteCount) bytes; accepted: \(modulusBits) bits")
    }
    let first = modulus.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    let bits = modulus.byteCount * 8 - first.leadingZeroBitCount
    guard modulusBits.contains(bits) else {
      throw .invalidKey(kind: "RSA", reason: "modulus of \(bits) bits; accepted: \(modulusBits)")
    }
    guard modulus.unsafeLoad(fromByteOffset: modulus.byteCount - 1, as: UInt8.self) & 1 == 1 else {
      throw .invalidKey(kind: "RSA", reason: "even modulus")
    }
    // Larger exponents are nobody's choice, and make each verification as slow as a signature.
    guard (1...4).contains(exponent.byteCount) else {
      throw .invalidKey(
        kind: "RSA", reason: "public exponent of \(exponent.byteCount) bytes; accepted: 1 to 4")
    }
    var value: UInt32 = 0
    for index in 0..<exponent.byteCount {
      value = value << 8 | UInt32(exponent.unsafeLoad(fromByteOffset: index, as: UInt8.self))
    }
    guard value >= 3, value & 1 == 1 else {
      throw .invalidKey(kind: "RSA", reason: "public exponent \(value); accepted: odd, 3 or more")
    }
  }

  @_lifetime(copy bytes)
  private static func significant(_ bytes: RawSpan) -> RawSpan {
    var zeros = 0
    while zeros < bytes.byteCount, bytes.unsafeLoad(fromByteOffset: zeros, as: UInt8.self) == 0 { zeros += 1 }
    return bytes.extracting(droppingFirst: zeros)
  }

  private static func configure(_ options: OpaquePointer, _ padding: Padding) -> Int32 {
    switch padding {
    case .pkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING)
    case .pss:
      guard EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 else { return 0 }
      return EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST)
    }
  }
}

extension RSA.PublicKey: Hashable, CustomStringConvertible {
  /// Equal when the numbers are.
  public static func == (left: Self, right: Self) -> Bool {
    left.modulus == right.modulus && left.exponent == right.exponent
  }
  /// Hashes the modulus.
  public func hash(into hasher: inout Hasher) { hasher.combine(modulus) }
  /// The size of the key.
  public var description: String { "RSA \(modulus.count * 8)-bit" }
}

extension RSA.PrivateKey: Equatable {
  /// Equal when the private exponents and the public keys are.
  public static func == (left: Self, right: Self) -> Bool {
    left.publicKey == right.publicKey && left.numbers.privateExponent == right.numbers.privateExponent
  }
}

extension RSA.PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is, never its bytes.
  public var description: String { "<RSA private key>" }
  /// What it is, never its bytes.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
