import Bytes
import Crypto
import Testing

@Suite("Secrets") struct SecretTests {
  /// Everything that holds a secret, and how it shows: the secret's bytes are all 0xa7.
  static func holders() throws -> [(Any, String)] {
    let bytes = [UInt8](repeating: 0x47, count: 32)
    return [
      (SecretBytes(bytes), "<secret 32 bytes>"),
      (try AEADKey(.chaCha20Poly1305, bytes), "<chaCha20Poly1305 key>"),
      (try Ed25519.PrivateKey(seed: bytes), "<Ed25519 private key>"),
      (try X25519.PrivateKey(scalar: bytes), "<X25519 private key>"),
      (try P256.PrivateKey(scalar: bytes), "<P-256 private key>"),
      (PrivateKey.ed25519(try Ed25519.PrivateKey(seed: bytes)), "<Ed25519 private key>"),
      (PrivateKey.x25519(try X25519.PrivateKey(scalar: bytes)), "<X25519 private key>"),
      (PrivateKey.p256(try P256.PrivateKey(scalar: bytes)), "<P-256 private key>"),
    ]
  }

  @Test func doNotShowHoweverTheyArePrinted() throws {
    for (holder, shown) in try Self.holders() {
      #expect("\(holder)" == shown)
      #expect(String(reflecting: holder) == shown)
      #expect(Mirror(reflecting: holder).children.isEmpty)
      var dumped = ""
      dump(holder, to: &dumped)
      #expect(!dumped.contains("47") && !dumped.contains("71"), "\(dumped)")
      #expect("\([holder])".contains(shown))
      #expect(!(holder is any Encodable))
    }
  }

  @Test func compareByTheirBytes() {
    let one = SecretBytes([1, 2, 3])
    #expect(one == SecretBytes([1, 2, 3]))
    #expect(one != SecretBytes([1, 2, 4]))
    #expect(one != SecretBytes([1, 2]))
    #expect(SecretBytes([]) == SecretBytes(utf8: ""))
    #expect(SecretBytes(utf8: "é") == SecretBytes([0xc3, 0xa9]))
  }

  @Test func areCopiedOnlyWhereAsked() {
    let secret = SecretBytes(utf8: "key")
    var buffer = ByteBuffer("the ")
    buffer.append(secret)
    #expect(String(validating: buffer) == "the key")
    let zeros = SecretBytes(count: 4) { $0[1] = 9 }
    #expect([UInt8](zeros) == [0, 9, 0, 0])
    #expect(zeros.withUnsafeBytes { $0.count } == 4)
  }

  @Test func aFillThatThrowsMakesNoSecret() {
    #expect(throws: CryptoError.authenticationFailed) {
      try SecretBytes(count: 4) { _ throws(CryptoError) in throw .authenticationFailed }
    }
  }

  @Test func equalityInConstantTimeIsEquality() {
    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
      constantTimeEqual(left.span.bytes, right.span.bytes)
    }
    #expect(equal([], []))
    #expect(equal([1], [1]))
    #expect(!equal([1], [2]))
    #expect(!equal([1], []))
    #expect(!equal([1, 2, 3], [1, 2]))
    #expect(!equal([0x80], [0]))
  }
}

@Suite("Random bytes") struct RandomTests {
  @Test func fillEverythingAskedForAndNoMore() {
    for count in [0, 1, 16, 1000] {
      let buffer = SecureRandom.bytes(count: count)
      #expect(buffer.count == count)
    }
    // All of 64 bytes staying zero, or two draws being equal, has a chance of 2^-512.
    var bytes = [UInt8](repeating: 0, count: 66)
    bytes.withUnsafeMutableBytes { SecureRandom.fill(UnsafeMutableRawBufferPointer(rebasing: $0[1..<65])) }
    #expect(bytes[0] == 0 && bytes[65] == 0)
    #expect(bytes.contains { $0 != 0 })
    #expect(SecureRandom.bytes(count: 64) != SecureRandom.bytes(count: 64))
    #expect(SecretBytes(randomCount: 64) != SecretBytes(randomCount: 64))
    let value: FixedBytes<64> = SecureRandom.value()
    #expect(value != SecureRandom.value())
  }

  @Test func everyByteValueTurnsUp() {
    // 64 KiB: a given value is missing with a chance of e^-256.
    let seen = Set([UInt8](SecureRandom.bytes(count: 65_536)))
    #expect(seen.count == 256)
  }
}

@Suite("Fixed bytes") struct FixedBytesTests {
  @Test func haveExactlyTheirSize() {
    let four: [UInt8] = [1, 2, 3, 4]
    #expect(FixedBytes<4>(four).map { [UInt8]($0) } == four)
    #expect(FixedBytes<5>(four) == nil)
    #expect(FixedBytes<3>(four) == nil)
    #expect(FixedBytes<4>.byteCount == 4)
    #expect(FixedBytes<4>().description == "00000000")
    #expect(MemoryLayout<FixedBytes<65>>.size == 65)
  }

  @Test func areValues() {
    guard let original = FixedBytes<4>([1, 2, 3, 0xff]) else {
      Issue.record("four bytes are not four bytes")
      return
    }
    var changed = original
    changed[3] = 0xfe
    #expect(original[3] == 0xff)
    #expect(changed != original)
    #expect(Set([original, changed, original]).count == 2)
    #expect(original.description == "010203ff")
    var buffer = ByteBuffer()
    buffer.append(original)
    #expect([UInt8](buffer) == [1, 2, 3, 0xff])
  }
}
