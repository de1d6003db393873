// Private keys in DER: PKCS #8 (RFC 5958, RFC 8410), SEC 1 for EC (RFC 5915), PKCS #1 for RSA (RFC 8017).
// Where a container also holds the public key, it has to be the private one's.

extension PrivateKey {
  /// A key in PKCS #8, not encrypted: the content of a PEM "PRIVATE KEY".
  public init(der bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "private key in DER", KeyLimits.derBytesMaximum)
    var outer = DERReader(bytes, format: "PKCS #8 private key")
    var information = try outer.readSequence()
    try outer.finish()
    let version = try information.readVersion()
    guard version <= 1 else {
      throw .unsupportedKey(found: "PKCS #8 version \(version)", accepted: "versions 0 and 1")
    }
    let algorithm = try KeyAlgorithm(reading: &information)
    let key = try information.read(DERTag.octetString)
    switch algorithm {
    case .ed25519: self = .ed25519(try Ed25519.PrivateKey(seed: Self.curve25519(key)))
    case .x25519: self = .x25519(try X25519.PrivateKey(scalar: Self.curve25519(key)))
    case .p256: self = .p256(try Self.ellipticCurve(key, isCurveNamed: true))
    case .rsa: try self.init(pkcs1: key)
    }
    // Attributes (a comment, mostly) mean nothing to us.
    if information.nextTag == DERTag.context(0, constructed: true) { _ = try information.readAny() }
    if version == 1, information.nextTag == DERTag.context(1, constructed: false) {
      try requirePublic(try Self.unusedBitsDropped(try information.readAny()))
    }
    try information.finish()
  }

  /// An EC key as SEC 1 writes it, the content of a PEM "EC PRIVATE KEY".
  public init(sec1 bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "private key in DER", KeyLimits.derBytesMaximum)
    self = .p256(try Self.ellipticCurve(bytes, isCurveNamed: false))
  }

  /// An RSA key as PKCS #1 writes it, the content of a PEM "RSA PRIVATE KEY".
  public init(pkcs1 bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "private key in DER", KeyLimits.derBytesMaximum)
    var outer = DERReader(bytes, format: "RSAPrivateKey")
    var reader = try outer.readSequence()
    try outer.finish()
    let version = try reader.readVersion()
    guard version == 0 else {
      throw .unsupportedKey(found: "an RSA key of more than two primes", accepted: "RSA with two primes")
    }
    let numbers = RSA.Numbers(
      modulus: SecretBytes(copying: try reader.readUnsigned()),
      publicExponent: SecretBytes(copying: try reader.readUnsigned()),
      privateExponent: SecretBytes(copying: try reader.readUnsigned()),
      prime1: SecretBytes(copying: try reader.readUnsigned()),
      prime2: SecretBytes(copying: try reader.readUnsigned()),
      exponent1: SecretBytes(copying: try reader.readUnsigned()),
      exponent2: SecretBytes(copying: try reader.readUnsigned()),
      coefficient: SecretBytes(copying: try reader.readUnsigned()))
    try reader.finish()
    self = .rsa(try RSA.PrivateKey(numbers))
  }

  /// The octet string inside PKCS #8's octet string.
  private static func curve25519(_ bytes: RawSpan) throws(CryptoError) -> SecretBytes {
    var reader = DERReader(bytes, format: "CurvePrivateKey")
    let key = try reader.read(DERTag.octetString)
    try reader.finish()
    return SecretBytes(copying: key)
  }

  private static func ellipticCurve(
    _ bytes: RawSpan, isCurveNamed: Bool
  ) throws(CryptoError) -> P256.PrivateKey {
    var outer = DERReader(bytes, format: "ECPrivateKey")
    var reader = try outer.readSequence()
    try outer.finish()
    let version = try reader.readVersion()
    guard version == 1 else {
      throw .unsupportedKey(found: "an ECPrivateKey of version \(version)", accepted: "version 1")
    }
    let scalar = SecretBytes(copying: try reader.read(DERTag.octetString))
    if reader.nextTag == DERTag.context(0, constructed: true) {
      var parameters = DERReader(
        try reader.read(DERTag.context(0, constructed: true)), format: "ECPrivateKey")
      guard parameters.nextTag == DERTag.objectIdentifier else {
        throw .unsupportedKey(found: "an EC key whose curve is spelt out", accepted: "EC on P-256, by name")
      }
      try KeyAlgorithm.requireP256(try parameters.readObjectIdentifier())
      try parameters.finish()
    } else if !isCurveNamed {
      throw .unsupportedKey(found: "an EC key that does not name its curve", accepted: "EC on P-256, by name")
    }
    let key = try P256.PrivateKey(scalar: scalar)
    if reader.nextTag == DERTag.context(1, constructed: true) {
      var wrapped = DERReader(try reader.read(DERTag.context(1, constructed: true)), format: "ECPrivateKey")
      try PrivateKey.p256(key).requirePublic(try wrapped.readBitString())
      try wrapped.finish()
    }
    try reader.finish()
    return key
  }

  /// The bytes of an implicitly tagged BIT STRING of whole bytes.
  @_lifetime(copy contents)
  private static func unusedBitsDropped(_ contents: RawSpan) throws(CryptoError) -> RawSpan {
    guard contents.byteCount > 0, contents.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == 0 else {
      throw .malformed(format: "PKCS #8 private key", reason: "public key that is not whole bytes")
    }
    return contents.extracting(droppingFirst: 1)
  }

  /// Refuses a public key, in the form in which its kind of container holds it, that is not this key's.
  private func requirePublic(_ bytes: RawSpan) throws(CryptoError) {
    let stated: PublicKey
    switch self {
    case .ed25519: stated = .ed25519(try Ed25519.PublicKey(bytes))
    case .x25519: stated = .x25519(try X25519.PublicKey(bytes))
    case .p256: stated = .p256(try P256.PublicKey(bytes))
    case .rsa: stated = try PublicKey(pkcs1: bytes)
    }
    guard stated == publicKey else {
      throw .invalidKey(kind: "private", reason: "the public key beside it belongs to another one")
    }
  }

  /// The key in PKCS #8, not encrypted.
  public var der: SecretBytes {
    let (algorithm, key): (KeyAlgorithm, DERNode) =
      switch self {
      case .ed25519(let key): (.ed25519, .secret(DERTag.octetString, key.seed))
      case .x25519(let key): (.x25519, .secret(DERTag.octetString, key.scalar))
      case .p256(let key): (.p256, Self.sec1(key))
      case .rsa(let key):
        (.rsa, .nested(DERTag.sequence, [.version(0)] + key.numbers.inOrder.map { .unsigned($0) }))
      }
    return DERNode.sequence(.version(0), algorithm.node, .nested(DERTag.octetString, [key])).encoded
  }

  private static func sec1(_ key: P256.PrivateKey) -> DERNode {
    let point = key.publicKey.uncompressed
    return .sequence(
      .version(1), .secret(DERTag.octetString, key.scalar),
      .nested(DERTag.context(1, constructed: true), [point.withBytes { .bitString($0) }]))
  }
}
