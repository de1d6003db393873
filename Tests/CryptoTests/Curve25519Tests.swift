import Crypto
import Testing

@Suite("X25519") struct X25519Tests {
  /// RFC 7748, section 5.2.
  @Test(arguments: [
    (
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    ),
    (
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    ),
  ])
  func yieldsTheStandardsExamples(scalar: String, point: String, secret: String) throws {
    let key = try X25519.PrivateKey(scalar: hex(scalar))
    #expect([UInt8](try key.sharedSecret(with: X25519.PublicKey(hex(point)))) == hex(secret))
  }

  @Test func iteratesAsTheStandardSays() throws {
    // RFC 7748, section 5.2: after one and after 1,000 iterations.
    var scalar = [9] + [UInt8](repeating: 0, count: 31)
    var point = scalar
    for iteration in 1...1000 {
      let key = try X25519.PrivateKey(scalar: scalar)
      let next = [UInt8](try key.sharedSecret(with: X25519.PublicKey(point)))
      point = scalar
      scalar = next
      if iteration == 1 {
        #expect(scalar == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"))
      }
    }
    #expect(scalar == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"))
  }

  @Test func twoPartiesAgree() throws {
    // RFC 7748, section 6.1.
    let alice = try X25519.PrivateKey(
      scalar: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
    let bob = try X25519.PrivateKey(
      scalar: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
    #expect(
      bob.publicKey.encoded.description == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    #expect(
      [UInt8](try alice.sharedSecret(with: bob.publicKey))
        == hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
    #expect(try alice.sharedSecret(with: bob.publicKey) == bob.sharedSecret(with: alice.publicKey))
    let other = try X25519.PrivateKey()
    #expect(try alice.sharedSecret(with: other.publicKey) == other.sharedSecret(with: alice.publicKey))
    #expect(other != alice)
  }

  /// The points of small order, as RFC 7748 section 6.1 warns of them, in every encoding: the top bit is ignored.
  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  ])
  func pointsOfSmallOrderAreRefused(encoded: String) throws {
    let key = try X25519.PrivateKey()
    let peer = try X25519.PublicKey(hex(encoded))
    #expect(throws: CryptoError.weakSharedSecret) { try key.sharedSecret(with: peer) }
  }

  @Test(arguments: [0, 31, 33]) func keysHave32Bytes(count: Int) {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(throws: CryptoError.invalidLength(of: "X25519 public key", found: count, accepted: "32")) {
      try X25519.PublicKey(bytes)
    }
    #expect(throws: CryptoError.invalidLength(of: "X25519 private key", found: count, accepted: "32")) {
      try X25519.PrivateKey(scalar: bytes)
    }
  }
}

private struct EdExample: Sendable {
  let seed: String
  let publicKey: String
  let message: String
  let signature: String
}

/// RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc).
private let edExamples = [
  EdExample(
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
    signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
  EdExample(
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
    signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
  EdExample(
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
    signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
  EdExample(
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
      + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
]

@Suite("Ed25519") struct Ed25519Tests {
  @Test(arguments: edExamples.indices) func yieldsTheStandardsExamples(index: Int) throws {
    let example = edExamples[index]
    let key = try Ed25519.PrivateKey(seed: hex(example.seed))
    #expect(key.publicKey.encoded.description == example.publicKey)
    #expect(hex(try key.sign(hex(example.message))) == example.signature)
    #expect(key.publicKey.isValid(hex(example.signature), of: hex(example.message)))
  }

  @Test func anyChangedBitIsNoticed() throws {
    let key = try Ed25519.PrivateKey()
    let message = [UInt8]("message")
    let signature = try key.sign(message)
    #expect(key.publicKey.isValid(signature, of: message))
    for index in signature.indices {
      var changed = signature
      changed[index] ^= 4
      #expect(!key.publicKey.isValid(changed, of: message))
    }
    #expect(!key.publicKey.isValid(signature, of: message + [0]))
    #expect(!key.publicKey.isValid(signature.dropLast(), of: message))
    #expect(!key.publicKey.isValid(signature + [0], of: message))
    #expect(!key.publicKey.isValid([], of: message))
    #expect(!(try Ed25519.PrivateKey().publicKey.isValid(signature, of: message)))
  }

  @Test func aSignatureHasOneForm() throws {
    // RFC 8032, section 5.1.7: S must be below the order. S plus the order satisfies the equation as well.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    let key = try Ed25519.PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    var signature = try key.sign([1, 2, 3])
    var carry = 0
    for index in 0..<32 {
      let sum = Int(signature[32 + index]) + Int(order[index]) + carry
      signature[32 + index] = UInt8(sum & 0xff)
      carry = sum >> 8
    }
    #expect(carry == 0)
    #expect(!key.publicKey.isValid(signature, of: [1, 2, 3]))
  }

  @Test func bytesThatAreNoPointVerifyNothing() throws {
    // y = 2 has no x on the curve.
    let key = try Ed25519.PublicKey([2] + [UInt8](repeating: 0, count: 31))
    #expect(!key.isValid([UInt8](repeating: 0, count: 64), of: []))
  }

  @Test(arguments: [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  ])
  func pointsOfSmallOrderAreRefused(encoded: String) {
    #expect(throws: CryptoError.invalidKey(kind: "Ed25519 public", reason: "a point of small order")) {
      try Ed25519.PublicKey(hex(encoded))
    }
  }

  @Test(arguments: [0, 31, 33, 64]) func keysHave32Bytes(count: Int) {
    let bytes = [UInt8](repeating: 9, count: count)
    #expect(throws: CryptoError.invalidLength(of: "Ed25519 public key", found: count, accepted: "32")) {
      try Ed25519.PublicKey(bytes)
    }
    #expect(throws: CryptoError.invalidLength(of: "Ed25519 private key", found: count, accepted: "32")) {
      try Ed25519.PrivateKey(seed: bytes)
    }
  }
}
