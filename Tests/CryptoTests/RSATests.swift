import Bytes
import Crypto
import Testing

@Suite("RSA") struct RSATests {
  private static func standardKey() throws -> RSA.PrivateKey {
    guard case .privateKey(.rsa(let key)) = try JWK(parsing: StandardRSA.privateJWK).material else {
      throw CryptoError.invalidKey(kind: "RSA", reason: "the standard's key is not one")
    }
    return key
  }

  @Test(arguments: RSA.Padding.allCases, SignatureHash.allCases)
  func verifiesWhatItSigns(padding: RSA.Padding, hash: SignatureHash) throws {
    let key = try Self.standardKey()
    let message = [UInt8]("message")
    let signature = try key.sign(message, padding, hash)
    #expect(signature.count == key.publicKey.signatureByteCount)
    #expect(key.publicKey.isValid(signature, of: message, padding, hash))
    #expect(!key.publicKey.isValid(signature, of: message + [0], padding, hash))
    for other in SignatureHash.allCases where other != hash {
      #expect(!key.publicKey.isValid(signature, of: message, padding, other))
    }
    for index in [0, 1, 100, 255] {
      var changed = signature
      changed[index] ^= 1
      #expect(!key.publicKey.isValid(changed, of: message, padding, hash))
    }
    #expect(!key.publicKey.isValid([0] + signature, of: message, padding, hash))
    #expect(!key.publicKey.isValid(signature.dropLast(), of: message, padding, hash))
    #expect(!key.publicKey.isValid([], of: message, padding, hash))
    #expect(!key.publicKey.isValid([UInt8](repeating: 0xff, count: 256), of: message, padding, hash))
  }

  @Test func pssIsSaltedAndPKCS1IsNot() throws {
    let key = try Self.standardKey()
    #expect(try key.sign([1], .pss, .sha256) != key.sign([1], .pss, .sha256))
    #expect(try key.sign([1], .pkcs1, .sha256) == key.sign([1], .pkcs1, .sha256))
  }

  @Test func leadingZerosOfItsNumbersDoNotCount() throws {
    let key = try Self.standardKey().publicKey
    let same = try RSA.PublicKey(
      modulus: [0, 0] + [UInt8](key.modulus), exponent: [0, 0, 0, 0] + [UInt8](key.exponent))
    #expect(same == key)
    #expect(Set([same, key]).count == 1)
    #expect("\(key)" == "RSA 2048-bit")
  }

  @Test(
    arguments: [
      ("2047 bits", [0x7f] + [UInt8](repeating: 0xff, count: 255), [1, 0, 1], "modulus of 2047 bits"),
      ("8193 bits", [1] + [UInt8](repeating: 0xff, count: 1024), [1, 0, 1], "modulus of 1025 bytes"),
      ("none", [], [1, 0, 1], "modulus of 0 bytes"),
      ("even", [UInt8](repeating: 0xfe, count: 256), [1, 0, 1], "even modulus"),
      ("no exponent", [UInt8](repeating: 0xff, count: 256), [], "public exponent of 0 bytes"),
      ("exponent 1", [UInt8](repeating: 0xff, count: 256), [1], "public exponent 1;"),
      ("exponent 2", [UInt8](repeating: 0xff, count: 256), [2], "public exponent 2;"),
      ("exponent of 33 bits", [UInt8](repeating: 0xff, count: 256), [1, 0, 0, 0, 1], "exponent of 5 bytes"),
    ] as [(String, [UInt8], [UInt8], String)])
  func unfitPublicKeysAreRefused(what: String, modulus: [UInt8], exponent: [UInt8], reason: String) {
    let error = failure { () throws(CryptoError) in try RSA.PublicKey(modulus: modulus, exponent: exponent) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }

  @Test func keysDoNotShow() throws {
    let key = try Self.standardKey()
    for holder in [key, PrivateKey.rsa(key)] as [Any] {
      #expect("\(holder)" == "<RSA private key>")
      #expect(String(reflecting: holder) == "<RSA private key>")
      #expect(Mirror(reflecting: holder).children.isEmpty)
    }
  }

  @Test func descriptionsOfPublicKeysNameTheKind() throws {
    let seed = [UInt8](repeating: 1, count: 32)
    let keys: [(PublicKey, String)] = [
      (.rsa(try Self.standardKey().publicKey), "RSA 2048-bit"),
      (.ed25519(try Ed25519.PrivateKey(seed: seed).publicKey), "Ed25519 8a88e3dd7409f195"),
      (.x25519(try X25519.PrivateKey(scalar: seed).publicKey), "X25519 a4e09292b651c278"),
      (.p256(try P256.PrivateKey(scalar: seed).publicKey), "P-256 02"),
    ]
    for (key, beginning) in keys {
      #expect("\(key)".hasPrefix(beginning), "\(key)")
    }
    #expect(Set(keys.map(\.0)).count == 4)
  }
}
