import Bytes
import Crypto
import Peers
import Testing

/// What OpenSSL makes of our keys and messages by way of another library, and we of its.
@Suite("Beside PyCA cryptography") struct PeerTests {
  private static func message(_ index: Int) -> [UInt8] {
    [UInt8](SecureRandom.bytes(count: index * 13))
  }

  @Test func signaturesHoldOnBothSides() throws {
    var commands: [[String]] = []
    var expected: [String] = []
    let made = try PythonPeer.answers([["make", "rsa", "pkcs8"]])
    let rsaKey = try PrivateKey(der: hex(made[0]))
    guard case .rsa(let rsa) = rsaKey else { throw ForeignProgram.Failure("not an RSA key") }
    for index in 0..<8 {
      let message = Self.message(index)
      let ed = try Ed25519.PrivateKey()
      let p256 = try P256.PrivateKey()
      let hash = SignatureHash.allCases[index % 3]
      let padding = RSA.Padding.allCases[index % 2]
      var signed: [(PublicKey, [UInt8])] = []
      signed.append((.ed25519(ed.publicKey), try ed.sign(message)))
      signed.append((.p256(p256.publicKey), [UInt8](try p256.sign(message, hash: hash).der)))
      signed.append((.rsa(rsa.publicKey), try rsa.sign(message, padding, hash)))
      for (key, signature) in signed {
        let words = [hex([UInt8](key.der)), hex(signature), hex(message), "\(padding)", "\(hash)"]
        commands.append(["verify"] + words)
        expected.append("true")
        var other = words
        other[2] = hex(message + [1])
        commands.append(["verify"] + other)
        expected.append("false")
      }
    }
    #expect(try PythonPeer.answers(commands) == expected)
  }

  @Test func weVerifyTheirSignatures() throws {
    let made = try PythonPeer.answers(
      ["ed25519", "p256", "rsa"].map { ["make", $0, "pkcs8"] })
    let keys = try made.map { try PrivateKey(der: hex($0)) }
    var commands: [[String]] = []
    var messages: [([UInt8], SignatureHash, RSA.Padding)] = []
    for index in 0..<12 {
      let message = Self.message(index)
      let hash = SignatureHash.allCases[index % 3]
      let padding = RSA.Padding.allCases[index / 3 % 2]
      messages.append((message, hash, padding))
      for key in made { commands.append(["sign", key, hex(message), "\(padding)", "\(hash)"]) }
    }
    let signatures = try PythonPeer.answers(commands)
    for (index, (message, hash, padding)) in messages.enumerated() {
      for (place, key) in keys.enumerated() {
        let signature = hex(signatures[index * keys.count + place])
        switch key.publicKey {
        case .ed25519(let key):
          #expect(key.isValid(signature, of: message))
        case .p256(let key):
          #expect(key.isValid(try P256.Signature(der: signature), of: message, hash: hash))
        case .rsa(let key):
          #expect(key.isValid(signature, of: message, padding, hash))
          #expect(!key.isValid(signature, of: message + [0], padding, hash))
          for other in RSA.Padding.allCases where other != padding {
            #expect(!key.isValid(signature, of: message, other, hash))
          }
        case .x25519:
          Issue.record("an X25519 key does not sign")
        }
      }
    }
  }

  @Test func secretsAgree() throws {
    var commands: [[String]] = []
    var expected: [String] = []
    for _ in 0..<8 {
      let x = (try X25519.PrivateKey(), try X25519.PrivateKey())
      commands.append([
        "agree", hex([UInt8](PrivateKey.x25519(x.0).der)), hex([UInt8](PublicKey.x25519(x.1.publicKey).der)),
      ])
      expected.append(hex([UInt8](try x.1.sharedSecret(with: x.0.publicKey))))
      let p = (try P256.PrivateKey(), try P256.PrivateKey())
      commands.append([
        "agree", hex([UInt8](PrivateKey.p256(p.0).der)), hex([UInt8](PublicKey.p256(p.1.publicKey).der)),
      ])
      expected.append(hex([UInt8](try p.1.sharedSecret(with: p.0.publicKey))))
    }
    #expect(try PythonPeer.answers(commands) == expected)
  }

  @Test func sealedMessagesOpenOnBothSides() throws {
    var commands: [[String]] = []
    var expected: [String] = []
    for index in 0..<24 {
      let algorithm = AEADAlgorithm.allCases[index % 3]
      let key = AEADKey(random: algorithm)
      let nonce = AEADNonce.random()
      let message = Self.message(index)
      let data = [UInt8](SecureRandom.bytes(count: index % 40))
      let sealed = try key.seal(message, nonce, data)
      let words = ["\(algorithm)", hex([UInt8](key.secret)), hex([UInt8](nonce.value)), hex(data)]
      commands.append(["seal"] + words + [hex(message)])
      expected.append(hex(sealed))
      commands.append(["open"] + words + [hex(sealed)])
      expected.append(hex(message))
    }
    #expect(try PythonPeer.answers(commands) == expected)
  }

  @Test func derivedKeysAgree() throws {
    var commands: [[String]] = []
    var expected: [String] = []
    for index in 0..<20 {
      let (input, salt, info) = (Self.message(index + 1), Self.message(index % 12), Self.message(index % 3))
      let count = 1 + index * 29
      commands.append(["hkdf", "sha384", hex(input), hex(salt), hex(info), "\(count)"])
      expected.append(hex([UInt8](try HKDF<SHA384>.derive(input, salt: salt, info: info, count: count))))
    }
    #expect(try PythonPeer.answers(commands) == expected)
  }

  @Test(arguments: ["ed25519", "x25519", "p256", "rsa"])
  func keysAreReadInEveryContainer(kind: String) throws {
    var forms = ["pkcs8", "pkcs8-pem", "spki", "spki-pem"]
    if kind != "x25519" { forms += ["certificate", "certificate-pem"] }
    if kind == "p256" || kind == "rsa" { forms += ["old", "old-pem"] }
    if kind == "rsa" { forms += ["pkcs1", "pkcs1-pem"] }
    let answer = try PythonPeer.answers([["make", kind, forms.joined(separator: ",")]])[0]
    let written = Dictionary(
      uniqueKeysWithValues: zip(forms, answer.split(separator: ",").map { hex(String($0)) }))
    func text(_ form: String) -> String { String(decoding: written[form] ?? [], as: UTF8.self) }
    let key = try PrivateKey(der: written["pkcs8"] ?? [])
    // RSA and the curves of RFC 8410 have one PKCS #8 form, ours too; EC keys may leave out the public point.
    #expect([UInt8](key.der) == written["pkcs8"])
    #expect([UInt8](key.pem) == written["pkcs8-pem"])
    #expect([UInt8](key.publicKey.der) == written["spki"])
    #expect(key.publicKey.pem == text("spki-pem"))
    #expect(try PrivateKey(pem: text("pkcs8-pem")) == key)
    #expect(try PublicKey(der: written["spki"] ?? []) == key.publicKey)
    #expect(try PublicKey(pem: text("spki-pem")) == key.publicKey)
    if let certificate = written["certificate"] {
      #expect(try PublicKey(certificate: certificate) == key.publicKey)
      #expect(try PublicKey(pem: text("certificate-pem")) == key.publicKey)
    }
    if let old = written["old"] {
      #expect(try (kind == "rsa" ? PrivateKey(pkcs1: old) : PrivateKey(sec1: old)) == key)
      #expect(try PrivateKey(pem: text("old-pem")) == key)
    }
    if let pkcs1 = written["pkcs1"] {
      #expect(try PublicKey(pkcs1: pkcs1) == key.publicKey)
      #expect(try PublicKey(pem: text("pkcs1-pem")) == key.publicKey)
    }
    let public_ = try PythonPeer.answers([
      ["public", hex([UInt8](key.pem))], ["public", hex([UInt8](key.der))],
    ])
    #expect(public_ == [hex([UInt8](key.publicKey.der)), hex([UInt8](key.publicKey.der))])
  }

  @Test func encryptedAndForeignKeysAreNamedInTheError() throws {
    let made = try PythonPeer.answers([
      ["make", "p256", "encrypted-pem,old-encrypted-pem"], ["make", "p384", "pkcs8-pem,old-pem,spki-pem"],
    ]).flatMap { $0.split(separator: ",").map { String(decoding: hex(String($0)), as: UTF8.self) } }
    let said = made.enumerated().map { index, pem in
      let error = failure { () throws(CryptoError) in
        if index == 4 { _ = try PublicKey(pem: pem) } else { _ = try PrivateKey(pem: pem) }
      }
      return error?.description ?? "no error"
    }
    #expect(said[0].contains("an encrypted private key"))
    #expect(said[1].contains("headers, as of an encrypted key, are not read"))
    for index in 2...4 { #expect(said[index].contains("P-384 (1.3.132.0.34)")) }
  }
}
