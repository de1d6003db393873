import Bytes
import Crypto
import Testing

/// RFC 6979, appendix A.2.5: the key, and its deterministic signatures.
private let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
private let x = hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6")
private let y = hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")
private let order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")

private let examples: [(SignatureHash, String, String, String)] = [
  (
    .sha256, "sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
  ),
  (
    .sha384, "sample", "0EAFEA039B20E9B42309FB1D89E213057CBF973DC0CFC8F129EDDDC800EF7719",
    "4861F0491E6998B9455193E34E7B0D284DDD7149A74B95B9261F13ABDE940954"
  ),
  (
    .sha512, "sample", "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
    "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"
  ),
  (
    .sha256, "test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
    "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
  ),
  (
    .sha384, "test", "83910E8B48BB0C74244EBDF7F07A1C5413D61472BD941EF3920E623FBCCEBEB6",
    "8DDBEC54CF8CD5874883841D712142A56A8D0F218F5003CB0296B6B509619F2C"
  ),
  (
    .sha512, "test", "461D93F31B6540894788FD206C07CFA0CC35F46FA3C91816FFF1040AD1581A04",
    "39AF9F15DE0DB8D97E72719C74820D304CE5226E32DEDAE67519E840D1194E55"
  ),
]

@Suite("P-256") struct P256Tests {
  @Test func aPrivateNumberHasItsPublicPoint() throws {
    let key = try P256.PrivateKey(scalar: scalar)
    #expect([UInt8](key.publicKey.x) == x)
    #expect([UInt8](key.publicKey.y) == y)
    #expect([UInt8](key.publicKey.uncompressed) == [4] + x + y)
    #expect([UInt8](key.publicKey.compressed) == [3] + x)
    #expect(try P256.PublicKey([3] + x) == key.publicKey)
    #expect(try P256.PublicKey([4] + x + y) == key.publicKey)
    #expect(try P256.PublicKey([2] + x) != key.publicKey)
    #expect(Set([key.publicKey, try P256.PublicKey([3] + x)]).count == 1)
  }

  @Test(arguments: examples.indices) func verifiesTheStandardsExamples(index: Int) throws {
    let (hash, message, r, s) = examples[index]
    let key = try P256.PublicKey([4] + x + y)
    let signature = try P256.Signature(raw: hex(r) + hex(s))
    #expect(key.isValid(signature, of: [UInt8](message), hash: hash))
    #expect(!key.isValid(signature, of: [UInt8](message + "!"), hash: hash))
    #expect(try P256.Signature(der: [UInt8](signature.der)) == signature)
    for other in SignatureHash.allCases where other != hash {
      #expect(!key.isValid(signature, of: [UInt8](message), hash: other))
    }
  }

  @Test(arguments: SignatureHash.allCases) func verifiesWhatItSigns(hash: SignatureHash) throws {
    let key = try P256.PrivateKey()
    let message = [UInt8]("message")
    for _ in 0..<20 {
      let signature = try key.sign(message, hash: hash)
      #expect(key.publicKey.isValid(signature, of: message, hash: hash))
      #expect(try P256.Signature(der: [UInt8](signature.der)) == signature)
      var changed = [UInt8](signature.raw)
      changed[63] ^= 1
      if let other = try? P256.Signature(raw: changed) {
        #expect(!key.publicKey.isValid(other, of: message, hash: hash))
      }
    }
    #expect(try key.sign(message) != key.sign(message))
  }

  @Test func numbersOfASignatureAreInRange() throws {
    let zero = [UInt8](repeating: 0, count: 32)
    let one = [UInt8](repeating: 0, count: 31) + [1]
    let last = Array(order.dropLast()) + [0x50]
    let above = [UInt8](repeating: 0xff, count: 32)
    for (r, s) in [
      (zero, one), (one, zero), (zero, zero), (order, one), (one, order), (above, one), (one, above),
    ] {
      #expect(
        throws: CryptoError.invalidSignature(reason: "r or s is zero, or not below the order of P-256")
      ) {
        try P256.Signature(raw: r + s)
      }
    }
    for (r, s) in [(one, one), (last, last), (one, last)] {
      let signature = try P256.Signature(raw: r + s)
      #expect(try P256.Signature(der: [UInt8](signature.der)) == signature)
      let key = try P256.PublicKey([4] + x + y)
      #expect(!key.isValid(signature, of: [UInt8]("sample")))
    }
    for count in [0, 63, 65, 72] {
      #expect(throws: CryptoError.invalidLength(of: "P-256 signature", found: count, accepted: "64")) {
        try P256.Signature(raw: [UInt8](repeating: 1, count: count))
      }
    }
  }

  /// DER that laxer parsers take.
  @Test(arguments: [
    ("nothing", ""),
    ("no contents", "3000"),
    ("one number", "3003020101"),
    ("three numbers", "3009020101020101020101"),
    ("a byte after it", "300602010102010100"),
    ("a byte after the numbers", "30070201010201010500"),
    ("length in a longer form", "308106020101020101"),
    ("indefinite length", "30800201010201010000"),
    ("number with a leading zero too many", "30080203000081020101"),
    ("leading zero not needed", "300702020001020101"),
    ("negative number", "3006020181020101"),
    ("number of no bytes", "30050200020101"),
    ("zero r", "3006020100020101"),
    ("zero s", "3006020101020100"),
    ("wrong outer tag", "3106020101020101"),
    ("wrong inner tag", "3006030101020101"),
    ("boolean for a number", "3006010101020101"),
    ("truncated in s", "30060201010201"),
    ("length past the end", "3007020101020101"),
    ("r of 33 significant bytes", "30260221" + "01" + String(repeating: "00", count: 32) + "020101"),
    ("r is the order", "3026022100FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551020101"),
    ("multi-byte tag", "1f81020101020101"),
    ("huge length", "308400000006020101020101"),
    ("long", "30" + String(repeating: "00", count: 72)),
  ])
  func malformedSignaturesAreRefused(what: String, bytes: String) {
    let error = failure { () throws(CryptoError) in try P256.Signature(der: hex(bytes)) }
    #expect(error != nil, "\(what)")
    #expect(error?.description.isEmpty == false)
  }

  @Test(arguments: [
    ("nothing", ""),
    ("infinity", "00"),
    ("x alone", "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
    (
      "y off by one",
      "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462298"
    ),
    (
      "hybrid form",
      "0760FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
    ),
    (
      "compressed prefix on a full point",
      "0260FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
    ),
    (
      "full prefix on a compressed point",
      "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    ),
    ("x with no y", "020000000000000000000000000000000000000000000000000000000000000001"),
    ("x over the prime", "03FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
    ("zero point", "04" + String(repeating: "00", count: 64)),
  ])
  func pointsOffTheCurveAreRefused(what: String, bytes: String) {
    let error = failure { () throws(CryptoError) in try P256.PublicKey(hex(bytes)) }
    #expect(error != nil, "\(what)")
  }

  @Test func privateNumbersAreInRange() throws {
    for bytes in [[UInt8](repeating: 0, count: 32), order, [UInt8](repeating: 0xff, count: 32)] {
      #expect(
        throws: CryptoError.invalidKey(
          kind: "P-256 private", reason: "zero, or not below the order of the curve")
      ) {
        try P256.PrivateKey(scalar: bytes)
      }
    }
    for count in [0, 31, 33] {
      #expect(throws: CryptoError.invalidLength(of: "P-256 private key", found: count, accepted: "32")) {
        try P256.PrivateKey(scalar: [UInt8](repeating: 1, count: count))
      }
    }
    // The largest number's point is the smallest's, mirrored.
    let largest = try P256.PrivateKey(scalar: Array(order.dropLast()) + [0x50])
    let smallest = try P256.PrivateKey(scalar: [UInt8](repeating: 0, count: 31) + [1])
    #expect(largest.publicKey.x == smallest.publicKey.x)
    #expect(largest.publicKey.y != smallest.publicKey.y)
  }

  @Test func twoPartiesAgree() throws {
    // NIST CAVP, ECC CDH primitive, P-256, count 0.
    let ours = try P256.PrivateKey(
      scalar: hex("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534"))
    let theirs = try P256.PublicKey(
      hex(
        "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
          + "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"))
    #expect(
      [UInt8](try ours.sharedSecret(with: theirs))
        == hex("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"))
    let one = try P256.PrivateKey()
    let other = try P256.PrivateKey()
    #expect(try one.sharedSecret(with: other.publicKey) == other.sharedSecret(with: one.publicKey))
    #expect(one != other)
  }
}
