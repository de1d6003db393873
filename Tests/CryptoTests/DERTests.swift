import Bytes
import Crypto
import Testing

/// An element of DER, with a length in its shortest form.
private func element(_ tag: UInt8, _ contents: [UInt8]...) -> [UInt8] {
  let contents = contents.flatMap { $0 }
  let count = contents.count
  if count < 0x80 { return [tag, UInt8(count)] + contents }
  if count < 0x100 { return [tag, 0x81, UInt8(count)] + contents }
  return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + contents
}

private func sequence(_ contents: [UInt8]...) -> [UInt8] { element(0x30, contents.flatMap { $0 }) }
private func integer(_ bytes: [UInt8]) -> [UInt8] { element(2, bytes) }
private func bitString(_ bytes: [UInt8]) -> [UInt8] { element(3, [0] + bytes) }
private func octetString(_ bytes: [UInt8]) -> [UInt8] { element(4, bytes) }
private func identifier(_ text: String) -> [UInt8] { element(6, hex(text)) }

private let null: [UInt8] = [5, 0]
private let ed25519 = sequence(identifier("2b6570"))
private let x25519 = sequence(identifier("2b656e"))
private let p256Curve = identifier("2a8648ce3d030107")
private let p256 = sequence(identifier("2a8648ce3d0201"), p256Curve)
private let rsa = sequence(identifier("2a864886f70d010101"), null)

private let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
private let edPoint = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
private let scalar = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
private let point = hex(
  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
private let sec1 = sequence(
  integer([1]), octetString(scalar), element(0xa0, p256Curve), element(0xa1, bitString(point)))

@Suite("Keys in DER") struct DERTests {
  @Test func optionalPartsMayBeThereOrNot() throws {
    let ed = try Ed25519.PrivateKey(seed: seed)
    let edKey = octetString(octetString(seed))
    let attributes = element(0xa0, [])
    // RFC 8410, section 10.3: version 1 may carry the public key, either version attributes.
    for der in [
      sequence(integer([0]), ed25519, edKey),
      sequence(integer([1]), ed25519, edKey),
      sequence(integer([0]), ed25519, edKey, attributes),
      sequence(integer([1]), ed25519, edKey, element(0x81, [0] + edPoint)),
      sequence(integer([1]), ed25519, edKey, attributes, element(0x81, [0] + edPoint)),
    ] {
      #expect(try PrivateKey(der: der) == .ed25519(ed))
    }
    let ec = try P256.PrivateKey(scalar: scalar)
    for inner in [
      sec1, sequence(integer([1]), octetString(scalar)),
      sequence(integer([1]), octetString(scalar), element(0xa1, bitString(point))),
      sequence(integer([1]), octetString(scalar), element(0xa0, p256Curve)),
    ] {
      #expect(try PrivateKey(der: sequence(integer([0]), p256, octetString(inner))) == .p256(ec))
    }
    #expect(try PrivateKey(sec1: sec1) == .p256(ec))
    let compressed = [3] + point[1..<33]
    #expect(try PublicKey(der: sequence(p256, bitString(compressed))) == .p256(ec.publicKey))
    let withX = try PrivateKey(der: sequence(integer([0]), x25519, edKey))
    #expect(withX == .x25519(try X25519.PrivateKey(scalar: seed)))
    #expect(
      try PrivateKey(
        der: sequence(
          integer([1]), x25519, edKey,
          element(0x81, [0] + [UInt8](X25519.PrivateKey(scalar: seed).publicKey.encoded)))
      ) == withX)
  }

  @Test func aCertificateOfTheFirstVersionIsRead() throws {
    // No version element, as in certificates before version 3.
    let body = sequence(
      integer([1]), sequence(), sequence(), sequence(), sequence(), sequence(ed25519, bitString(edPoint)))
    let certificate = sequence(body, sequence(), bitString([]))
    #expect(try PublicKey(certificate: certificate) == .ed25519(try Ed25519.PublicKey(edPoint)))
  }

  /// What is wrong, the bytes, and a part of what the error says.
  private static let publicKeys: [(String, [UInt8], String)] = [
    ("nothing", [], "ends where SEQUENCE"),
    ("trailing byte", sequence(ed25519, bitString(edPoint)) + [0], "1 bytes too many"),
    ("trailing element", sequence(ed25519, bitString(edPoint), null), "2 bytes too many"),
    ("no key", sequence(ed25519), "ends where BIT STRING"),
    ("octets for bits", sequence(ed25519, octetString(edPoint)), "found OCTET STRING, not BIT STRING"),
    ("unused bits", sequence(ed25519, element(3, [1] + edPoint)), "not whole bytes"),
    ("no bits", sequence(ed25519, element(3, [])), "not whole bytes"),
    ("short key", sequence(ed25519, bitString([1, 2])), "has 2 bytes; accepted: 32"),
    ("parameters", sequence(sequence(identifier("2b6570"), null), bitString(edPoint)), "2 bytes too many"),
    ("no NULL", sequence(sequence(identifier("2a864886f70d010101")), bitString([])), "ends where NULL"),
    (
      "NULL that holds", sequence(sequence(identifier("2a864886f70d010101"), [5, 1, 0]), bitString([])),
      "NULL that holds something"
    ),
    ("DSA", sequence(sequence(identifier("2a8648ce380401")), bitString([])), "DSA (1.2.840.10040.4.1)"),
    ("PSS", sequence(sequence(identifier("2a864886f70d01010a")), bitString([])), "RSASSA-PSS"),
    (
      "Ed448", sequence(sequence(identifier("2b6571")), bitString([])),
      "Ed448 (1.3.101.113); accepted: Ed25519"
    ),
    ("long arcs", sequence(sequence(identifier("8837ffffff7f")), bitString([])), "a key of 2.999.268435455"),
    ("empty identifier", sequence(sequence([6, 0]), bitString([])), "an unreadable object identifier"),
    ("padded arc", sequence(sequence(identifier("2b8001")), bitString([])), "an unreadable object"),
    ("cut arc", sequence(sequence(identifier("2b80")), bitString([])), "an unreadable object"),
    (
      "huge arc", sequence(sequence(identifier("2bffffffffffffffffffff7f")), bitString([])),
      "an unreadable object"
    ),
    (
      "secp256k1",
      sequence(sequence(identifier("2a8648ce3d0201"), identifier("2b8104000a")), bitString(point)),
      "EC key on secp256k1 (1.3.132.0.10); accepted: EC on P-256"
    ),
    (
      "spelt-out curve", sequence(sequence(identifier("2a8648ce3d0201"), sequence()), bitString(point)),
      "curve is spelt out"
    ),
    ("no curve", sequence(sequence(identifier("2a8648ce3d0201")), bitString(point)), "curve is spelt out"),
    ("off the curve", sequence(p256, bitString(point.dropLast() + [0])), "not a point of the curve"),
    ("small RSA", sequence(rsa, bitString(sequence(integer([3]), integer([3])))), "modulus of 2 bits"),
    ("zero RSA", sequence(rsa, bitString(sequence(integer([0]), integer([3])))), "modulus of 0 bytes"),
    ("multi-byte tag", [0x1f, 0x81, 0x01, 0x00], "found tag 0x1f, not SEQUENCE"),
    ("indefinite length", [0x30, 0x80, 0, 0], "over 64 KiB, or indefinite"),
    ("padded length", [0x30, 0x81, 0x02, 5, 0], "shortest form"),
    ("padded long length", [0x30, 0x82, 0x00, 0xff], "shortest form"),
    ("three-byte length", [0x30, 0x83, 1, 0, 0], "over 64 KiB, or indefinite"),
    ("length past the end", [0x30, 5, 5, 0], "longer than what holds it"),
    ("cut length", [0x30, 0x82, 1], "longer than what holds it"),
    ("too large", [UInt8](repeating: 0x30, count: KeyLimits.derBytesMaximum + 1), "accepted: at most 16384"),
  ]

  @Test(arguments: publicKeys.indices) func malformedPublicKeysAreRefused(index: Int) {
    let (what, bytes, reason) = Self.publicKeys[index]
    let error = failure { () throws(CryptoError) in try PublicKey(der: bytes) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }

  private static let edKey = octetString(octetString(seed))

  private static let privateKeys: [(String, [UInt8], String)] = [
    ("nothing", [], "ends where SEQUENCE"),
    ("trailing byte", sequence(integer([0]), ed25519, edKey) + [0], "1 bytes too many"),
    ("trailing element", sequence(integer([0]), ed25519, edKey, null), "2 bytes too many"),
    ("version 2", sequence(integer([2]), ed25519, edKey), "PKCS #8 version 2; accepted: versions 0 and 1"),
    ("long version", sequence(integer([1, 0]), ed25519, edKey), "version of 2 bytes"),
    ("negative version", sequence(integer([0xff]), ed25519, edKey), "negative INTEGER"),
    ("empty version", sequence(integer([]), ed25519, edKey), "INTEGER of no bytes"),
    ("no key", sequence(integer([0]), ed25519), "ends where OCTET STRING"),
    (
      "key not wrapped twice", sequence(integer([0]), ed25519, octetString(seed)), "malformed CurvePrivateKey"
    ),
    (
      "inner trailing byte", sequence(integer([0]), ed25519, octetString(octetString(seed) + [0])),
      "1 bytes too many"
    ),
    (
      "short seed", sequence(integer([0]), ed25519, octetString(octetString([1]))),
      "has 1 bytes; accepted: 32"
    ),
    (
      "another's public key", sequence(integer([1]), ed25519, edKey, element(0x81, [0] + edPoint.reversed())),
      "belongs to another"
    ),
    (
      "public key in version 0", sequence(integer([0]), ed25519, edKey, element(0x81, [0] + edPoint)),
      "bytes too many"
    ),
    (
      "public key of odd bits", sequence(integer([1]), ed25519, edKey, element(0x81, [3] + edPoint)),
      "not whole bytes"
    ),
    ("empty public key", sequence(integer([1]), ed25519, edKey, element(0x81, [])), "not whole bytes"),
    (
      "EC version", sequence(integer([0]), p256, octetString(sequence(integer([2]), octetString(scalar)))),
      "ECPrivateKey of version 2; accepted: version 1"
    ),
    (
      "EC on another curve",
      sequence(
        integer([0]), p256,
        octetString(sequence(integer([1]), octetString(scalar), element(0xa0, identifier("2b81040022"))))),
      "EC key on P-384"
    ),
    (
      "EC with another's point",
      sequence(
        integer([0]), p256,
        octetString(
          sequence(integer([1]), octetString([1] + scalar.dropFirst()), element(0xa1, bitString(point))))),
      "belongs to another"
    ),
    (
      "EC trailing",
      sequence(integer([0]), p256, octetString(sequence(integer([1]), octetString(scalar), null))),
      "2 bytes too many"
    ),
    (
      "short scalar",
      sequence(integer([0]), p256, octetString(sequence(integer([1]), octetString([1])))), "accepted: 32"
    ),
    (
      "many primes", sequence(integer([0]), rsa, octetString(sequence(integer([1])))), "more than two primes"
    ),
    (
      "few numbers", sequence(integer([0]), rsa, octetString(sequence(integer([0]), integer([3])))),
      "ends where INTEGER"
    ),
    (
      "tiny RSA",
      sequence(
        integer([0]), rsa, octetString(sequence([UInt8](repeatElement(integer([0]), count: 9).joined())))),
      "modulus of 0 bytes"
    ),
    ("too large", [UInt8](repeating: 0x30, count: KeyLimits.derBytesMaximum + 1), "accepted: at most 16384"),
  ]

  @Test(arguments: privateKeys.indices) func malformedPrivateKeysAreRefused(index: Int) {
    let (what, bytes, reason) = Self.privateKeys[index]
    let error = failure { () throws(CryptoError) in try PrivateKey(der: bytes) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }

  @Test func anECKeyOutsidePKCS8NamesItsCurve() {
    let bare = sequence(integer([1]), octetString(scalar))
    let error = failure { () throws(CryptoError) in try PrivateKey(sec1: bare) }
    #expect(error?.description.contains("does not name its curve") == true)
    let speltOut = sequence(integer([1]), octetString(scalar), element(0xa0, sequence()))
    let other = failure { () throws(CryptoError) in try PrivateKey(sec1: speltOut) }
    #expect(other?.description.contains("curve is spelt out") == true)
  }

  @Test func everyTruncationIsRefused() throws {
    let key = try PrivateKey(der: sequence(integer([1]), p256, octetString(sec1)))
    let privateDER = [UInt8](key.der)
    for count in privateDER.indices {
      #expect(throws: CryptoError.self) { try PrivateKey(der: [UInt8](privateDER.prefix(count))) }
    }
    let publicDER = [UInt8](key.publicKey.der)
    for count in publicDER.indices {
      #expect(throws: CryptoError.self) { try PublicKey(der: [UInt8](publicDER.prefix(count))) }
    }
    for count in sec1.indices {
      #expect(throws: CryptoError.self) { try PrivateKey(sec1: [UInt8](sec1.prefix(count))) }
    }
    let body = sequence(
      element(0xa0, integer([2])), integer([1]), sequence(), sequence(), sequence(), sequence(),
      sequence(ed25519, bitString(edPoint)), element(0xa3, []))
    let certificate = sequence(body, sequence(), bitString([1]))
    #expect(try PublicKey(certificate: certificate) == .ed25519(try Ed25519.PublicKey(edPoint)))
    for count in certificate.indices {
      #expect(throws: CryptoError.self) { try PublicKey(certificate: [UInt8](certificate.prefix(count))) }
    }
    let large = [UInt8](repeating: 0x30, count: KeyLimits.certificateBytesMaximum + 1)
    #expect(
      throws: CryptoError.invalidLength(of: "certificate", found: 61_441, accepted: "at most 61440")
    ) { try PublicKey(certificate: large) }
  }
}
