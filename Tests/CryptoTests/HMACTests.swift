import Bytes
import Crypto
import Testing

private struct HMACExample: Sendable {
  let key: [UInt8]
  let message: [UInt8]
  let codes: [HashAlgorithm: String]
}

/// RFC 4231, test cases 1 to 4, 6 and 7, and RFC 2202's for the two older functions.
private let hmacExamples: [HMACExample] = [
  HMACExample(
    key: [UInt8](repeating: 0x0b, count: 20), message: [UInt8]("Hi There"),
    codes: [
      .sha1: "b617318655057264e28bc0b6fb378c8ef146be00",
      .sha256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      .sha384:
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
      .sha512: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    ]),
  HMACExample(
    key: [UInt8](repeating: 0x0b, count: 16), message: [UInt8]("Hi There"),
    codes: [.md5: "9294727a3638bb1c13f48ef8158bfc9d"]),
  HMACExample(
    key: [UInt8]("Jefe"), message: [UInt8]("what do ya want for nothing?"),
    codes: [
      .md5: "750c783e6ab0b503eaa86e310a5db738",
      .sha1: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
      .sha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      .sha384:
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
      .sha512: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ]),
  HMACExample(
    key: [UInt8](repeating: 0xaa, count: 20), message: [UInt8](repeating: 0xdd, count: 50),
    codes: [
      .sha256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
      .sha512: "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
        + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
    ]),
  HMACExample(
    key: [UInt8](1...25), message: [UInt8](repeating: 0xcd, count: 50),
    codes: [.sha256: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"]),
  HMACExample(
    key: [UInt8](repeating: 0xaa, count: 131),
    message: [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First"),
    codes: [
      .sha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      .sha384:
        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
      .sha512: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    ]),
  HMACExample(
    key: [UInt8](repeating: 0xaa, count: 131),
    message: [UInt8](
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
        + "be hashed before being used by the HMAC algorithm."),
    codes: [.sha256: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"]),
]

@Suite("HMAC") struct HMACTests {
  @Test(arguments: hmacExamples.indices) func yieldsTheStandardsExamples(index: Int) {
    let example = hmacExamples[index]
    for (algorithm, expected) in example.codes {
      switch algorithm {
      case .md5: check(MD5.self, example, expected)
      case .sha1: check(SHA1.self, example, expected)
      case .sha256: check(SHA256.self, example, expected)
      case .sha384: check(SHA384.self, example, expected)
      case .sha512: check(SHA512.self, example, expected)
      }
    }
  }

  private func check<Function: HashFunction>(
    _ function: Function.Type, _ example: HMACExample, _ expected: String
  ) {
    let secret = SecretBytes(example.key)
    let message = example.message
    let once = HMAC<Function>.code(of: message.span.bytes, key: example.key.span.bytes)
    #expect(once.description == expected)
    let onceSecretly = HMAC<Function>.code(of: message.span.bytes, key: secret)
    #expect(onceSecretly == once)
    let keyed = HMAC<Function>(key: secret)
    #expect(keyed.code(of: message).description == expected)
    var pieces = HMAC<Function>(key: example.key.span.bytes)
    pieces.update(ByteBuffer(message.prefix(3)))
    let middle = [UInt8](message.dropFirst(3).prefix(4))
    pieces.update(middle.span.bytes)
    message.dropFirst(7).withUnsafeBytes { pieces.update($0) }
    #expect(pieces.finalize().description == expected)
    // The ready-made key was not moved by its uses.
    #expect(keyed.code(of: message).description == expected)
  }

  @Test func aChangedCodeIsNotValid() {
    let keyed = HMAC<SHA256>(key: SecretBytes(utf8: "key"))
    let message = [UInt8]("message")
    let code = keyed.code(of: message).withUnsafeBytes { [UInt8]($0) }
    #expect(keyed.isValid(code, of: message))
    for index in code.indices {
      var changed = code
      changed[index] ^= 1
      #expect(!keyed.isValid(changed, of: message))
    }
    #expect(!keyed.isValid(code.dropLast(), of: message))
    #expect(!keyed.isValid([], of: message))
    #expect(!keyed.isValid(code, of: [UInt8]("massage")))
  }
}
