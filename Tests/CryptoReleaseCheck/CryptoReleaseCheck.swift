// Asks Crypto what standards know the answer to, from another module and in an optimized build. The test suite
// is built without optimization, and a span of bytes that an optimizer has moved is right there and wrong here.
// Prints each wrong answer; exits with 1 if there is one.

import Bytes
import Crypto
import Glibc
import Wire

@main
enum CryptoReleaseCheck {
  static func main() {
    #if DEBUG
      print("crypto-release-check: built without optimization, which proves nothing; use -c release")
      exit(64)
    #else
      var answers = Answers()
      checkDigests(&answers)
      checkKeyedDigests(&answers)
      do throws(CryptoError) {
        try checkCiphers(&answers)
        try checkCurve25519(&answers)
        try checkP256(&answers)
      } catch {
        answers.check("no operation fails: \(error)", false)
      }
      for wrong in answers.wrong { print("crypto-release-check: \(wrong)") }
      print("crypto-release-check: \(answers.count - answers.wrong.count) of \(answers.count) answers right")
      exit(answers.wrong.isEmpty ? 0 : 1)
    #endif
  }

  /// FIPS 180's examples for "abc", each by every way that bytes leave a digest.
  static func checkDigests(_ answers: inout Answers) {
    check(MD5.self, "900150983cd24fb0d6963f7d28e17f72", &answers)
    check(SHA1.self, "a9993e364706816aba3e25717850c26c9cd0d89d", &answers)
    check(SHA256.self, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", &answers)
    check(
      SHA384.self,
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
      &answers)
    check(
      SHA512.self,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", &answers)

    // By name of the function too: an optimizer may take another way where it knows the type.
    let digest = SHA256.hash(ByteBuffer("abc"))
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    digest.withBytes { answers.check("bytes of SHA-256", $0, is: expected) }
    SHA256.hash(ByteBuffer("abc")).withBytes { answers.check("bytes of a temporary", $0, is: expected) }
    answers.check("SHA-256 equals", SHA256.hash(ByteBuffer("abc")) == digest)
    answers.check("SHA-256 differs", SHA256.hash(ByteBuffer("abd")) != digest)
    var prefix: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &prefix) { digest.copyPrefix(to: $0) }
    answers.check("prefix of SHA-256", prefix.0.bigEndian, equals: 0xba78_16bf_8f01_cfea)
    answers.check("prefix of SHA-256", prefix.1.bigEndian, equals: 0x4141_40de_5dae_2223)

    // RFC 9562, appendix A.4.
    let uuid = UUID(version5: .domainNames, name: "www.example.com")
    answers.check("UUID v5", uuid.description, equals: "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  /// Kept from being specialized, so that the generic code itself is asked.
  @inline(never)
  private static func check<Function: HashFunction>(
    _ function: Function.Type, _ expected: String, _ answers: inout Answers
  ) {
    let name = "\(function)"
    var hash = Function()
    hash.update(ByteBuffer("a"))
    let early = hash.finalize()
    hash.update(ByteBuffer("bc"))
    let digest = hash.finalize()
    answers.check("\(name) as text", digest.description, equals: expected)
    digest.withBytes { answers.check("bytes of \(name)", $0, is: expected) }
    hash.finalize().withBytes { answers.check("bytes of a temporary \(name)", $0, is: expected) }
    var buffer = ByteBuffer()
    buffer.append(digest)
    answers.check("\(name) appended", buffer.readable, is: expected)
    var prefix = [UInt8](repeating: 0, count: 8)
    prefix.withUnsafeMutableBytes { digest.copyPrefix(to: $0) }
    answers.check("prefix of \(name)", prefix, is: String(expected.prefix(16)))
    answers.check("\(name) equals", Function.hash(ByteBuffer("abc")) == digest)
    answers.check("\(name) differs", Function.hash(ByteBuffer("abd")) != digest)
    answers.check("\(name) differs early", early != digest)
    answers.check("\(name) copied", Digest<Function>(buffer.readable) == digest)
    answers.check(
      "\(name) in a set", Set([digest, early, Function.hash(ByteBuffer("abc"))]).count, equals: 2)
  }

  static func checkKeyedDigests(_ answers: inout Answers) {
    // RFC 4231, test case 2.
    let key = [UInt8]("Jefe".utf8)
    let message = [UInt8]("what do ya want for nothing?".utf8)
    let code = HMAC<SHA256>.code(of: message.span.bytes, key: key.span.bytes)
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    code.withBytes { answers.check("HMAC-SHA-256", $0, is: expected) }
    let keyed = HMAC<SHA256>(key: key.span.bytes)
    answers.check("HMAC is valid", keyed.isValid(hex(expected).span.bytes, of: message.span.bytes))
    var changed = hex(expected)
    changed[31] ^= 1
    answers.check("HMAC is not valid", !keyed.isValid(changed.span.bytes, of: message.span.bytes))

    // RFC 5869, appendix A.1.
    let input = [UInt8](repeating: 0x0b, count: 22)
    let salt = [UInt8](0...0x0c)
    let info = [UInt8](0xf0...0xf9)
    let extracted = HKDF<SHA256>.extract(input.span.bytes, salt: salt.span.bytes)
    answers.check(
      "HKDF extract", extracted, is: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    do throws(CryptoError) {
      answers.check(
        "HKDF expand", try HKDF<SHA256>.expand(extracted, info: info.span.bytes, count: 42),
        is: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    } catch {
      answers.check("HKDF expand: \(error)", false)
    }
  }

  static func checkCiphers(_ answers: inout Answers) throws(CryptoError) {
    // The GCM specification's test cases 2 and 14, under keys of zeros.
    let examples: [(AEADAlgorithm, String)] = [
      (.aes128GCM, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
      (.aes256GCM, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    ]
    let nothing: [UInt8] = []
    let zeros = [UInt8](repeating: 0, count: 16)
    for (algorithm, expected) in examples {
      let key = try AEADKey(algorithm, SecretBytes(count: algorithm.keyByteCount) { _ in })
      let nonce = AEADNonce(bigEndianCounter: 0)
      let sealed = try key.seal(zeros.span.bytes, nonce: nonce, associatedData: nothing.span.bytes)
      answers.check("\(algorithm)", sealed.readable, is: expected)
      let opened = try key.open(sealed.readable, nonce: nonce, associatedData: nothing.span.bytes)
      answers.check("\(algorithm) opened", opened == ByteBuffer(zeros))
    }
    // The nonce is where inline bytes go in: each counter seals differently, and only it opens.
    let key = AEADKey(random: .chaCha20Poly1305)
    var seen: Set<[UInt8]> = []
    for counter in UInt64(0)..<16 {
      let nonce = AEADNonce(littleEndianCounter: counter)
      let sealed = try key.seal(zeros.span.bytes, nonce: nonce, associatedData: nothing.span.bytes)
      seen.insert(sealed.withReadableBytes { [UInt8]($0) })
      do throws(CryptoError) {
        let next = AEADNonce(littleEndianCounter: counter + 1)
        _ = try key.open(sealed.readable, nonce: next, associatedData: nothing.span.bytes)
        answers.check("a nonce opens what another has sealed", false)
      } catch {
        answers.check("another nonce", error, equals: .authenticationFailed)
      }
    }
    answers.check("nonces tell messages apart", seen.count, equals: 16)
    answers.check("nonces equal", AEADNonce(littleEndianCounter: 7) == AEADNonce(littleEndianCounter: 7))
    answers.check("nonces differ", AEADNonce(littleEndianCounter: 7) != AEADNonce(bigEndianCounter: 7))
  }

  static func checkCurve25519(_ answers: inout Answers) throws(CryptoError) {
    // RFC 8032, section 7.1, test 2.
    let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    let signer = try Ed25519.PrivateKey(seed: SecretBytes(copying: seed.span.bytes))
    let publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signer.publicKey.encoded.withBytes { answers.check("Ed25519 public key", $0, is: publicKey) }
    let message = hex("72")
    let signature = try signer.sign(message.span.bytes)
    let expected =
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    signature.withBytes { answers.check("Ed25519 signature", $0, is: expected) }
    let verifier = try Ed25519.PublicKey(hex(publicKey).span.bytes)
    answers.check("Ed25519 verifies", signature.withBytes { verifier.isValid($0, of: message.span.bytes) })
    answers.check("Ed25519 refuses", !signature.withBytes { verifier.isValid($0, of: seed.span.bytes) })
    answers.check("Ed25519 keys equal", verifier == signer.publicKey)
    answers.check("Ed25519 keys differ", try Ed25519.PrivateKey().publicKey != verifier)

    // RFC 7748, section 6.1.
    let alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    let bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    let one = try X25519.PrivateKey(scalar: SecretBytes(copying: alice.span.bytes))
    let other = try X25519.PrivateKey(scalar: SecretBytes(copying: bob.span.bytes))
    other.publicKey.encoded.withBytes {
      answers.check(
        "X25519 public key", $0, is: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    }
    answers.check(
      "X25519 agreement", try one.sharedSecret(with: other.publicKey),
      is: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
    answers.check("X25519 keys differ", one.publicKey != other.publicKey)
  }

  static func checkP256(_ answers: inout Answers) throws(CryptoError) {
    // RFC 6979, appendix A.2.5: the key, and its signature of "sample" with SHA-256.
    let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
    let x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    let y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    let raw = hex(
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")
    let message = [UInt8]("sample".utf8)
    let key = try P256.PrivateKey(scalar: SecretBytes(copying: scalar.span.bytes))
    key.publicKey.x.withBytes { answers.check("P-256 x", $0, is: x) }
    key.publicKey.y.withBytes { answers.check("P-256 y", $0, is: y) }
    key.publicKey.compressed.withBytes { answers.check("P-256 compressed", $0, is: "03" + x) }
    answers.check("P-256 point", try P256.PublicKey(x: key.publicKey.x, y: key.publicKey.y) == key.publicKey)
    answers.check("P-256 decompressed", try P256.PublicKey(hex("03" + x).span.bytes) == key.publicKey)
    answers.check("P-256 other point", try P256.PublicKey(hex("02" + x).span.bytes) != key.publicKey)
    let signature = try P256.Signature(raw: raw.span.bytes)
    answers.check("P-256 verifies", key.publicKey.isValid(signature, of: message.span.bytes))
    answers.check("P-256 refuses", !key.publicKey.isValid(signature, of: scalar.span.bytes))
    answers.check("P-256 signature in DER", try P256.Signature(der: signature.der.readable) == signature)
    let own = try key.sign(message.span.bytes)
    answers.check("P-256 verifies its own", key.publicKey.isValid(own, of: message.span.bytes))
    answers.check("P-256 signatures differ", own != signature)
    let peer = try P256.PrivateKey()
    answers.check(
      "P-256 agreement",
      try peer.sharedSecret(with: key.publicKey) == key.sharedSecret(with: peer.publicKey))
  }
}
