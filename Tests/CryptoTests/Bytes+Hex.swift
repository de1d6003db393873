import Bytes
import Crypto

/// The bytes that `text`, hex with any white space, stands for.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }
  precondition(digits.count % 2 == 0, "odd number of hex digits")
  var bytes: [UInt8] = []
  var rest = Substring(digits)
  while !rest.isEmpty {
    guard let byte = UInt8(rest.prefix(2), radix: 16) else {
      preconditionFailure("not hex: \(rest.prefix(2))")
    }
    bytes.append(byte)
    rest = rest.dropFirst(2)
  }
  return bytes
}

/// Lowercase hex of `bytes`.
func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension Array where Element == UInt8 {
  /// A copy of the span's bytes.
  init(_ span: RawSpan) { self = span.withUnsafeBytes { [UInt8]($0) } }
  /// The UTF-8 of `text`.
  init(_ text: String) { self = [UInt8](text.utf8) }
}

// `#expect` cannot look into a call that takes a span, so the tests' bytes are arrays.

extension HashFunction {
  static func hash(_ bytes: [UInt8]) -> Digest<Self> { hash(bytes.span.bytes) }
  mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }
}

extension Digest {
  init?(_ bytes: [UInt8]) { self.init(bytes.span.bytes) }
}

extension SecretBytes {
  init(_ bytes: [UInt8]) { self.init(copying: bytes.span.bytes) }
}

extension [UInt8] {
  /// A copy of a secret, to compare it with what a standard says.
  init(_ secret: SecretBytes) { self = secret.withBytes { [UInt8]($0) } }
  /// The bytes of a fixed-size value.
  init<let size: Int>(_ value: FixedBytes<size>) { self = value.withUnsafeBytes { [UInt8]($0) } }
}

extension HMAC {
  func code(of message: [UInt8]) -> Digest<Function> { code(of: message.span.bytes) }
  func isValid(_ code: [UInt8], of message: [UInt8]) -> Bool {
    isValid(code.span.bytes, of: message.span.bytes)
  }
}

extension HKDF {
  static func derive(
    _ input: [UInt8], salt: [UInt8], info: [UInt8], count: Int
  ) throws(CryptoError) -> SecretBytes {
    try derive(input.span.bytes, salt: salt.span.bytes, info: info.span.bytes, count: count)
  }
}

extension AEADNonce {
  init(_ bytes: [UInt8]) throws(CryptoError) { try self.init(bytes.span.bytes) }
}

extension AEADKey {
  init(_ algorithm: AEADAlgorithm, _ bytes: [UInt8]) throws(CryptoError) {
    try self.init(algorithm, SecretBytes(bytes))
  }
  func seal(_ message: [UInt8], _ nonce: AEADNonce, _ data: [UInt8]) throws(CryptoError) -> [UInt8] {
    [UInt8](try seal(message.span.bytes, nonce: nonce, associatedData: data.span.bytes))
  }
  func open(_ sealed: [UInt8], _ nonce: AEADNonce, _ data: [UInt8]) throws(CryptoError) -> [UInt8] {
    [UInt8](try open(sealed.span.bytes, nonce: nonce, associatedData: data.span.bytes))
  }
}

extension Ed25519.PublicKey {
  init(_ bytes: [UInt8]) throws(CryptoError) { try self.init(bytes.span.bytes) }
  func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    isValid(signature.span.bytes, of: message.span.bytes)
  }
}

extension Ed25519.PrivateKey {
  init(seed: [UInt8]) throws(CryptoError) { try self.init(seed: SecretBytes(seed)) }
  func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] { [UInt8](try sign(message.span.bytes)) }
}

extension X25519.PublicKey {
  init(_ bytes: [UInt8]) throws(CryptoError) { try self.init(bytes.span.bytes) }
}

extension X25519.PrivateKey {
  init(scalar: [UInt8]) throws(CryptoError) { try self.init(scalar: SecretBytes(scalar)) }
}

extension P256.PublicKey {
  init(_ bytes: [UInt8]) throws(CryptoError) { try self.init(bytes.span.bytes) }
  func isValid(_ signature: P256.Signature, of message: [UInt8], hash: SignatureHash = .sha256) -> Bool {
    isValid(signature, of: message.span.bytes, hash: hash)
  }
}

extension P256.PrivateKey {
  init(scalar: [UInt8]) throws(CryptoError) { try self.init(scalar: SecretBytes(scalar)) }
  func sign(_ message: [UInt8], hash: SignatureHash = .sha256) throws(CryptoError) -> P256.Signature {
    try sign(message.span.bytes, hash: hash)
  }
}

extension P256.Signature {
  init(raw: [UInt8]) throws(CryptoError) { try self.init(raw: raw.span.bytes) }
  init(der: [UInt8]) throws(CryptoError) { try self.init(der: der.span.bytes) }
}

extension RSA.PublicKey {
  init(modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
    try self.init(modulus: modulus.span.bytes, exponent: exponent.span.bytes)
  }
  func isValid(
    _ signature: [UInt8], of message: [UInt8], _ padding: RSA.Padding, _ hash: SignatureHash
  ) -> Bool {
    isValid(signature.span.bytes, of: message.span.bytes, padding: padding, hash: hash)
  }
}

extension RSA.PrivateKey {
  func sign(
    _ message: [UInt8], _ padding: RSA.Padding, _ hash: SignatureHash
  ) throws(CryptoError) -> [UInt8] {
    [UInt8](try sign(message.span.bytes, padding: padding, hash: hash))
  }
}

extension PublicKey {
  init(der: [UInt8]) throws(CryptoError) { try self.init(der: der.span.bytes) }
  init(pkcs1: [UInt8]) throws(CryptoError) { try self.init(pkcs1: pkcs1.span.bytes) }
  init(certificate: [UInt8]) throws(CryptoError) { try self.init(certificate: certificate.span.bytes) }
  init(pem: String) throws(CryptoError) {
    let bytes = [UInt8](pem)
    try self.init(pem: bytes.span.bytes)
  }
}

extension PrivateKey {
  init(der: [UInt8]) throws(CryptoError) { try self.init(der: der.span.bytes) }
  init(pkcs1: [UInt8]) throws(CryptoError) { try self.init(pkcs1: pkcs1.span.bytes) }
  init(sec1: [UInt8]) throws(CryptoError) { try self.init(sec1: sec1.span.bytes) }
  init(pem: String) throws(CryptoError) {
    let bytes = [UInt8](pem)
    try self.init(pem: bytes.span.bytes)
  }
}

/// The `CryptoError` that `body` throws; nil when it throws none.
func failure<Result>(_ body: () throws(CryptoError) -> Result) -> CryptoError? {
  do throws(CryptoError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}
