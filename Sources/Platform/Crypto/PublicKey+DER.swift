// Public keys in DER: SubjectPublicKeyInfo (RFC 5280, RFC 8410, RFC 5480), PKCS #1, and inside a certificate.

public import Bytes

/// How large what we read may be. An RSA private key at its largest has 4.7 KiB.
public enum KeyLimits {
  /// The most bytes of a key in DER.
  public static let derBytesMaximum = 16 << 10
  /// The most bytes of a certificate in DER.
  public static let certificateBytesMaximum = 60 << 10
  /// The most bytes of PEM text.
  public static let pemBytesMaximum = 1 << 20
  /// The most blocks in one PEM text.
  public static let pemBlocksMaximum = 64
  /// The most bytes of a JWK in JSON.
  public static let jwkBytesMaximum = 32 << 10
}

extension PublicKey {
  /// A key in a SubjectPublicKeyInfo, the content of a PEM "PUBLIC KEY".
  public init(der bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "public key in DER", KeyLimits.derBytesMaximum)
    var outer = DERReader(bytes, format: "SubjectPublicKeyInfo")
    var information = try outer.readSequence()
    try outer.finish()
    try self.init(information: &information)
  }

  /// An RSA key as PKCS #1 writes it, the content of a PEM "RSA PUBLIC KEY".
  public init(pkcs1 bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "public key in DER", KeyLimits.derBytesMaximum)
    var outer = DERReader(bytes, format: "RSAPublicKey")
    var numbers = try outer.readSequence()
    try outer.finish()
    let modulus = try numbers.readUnsigned()
    let exponent = try numbers.readUnsigned()
    try numbers.finish()
    self = .rsa(try RSA.PublicKey(modulus: modulus, exponent: exponent))
  }

  /// The key that an X.509 certificate is about. Nothing else of the certificate is judged: not its
  /// signature, its dates or its names.
  public init(certificate bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "certificate", KeyLimits.certificateBytesMaximum)
    var outer = DERReader(bytes, format: "certificate")
    var certificate = try outer.readSequence()
    try outer.finish()
    var body = try certificate.readSequence()
    _ = try certificate.read(DERTag.sequence)  // signature algorithm
    _ = try certificate.readBitString()  // signature
    try certificate.finish()
    // RFC 5280, section 4.1: version, serial number, algorithm, issuer, validity, subject, then the key.
    if body.nextTag == DERTag.context(0, constructed: true) { _ = try body.readAny() }
    _ = try body.read(DERTag.integer)
    for _ in 0..<4 { _ = try body.read(DERTag.sequence) }
    var information = try body.readSequence()
    try self.init(information: &information)
  }

  /// The elements of a SubjectPublicKeyInfo.
  private init(information: inout DERReader) throws(CryptoError) {
    let algorithm = try KeyAlgorithm(reading: &information)
    let key = try information.readBitString()
    try information.finish()
    switch algorithm {
    case .ed25519: self = .ed25519(try Ed25519.PublicKey(key))
    case .x25519: self = .x25519(try X25519.PublicKey(key))
    case .p256: self = .p256(try P256.PublicKey(key))
    case .rsa: try self.init(pkcs1: key)
    }
  }

  /// The key as a SubjectPublicKeyInfo.
  public var der: ByteBuffer {
    let encoded = information.encoded
    return encoded.withBytes { ByteBuffer(copying: $0) }
  }

  private var information: DERNode {
    switch self {
    case .ed25519(let key):
      return .sequence(KeyAlgorithm.ed25519.node, key.encoded.withBytes { .bitString($0) })
    case .x25519(let key):
      return .sequence(KeyAlgorithm.x25519.node, key.encoded.withBytes { .bitString($0) })
    case .p256(let key):
      return .sequence(KeyAlgorithm.p256.node, key.uncompressed.withBytes { .bitString($0) })
    case .rsa(let key):
      let numbers: [DERNode] = [
        .unsigned(SecretBytes(copying: key.modulus.readable)),
        .unsigned(SecretBytes(copying: key.exponent.readable)),
      ]
      return .sequence(
        KeyAlgorithm.rsa.node, .nested(DERTag.bitString, [.nested(DERTag.sequence, numbers)]))
    }
  }
}

/// The AlgorithmIdentifier of a key we read.
enum KeyAlgorithm {
  case ed25519
  case x25519
  case p256
  case rsa

  /// Reads the identifier and its parameters, which each kind of key prescribes.
  init(reading reader: inout DERReader) throws(CryptoError) {
    var identifier = try reader.readSequence()
    switch try identifier.readObjectIdentifier() {
    case .ed25519:
      self = .ed25519
    case .x25519:
      self = .x25519
    case .rsa:
      guard try identifier.read(DERTag.null).byteCount == 0 else {
        throw .malformed(format: "RSA algorithm identifier", reason: "NULL that holds something")
      }
      self = .rsa
    case .ellipticCurve:
      guard identifier.nextTag == DERTag.objectIdentifier else {
        throw .unsupportedKey(found: "an EC key whose curve is spelt out", accepted: "EC on P-256, by name")
      }
      try Self.requireP256(try identifier.readObjectIdentifier())
      self = .p256
    case let other:
      throw .unsupportedKey(found: "a key of \(other.name)", accepted: PublicKey.accepted)
    }
    try identifier.finish()
  }

  static func requireP256(_ curve: ObjectIdentifier) throws(CryptoError) {
    guard curve == .p256 else {
      throw .unsupportedKey(found: "an EC key on \(curve.name)", accepted: "EC on P-256")
    }
  }

  var node: DERNode {
    switch self {
    case .ed25519: .sequence(.identifier(.ed25519))
    case .x25519: .sequence(.identifier(.x25519))
    case .p256: .sequence(.identifier(.ellipticCurve), .identifier(.p256))
    case .rsa: .sequence(.identifier(.rsa), .null)
    }
  }
}

func checkSize(_ bytes: RawSpan, _ what: String, _ maximum: Int) throws(CryptoError) {
  guard bytes.byteCount <= maximum else {
    throw .invalidLength(of: what, found: bytes.byteCount, accepted: "at most \(maximum)")
  }
}
