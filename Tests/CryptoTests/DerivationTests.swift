import Crypto
import Testing

private struct HKDFExample: Sendable {
  let input: [UInt8]
  let salt: [UInt8]
  let info: [UInt8]
  let pseudorandomKey: [UInt8]
  let output: [UInt8]
}

/// RFC 5869, appendix A.1 to A.3.
private let sha256Examples = [
  HKDFExample(
    input: [UInt8](repeating: 0x0b, count: 22), salt: [UInt8](0...0x0c), info: [UInt8](0xf0...0xf9),
    pseudorandomKey: hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
    output: hex(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")),
  HKDFExample(
    input: [UInt8](0...0x4f), salt: [UInt8](0x60...0xaf), info: [UInt8](0xb0...0xff),
    pseudorandomKey: hex("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244"),
    output: hex(
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")),
  HKDFExample(
    input: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
    pseudorandomKey: hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"),
    output: hex(
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")),
]

@Suite("Key derivation") struct DerivationTests {
  @Test(arguments: sha256Examples.indices) func hkdfYieldsTheStandardsExamples(index: Int) throws {
    let example = sha256Examples[index]
    let key = HKDF<SHA256>.extract(example.input.span.bytes, salt: example.salt.span.bytes)
    #expect([UInt8](key) == example.pseudorandomKey)
    let expanded = try HKDF<SHA256>.expand(key, info: example.info.span.bytes, count: example.output.count)
    #expect([UInt8](expanded) == example.output)
    let derived = try HKDF<SHA256>.derive(
      example.input, salt: example.salt, info: example.info, count: example.output.count)
    #expect(derived == expanded)
  }

  @Test func hkdfWithSHA1YieldsTheStandardsExample() throws {
    // RFC 5869, appendix A.4.
    let output = try HKDF<SHA1>.derive(
      [UInt8](repeating: 0x0b, count: 11), salt: [UInt8](0...0x0c), info: [UInt8](0xf0...0xf9), count: 42)
    #expect(
      [UInt8](output)
        == hex("085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896"))
  }

  @Test func hkdfYieldsAtMost255Blocks() throws {
    let maximum = HKDF<SHA256>.outputBytesMaximum
    #expect(maximum == 255 * 32)
    let longest = try HKDF<SHA256>.derive([1], salt: [], info: [], count: maximum)
    #expect(longest.count == maximum)
    // A shorter output is the beginning of a longer one.
    let short = try HKDF<SHA256>.derive([1], salt: [], info: [], count: 33)
    #expect([UInt8](short) == [UInt8]([UInt8](longest).prefix(33)))
    #expect(try HKDF<SHA256>.derive([1], salt: [], info: [], count: 0).count == 0)
    for count in [maximum + 1, -1] {
      let error = failure { () throws(CryptoError) in
        try HKDF<SHA256>.derive([1], salt: [], info: [], count: count)
      }
      #expect(error == .invalidLength(of: "HKDF output", found: count, accepted: "0 to 8160"))
    }
  }

  @Test func pbkdf2YieldsTheStandardsExamples() throws {
    // RFC 6070 for SHA-1, RFC 7914 section 11 for SHA-256.
    let one = try PBKDF2<SHA1>.derive(
      password: SecretBytes(utf8: "password"), salt: [UInt8]("salt").span.bytes, iterations: 4096, count: 20)
    #expect([UInt8](one) == hex("4b007901b765489abead49d926f721d065a429c1"))
    let two = try PBKDF2<SHA256>.derive(
      password: SecretBytes(utf8: "passwd"), salt: [UInt8]("salt").span.bytes, iterations: 1, count: 64)
    #expect(
      [UInt8](two)
        == hex(
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"))
  }

  @Test(arguments: [(0, 32), (-1, 32), (10_000_001, 32), (1, 0), (1, -1), (1, 1025)])
  func pbkdf2RefusesParametersOutOfRange(iterations: Int, count: Int) {
    let error = failure { () throws(CryptoError) in
      let salt: [UInt8] = [1]
      return try PBKDF2<SHA256>.derive(
        password: SecretBytes(utf8: "x"), salt: salt.span.bytes, iterations: iterations, count: count)
    }
    #expect(error != nil)
  }
}
