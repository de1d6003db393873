import Crypto
import Testing

extension PEMBlock {
  static func all(in text: String) throws(CryptoError) -> [PEMBlock] {
    let bytes = [UInt8](text)
    return try all(in: bytes.span.bytes)
  }
  static func only(in text: String) throws(CryptoError) -> PEMBlock {
    let bytes = [UInt8](text)
    return try only(in: bytes.span.bytes)
  }
}

@Suite("PEM") struct PEMTests {
  @Test func whatIsWrittenIsReadBack() throws {
    for count in [1, 2, 3, 46, 47, 48, 49, 96, 500] {
      let block = PEMBlock(label: "TEST", contents: SecretBytes(randomCount: count))
      let text = String(decoding: [UInt8](block.text), as: UTF8.self)
      #expect(try PEMBlock.only(in: text) == block)
      #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
      #expect(text.hasPrefix("-----BEGIN TEST-----\n") && text.hasSuffix("-----END TEST-----\n"))
    }
  }

  @Test func whiteSpaceMayStandWhereEditorsPutIt() throws {
    let blocks = try PEMBlock.all(
      in:
        "\r\n -----BEGIN A-----\r\nAQ I\tD\r\n-----END A-----\r\n\n-----BEGIN B 2-----\nAQ==\n-----END B 2-----"
    )
    #expect(blocks.map(\.label) == ["A", "B 2"])
    #expect(blocks.map { [UInt8]($0.contents) } == [[1, 2, 3], [1]])
  }

  @Test(arguments: [
    ("nothing", "", "no -----BEGIN"),
    ("white space", " \n", "no -----BEGIN"),
    ("DER instead", "0\u{1}", "neither a -----BEGIN"),
    ("text before", "hello\n-----BEGIN A-----\nAQ==\n-----END A-----\n", "neither a -----BEGIN"),
    ("text after", "-----BEGIN A-----\nAQ==\n-----END A-----\nx", "neither a -----BEGIN"),
    ("no end", "-----BEGIN A-----\nAQ==\n", "no -----END A-----"),
    ("another end", "-----BEGIN A-----\nAQ==\n-----END B-----\n", "BEGIN A ended by END B"),
    ("begin inside", "-----BEGIN A-----\nAQ==\n-----BEGIN A-----\n", "no -----END A-----"),
    ("no label", "-----BEGIN -----\nAQ==\n-----END -----\n", "a label"),
    ("small letters", "-----BEGIN a-----\nAQ==\n-----END a-----\n", "a label"),
    ("label without dashes", "-----BEGIN A\nAQ==\n-----END A-----\n", "a label"),
    ("long label", "-----BEGIN " + String(repeating: "A", count: 65) + "-----\n", "a label"),
    ("end without dashes", "-----BEGIN A-----\nAQ==\n-----END A", "a label"),
    ("empty body", "-----BEGIN A-----\n-----END A-----\n", "0 characters"),
    ("not base64", "-----BEGIN A-----\nA*==\n-----END A-----\n", "not base64"),
    ("base64url", "-----BEGIN A-----\nA_-_\n-----END A-----\n", "not base64"),
    ("odd length", "-----BEGIN A-----\nAQI\n-----END A-----\n", "3 characters"),
    ("padding inside", "-----BEGIN A-----\nAQ==AQ==\n-----END A-----\n", "not base64"),
    ("three paddings", "-----BEGIN A-----\nA===\n-----END A-----\n", "3 of them padding"),
    ("a dash inside", "-----BEGIN A-----\nAQ-=\n-----END A-----\n", "not base64"),
    ("headers", "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQ==\n-----END A-----\n", "headers"),
    ("stray bits", "-----BEGIN A-----\nAR==\n-----END A-----\n", "stray bits"),
  ])
  func malformedTextIsRefused(what: String, text: String, reason: String) {
    let error = failure { () throws(CryptoError) in try PEMBlock.all(in: text) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }

  @Test func sizesAreBounded() {
    let block = "-----BEGIN A-----\nAQ==\n-----END A-----\n"
    #expect(throws: CryptoError.malformed(format: "PEM", reason: "more than 64 blocks")) {
      try PEMBlock.all(in: String(repeating: block, count: 65))
    }
    #expect((try? PEMBlock.all(in: String(repeating: block, count: 64)))?.count == 64)
    #expect(throws: CryptoError.malformed(format: "PEM", reason: "2 blocks (A, A) where one is expected")) {
      try PEMBlock.only(in: block + block)
    }
    let limit = KeyLimits.pemBytesMaximum
    #expect(
      throws: CryptoError.invalidLength(of: "PEM text", found: limit + 1, accepted: "at most \(limit)")
    ) {
      try PEMBlock.all(in: String(repeating: " ", count: limit + 1))
    }
  }

  @Test func labelsThatHoldNoKeyAreNamed() {
    let text = "-----BEGIN DH PARAMETERS-----\nAQ==\n-----END DH PARAMETERS-----\n"
    #expect(
      throws: CryptoError.unsupportedKey(
        found: "a PEM block \"DH PARAMETERS\"", accepted: "PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE")
    ) { try PublicKey(pem: text) }
    #expect(
      throws: CryptoError.unsupportedKey(
        found: "a PEM block \"DH PARAMETERS\"", accepted: "PRIVATE KEY, EC PRIVATE KEY, RSA PRIVATE KEY")
    ) { try PrivateKey(pem: text) }
    #expect(
      throws: CryptoError.malformed(
        format: "PEM", reason: "2 blocks (DH PARAMETERS, DH PARAMETERS) where one is expected")
    ) { try PrivateKey(pem: text + text) }
  }
}
