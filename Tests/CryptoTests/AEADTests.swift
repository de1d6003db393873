import Bytes
import Crypto
import Testing

private struct AEADExample: Sendable {
  let algorithm: AEADAlgorithm
  let key: String
  let nonce: String
  let data: String
  let message: String
  let sealed: String
}

private let gcmMessage =
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"

private let aeadExamples = [
  // The GCM specification's test cases 1, 2, 4, 13, 14 and 16, which SP 800-38D's validation also uses.
  AEADExample(
    algorithm: .aes128GCM, key: "00000000000000000000000000000000", nonce: "000000000000000000000000",
    data: "",
    message: "", sealed: "58e2fccefa7e3061367f1d57a4e7455a"),
  AEADExample(
    algorithm: .aes128GCM, key: "00000000000000000000000000000000", nonce: "000000000000000000000000",
    data: "",
    message: "00000000000000000000000000000000",
    sealed: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
  AEADExample(
    algorithm: .aes128GCM, key: "feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
    data: "feedfacedeadbeeffeedfacedeadbeefabaddad2", message: gcmMessage,
    sealed: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
      + "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"),
  AEADExample(
    algorithm: .aes256GCM, key: "0000000000000000000000000000000000000000000000000000000000000000",
    nonce: "000000000000000000000000", data: "", message: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b"),
  AEADExample(
    algorithm: .aes256GCM, key: "0000000000000000000000000000000000000000000000000000000000000000",
    nonce: "000000000000000000000000", data: "", message: "00000000000000000000000000000000",
    sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
  AEADExample(
    algorithm: .aes256GCM, key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888", data: "feedfacedeadbeeffeedfacedeadbeefabaddad2", message: gcmMessage,
    sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
      + "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
  // RFC 8439, section 2.8.2.
  AEADExample(
    algorithm: .chaCha20Poly1305, key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647", data: "50515253c0c1c2c3c4c5c6c7",
    message: hex(
      [UInt8](
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
          + "sunscreen would be it.")),
    sealed: "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
      + "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
      + "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"),
]

@Suite("Authenticated encryption") struct AEADTests {
  @Test(arguments: aeadExamples.indices) func yieldsTheStandardsExamples(index: Int) throws {
    let example = aeadExamples[index]
    let key = try AEADKey(example.algorithm, hex(example.key))
    let nonce = try AEADNonce(hex(example.nonce))
    let data = hex(example.data)
    #expect(hex(try key.seal(hex(example.message), nonce, data)) == example.sealed)
    #expect(hex(try key.open(hex(example.sealed), nonce, data)) == example.message)
  }

  @Test(arguments: AEADAlgorithm.allCases) func anyChangedByteIsNoticed(algorithm: AEADAlgorithm) throws {
    let key = AEADKey(random: algorithm)
    let nonce = AEADNonce.random()
    let message = [UInt8]("a message of more than one block of either cipher, and then some")
    let data = [UInt8]("header")
    let sealed = try key.seal(message, nonce, data)
    #expect(try key.open(sealed, nonce, data) == message)
    func expectRefused(_ sealed: [UInt8], _ nonce: AEADNonce, _ data: [UInt8], _ key: AEADKey) {
      #expect(throws: CryptoError.authenticationFailed) { try key.open(sealed, nonce, data) }
    }
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 0x80
      expectRefused(changed, nonce, data, key)
    }
    expectRefused(sealed, nonce, [], key)
    expectRefused(sealed, nonce, data + [0], key)
    expectRefused(sealed, AEADNonce.random(), data, key)
    expectRefused(sealed, nonce, data, AEADKey(random: algorithm))
    expectRefused(sealed.dropLast(), nonce, data, key)
    expectRefused(sealed + [0], nonce, data, key)
    for count in 0..<16 {
      #expect(
        throws: CryptoError.invalidLength(of: "sealed message", found: count, accepted: "16 or more")
      ) {
        try key.open([UInt8](sealed.prefix(count)), nonce, data)
      }
    }
  }

  @Test(arguments: AEADAlgorithm.allCases) func aFailedOpeningLeavesNothingOfTheMessage(
    algorithm: AEADAlgorithm
  ) throws {
    let key = AEADKey(random: algorithm)
    var cipher = key.cipher()
    let nonce = AEADNonce(littleEndianCounter: 1)
    let none: [UInt8] = []
    var message = [UInt8](repeating: 0x55, count: 100)
    let tag = try message.withUnsafeMutableBytes {
      try cipher.seal(inPlace: $0, nonce: nonce, associatedData: none.span.bytes)
    }
    var wrong = tag
    wrong[0] ^= 1
    #expect(throws: CryptoError.authenticationFailed) {
      try message.withUnsafeMutableBytes {
        try cipher.open(inPlace: $0, tag: wrong, nonce: nonce, associatedData: none.span.bytes)
      }
    }
    #expect(message == [UInt8](repeating: 0, count: 100))

    var buffer = ByteBuffer("secret")
    try cipher.seal(&buffer, nonce: nonce, associatedData: none.span.bytes)
    let sealed = buffer
    #expect(throws: CryptoError.authenticationFailed) {
      try cipher.open(&buffer, nonce: AEADNonce(littleEndianCounter: 2), associatedData: none.span.bytes)
    }
    #expect(buffer.isEmpty)
    // The other holder of the same bytes still has them, and the cipher is as good as before.
    buffer = sealed
    try cipher.open(&buffer, nonce: nonce, associatedData: none.span.bytes)
    #expect(String(validating: buffer) == "secret")
  }

  @Test(arguments: AEADAlgorithm.allCases) func oneCipherServesManyMessages(algorithm: AEADAlgorithm) throws {
    let key = AEADKey(random: algorithm)
    var sender = key.cipher()
    var receiver = key.cipher()
    for counter in 0..<UInt64(50) {
      let text = String(repeating: "x", count: Int(counter) * 37)
      let data = [UInt8](repeating: 7, count: Int(counter) % 5)
      var message = ByteBuffer("consumed" + text)
      message.consume(8)
      try sender.seal(
        &message, nonce: AEADNonce(bigEndianCounter: counter), associatedData: data.span.bytes)
      #expect(message.count == text.utf8.count + 16)
      try receiver.open(
        &message, nonce: AEADNonce(bigEndianCounter: counter), associatedData: data.span.bytes)
      #expect(String(validating: message) == text)
    }
  }

  @Test func noncesAreTwelveBytes() throws {
    for count in [0, 8, 11, 13, 24] {
      #expect(throws: CryptoError.invalidLength(of: "nonce", found: count, accepted: "12")) {
        try AEADNonce([UInt8](repeating: 0, count: count))
      }
    }
    #expect(
      AEADNonce(littleEndianCounter: 0x0102_0304_0506_0708).value.description == "000000000807060504030201")
    #expect(
      AEADNonce(bigEndianCounter: 0x0102_0304_0506_0708).value.description == "000000000102030405060708")
    #expect(AEADNonce.random() != AEADNonce.random())
  }

  @Test func keysHaveTheLengthOfTheirCipher() {
    for (algorithm, length) in [(AEADAlgorithm.aes128GCM, 16), (.aes256GCM, 32), (.chaCha20Poly1305, 32)] {
      for count in [0, length - 1, length + 1, 48 - length] where count != length {
        #expect(
          throws: CryptoError.invalidLength(of: "\(algorithm) key", found: count, accepted: "\(length)")
        ) {
          try AEADKey(algorithm, [UInt8](repeating: 0, count: count))
        }
      }
    }
  }
}
