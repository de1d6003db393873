import Bytes
import Crypto
import Testing

/// FIPS 180-4 and RFC 1321 examples, by function.
private let examples: [(HashAlgorithm, String, String)] = [
  (.md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
  (.md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
  (.md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
  (.sha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
  (.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
  (
    .sha1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
  ),
  (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  (
    .sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  ),
  (
    .sha384, "abc",
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
  ),
  (
    .sha384,
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
      + "nopqrstu",
    "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"
  ),
  (
    .sha512, "abc",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
  ),
  (
    .sha512,
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
      + "nopqrstu",
    "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
      + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
  ),
]

@Suite("Hash functions") struct HashTests {
  @Test(arguments: examples.indices) func yieldTheStandardsExamples(index: Int) {
    let (algorithm, message, expected) = examples[index]
    switch algorithm {
    case .md5: check(MD5.self, message, expected)
    case .sha1: check(SHA1.self, message, expected)
    case .sha256: check(SHA256.self, message, expected)
    case .sha384: check(SHA384.self, message, expected)
    case .sha512: check(SHA512.self, message, expected)
    }
  }

  /// Every way of hashing the same bytes gives the same digest.
  private func check<Function: HashFunction>(_ function: Function.Type, _ message: String, _ expected: String)
  {
    let bytes = [UInt8](message)
    #expect(Function.hash(bytes).description == expected)
    #expect(Function.hash(ByteBuffer(message)).description == expected)
    #expect(bytes.withUnsafeBytes { Function.hash($0) }.description == expected)
    var pieces = Function()
    for byte in bytes { withUnsafeBytes(of: byte) { pieces.update($0) } }
    #expect(pieces.finalize().description == expected)
    #expect(Digest<Function>.byteCount == Function.algorithm.digestByteCount)
    #expect(expected.count == 2 * Digest<Function>.byteCount)
  }

  @Test func hashesAMillionLetters() {
    // FIPS 180's long example: 1,000,000 times "a".
    let chunk = ByteBuffer(repeatElement(UInt8(ascii: "a"), count: 10_000))
    var one = SHA1()
    var two = SHA256()
    var five = SHA512()
    for _ in 0..<100 {
      one.update(chunk)
      two.update(chunk)
      chunk.withReadableBytes { five.update($0.bytes) }
    }
    #expect(one.finalize().description == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    #expect(
      two.finalize().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(
      five.finalize().description
        == "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
        + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b")
  }

  @Test func aCopyGoesItsOwnWay() {
    var original = SHA256()
    original.update([UInt8]("a"))
    var copy = original
    copy.update([UInt8]("bc"))
    #expect(original.finalize() == SHA256.hash([UInt8]("a")))
    #expect(copy.finalize() == SHA256.hash([UInt8]("abc")))
    // Reading a digest does not end the hash.
    original.update([UInt8]("bc"))
    #expect(original.finalize() == copy.finalize())
  }

  @Test func digestsAreValues() {
    let digest = SHA256.hash([UInt8]("abc"))
    let bytes = digest.withUnsafeBytes { [UInt8]($0) }
    #expect(bytes == hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
    #expect(Digest<SHA256>(bytes) == digest)
    #expect(Digest<SHA256>(bytes.dropLast()) == nil)
    #expect(Set([digest, digest]).count == 1)
    #expect(SHA256.hash([UInt8]("abd")) != digest)
    var buffer = ByteBuffer()
    buffer.append(digest)
    #expect([UInt8](buffer) == bytes)
    var prefix = [UInt8](repeating: 0, count: 4)
    prefix.withUnsafeMutableBytes { digest.copyPrefix(to: $0) }
    #expect(prefix == [0xba, 0x78, 0x16, 0xbf])
  }

  @Test func threadsDoNotDisturbEachOther() async {
    let expected = (0..<64).map { SHA256.hash([UInt8](repeating: UInt8($0), count: $0 * 7)) }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<64).allSatisfy { index in
            SHA256.hash([UInt8](repeating: UInt8(index), count: index * 7)) == expected[index]
          }
        }
      }
      for await same in group { #expect(same) }
    }
  }

  @Test func theLibraryHasEveryAlgorithm() throws {
    try CryptoLibrary.verify()
    #expect(CryptoLibrary.version.hasPrefix("OpenSSL 3"))
  }
}
