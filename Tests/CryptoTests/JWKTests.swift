import Bytes
import Crypto
import Testing
import Wire

extension JWK {
  init(parsing text: String) throws(CryptoError) {
    let bytes = [UInt8](text)
    try self.init(parsing: bytes.span.bytes)
  }
  var base64Thumbprint: String {
    let digest = thumbprint
    return digest.withBytes { Base64.url.encode($0) }
  }
}

extension JWKSet {
  init(parsing text: String) throws(CryptoError) {
    let bytes = [UInt8](text)
    try self.init(parsing: bytes.span.bytes)
  }
}

private let edPrivate =
  #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#
private let ecPrivate =
  #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
private let symmetric =
  #"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#
private let payload =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

@Suite("JSON Web Keys") struct JWKTests {
  private func bytes(_ text: String) throws -> [UInt8] { [UInt8](try Base64.url.decode(text)) }
  private func text(_ bytes: [UInt8]) -> String { Base64.url.encode(bytes.span.bytes) }

  @Test func anRSAKeyVerifiesTheStandardsSignature() throws {
    // RFC 7515, appendix A.2. RS256 signatures are deterministic.
    let key = try JWK(parsing: StandardRSA.privateJWK)
    guard case .privateKey(.rsa(let rsa)) = key.material else {
      Issue.record("not an RSA private key: \(key)")
      return
    }
    let signed = [UInt8](StandardRSA.signed)
    #expect(try rsa.sign(signed, .pkcs1, .sha256) == bytes(StandardRSA.signature))
    #expect(rsa.publicKey.isValid(try bytes(StandardRSA.signature), of: signed, .pkcs1, .sha256))
    #expect(try JWK(parsing: StandardRSA.publicJWK).material == .publicKey(.rsa(rsa.publicKey)))
    #expect(rsa.publicKey.signatureByteCount == 256)
  }

  @Test func anECKeyVerifiesTheStandardsSignature() throws {
    // RFC 7515, appendix A.3.
    let key = try JWK(parsing: ecPrivate)
    guard case .p256(let p256) = key.publicKey else {
      Issue.record("not a P-256 key: \(key)")
      return
    }
    let signature = try P256.Signature(
      raw: bytes("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
    #expect(p256.isValid(signature, of: [UInt8]("eyJhbGciOiJFUzI1NiJ9." + payload)))
  }

  @Test func anEd25519KeyMakesTheStandardsSignature() throws {
    // RFC 8037, appendix A.4.
    guard case .privateKey(.ed25519(let key)) = try JWK(parsing: edPrivate).material else {
      Issue.record("not an Ed25519 private key")
      return
    }
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    let signature = text(try key.sign([UInt8](signed)))
    #expect(
      signature == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
  }

  @Test func aSharedSecretMakesTheStandardsCode() throws {
    // RFC 7515, appendix A.1.
    guard case .symmetric(let secret) = try JWK(parsing: symmetric).material else {
      Issue.record("not a shared secret")
      return
    }
    let code = HMAC<SHA256>(key: secret).code(
      of: [UInt8]("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + payload))
    let expected = try bytes("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    #expect(code.withUnsafeBytes({ [UInt8]($0) }) == expected)
    #expect(try JWK(parsing: symmetric).publicKey == nil)
  }

  @Test func thumbprintsAreTheStandardsOnes() throws {
    // RFC 7638, section 3.1, and RFC 8037, appendix A.3: of public and private key alike.
    let rsa = #"{"e":"AQAB","kty":"RSA","alg":"RS256","kid":"2011-04-29","n":"\#(StandardRSA.otherModulus)"}"#
    #expect(try JWK(parsing: rsa).base64Thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    #expect(try JWK(parsing: edPrivate).base64Thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
  }

  @Test(arguments: [edPrivate, ecPrivate, symmetric, StandardRSA.privateJWK, StandardRSA.publicJWK])
  func whatIsWrittenIsReadBack(text: String) throws {
    var key = try JWK(parsing: text)
    #expect(try JSONValue(parsing: text) == key.json)
    key.keyID = "kid-1"
    key.algorithm = "ES256"
    key.use = "sig"
    let again = try JWK(key.json)
    #expect(again == key)
    #expect(again.keyID == "kid-1" && again.algorithm == "ES256" && again.use == "sig")
    #expect("\(again)".hasSuffix(" named kid-1"))
    if let publicKey = key.publicKey {
      #expect(try JWK(JWK(.publicKey(publicKey)).json).publicKey == publicKey)
    }
  }

  @Test func x25519KeysAreReadAndWritten() throws {
    let key = try X25519.PrivateKey()
    let jwk = try JWK(JWK(.privateKey(.x25519(key))).json)
    #expect(jwk.material == .privateKey(.x25519(key)))
    #expect(try JWK(JWK(.publicKey(.x25519(key.publicKey))).json).publicKey == .x25519(key.publicKey))
  }

  @Test func privateKeysDoNotShow() throws {
    for text in [edPrivate, ecPrivate, symmetric, StandardRSA.privateJWK] {
      let key = try JWK(parsing: text)
      var dumped = "\(key) \(String(reflecting: key)) "
      dump(key, to: &dumped)
      #expect(dumped.contains("private key>") || dumped.contains("<secret"))
      #expect(Mirror(reflecting: key).children.isEmpty)
    }
  }

  @Test func aCoordinateWithoutItsLeadingZerosIsTaken() throws {
    // Of this number's point, x has a leading zero byte.
    let key = try P256.PrivateKey(scalar: [UInt8](repeating: 1, count: 30) + [0, 0x68])
    let x = Array([UInt8](key.publicKey.x).drop { $0 == 0 })
    #expect(x.count == 31)
    let jwk = #"{"kty":"EC","crv":"P-256","x":"\#(text(x))","y":"\#(text([UInt8](key.publicKey.y)))"}"#
    #expect(try JWK(parsing: jwk).publicKey == .p256(key.publicKey))
  }

  @Test(arguments: [
    ("not JSON", "{", "JSON refused"),
    ("an array", "[]", "array where an object"),
    ("two documents", "{}{}", "JSON refused"),
    ("repeated member", #"{"kty":"oct","k":"AQ","k":"AQ"}"#, "JSON refused"),
    ("no kty", "{}", "\"kty\" is missing"),
    ("kty not text", #"{"kty":1}"#, "\"kty\" is number, not a string"),
    ("other kty", #"{"kty":"XYZ"}"#, "kty \"XYZ\"; accepted: OKP, EC, RSA, oct"),
    ("no k", #"{"kty":"oct"}"#, "\"k\" is missing"),
    ("k padded", #"{"kty":"oct","k":"AQ=="}"#, "\"k\" is not base64url"),
    ("k in base64", #"{"kty":"oct","k":"++++"}"#, "\"k\" is not base64url"),
    ("kid not text", #"{"kty":"oct","k":"AQ","kid":7}"#, "\"kid\" is number"),
    ("alg not text", #"{"kty":"oct","k":"AQ","alg":[]}"#, "\"alg\" is array"),
    ("use not text", #"{"kty":"oct","k":"AQ","use":null}"#, "\"use\" is null"),
    ("no crv", #"{"kty":"OKP","x":"AQ"}"#, "\"crv\" is missing"),
    ("Ed448", #"{"kty":"OKP","crv":"Ed448","x":"AQ"}"#, "crv \"Ed448\"; accepted: Ed25519, X25519, P-256"),
    ("P-384", #"{"kty":"EC","crv":"P-384","x":"AQ","y":"AQ"}"#, "crv \"P-384\""),
    ("short x", #"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#, "has 1 bytes; accepted: 32"),
    ("short x of X25519", #"{"kty":"OKP","crv":"X25519","x":"AQ"}"#, "has 1 bytes; accepted: 32"),
    ("no x", #"{"kty":"EC","crv":"P-256","y":"AQ"}"#, "\"x\" is missing"),
    ("empty x", #"{"kty":"EC","crv":"P-256","x":"","y":"AQ"}"#, "JWK \"x\" has 0 bytes"),
    (
      "long y",
      #"{"kty":"EC","crv":"P-256","x":"AQ","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
      "JWK \"y\" has 33 bytes"
    ),
    ("off the curve", #"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#, "not a point of the curve"),
    ("another's d", ecPrivate.replacing("jpsQnnGQ", with: "jpsQnnGR"), "belongs to another"),
    ("short d", ecPrivate.replacing("jpsQnnGQ", with: ""), "has 26 bytes; accepted: 32"),
    ("another's Ed25519 d", edPrivate.replacing("nWGxne", with: "mWGxne"), "belongs to another"),
    ("no e", #"{"kty":"RSA","n":"AQ"}"#, "\"e\" is missing"),
    ("tiny modulus", #"{"kty":"RSA","n":"AQ","e":"AQAB"}"#, "modulus of 1 bits"),
    ("even exponent", StandardRSA.publicJWK.replacing("AQAB", with: "AQAA"), "public exponent 65536"),
    (
      "a huge d", StandardRSA.privateJWK.replacing("Eq5xpG", with: String(repeating: "A", count: 1200)),
      "larger than any modulus"
    ),
    ("d alone", StandardRSA.publicJWK.replacing("}", with: #","d":"AQ"}"#), "\"p\" is missing"),
    (
      "three primes", StandardRSA.publicJWK.replacing("}", with: #","d":"AQ","oth":"x"}"#),
      "more than two primes"
    ),
    (
      "numbers that do not fit", StandardRSA.privateJWK.replacing("Eq5xpG", with: "Eq5xpH"),
      "RSA private key refused"
    ),
    (
      "primes that do not fit", StandardRSA.privateJWK.replacing("4BzEEO", with: "4BzEEQ"),
      "RSA private key refused"
    ),
  ])
  func malformedKeysAreRefused(what: String, text: String, reason: String) {
    let error = failure { () throws(CryptoError) in try JWK(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }

  @Test func aKeyIsBounded() {
    let text = #"{"kty":"oct","k":"\#(String(repeating: "A", count: KeyLimits.jwkBytesMaximum))"}"#
    let error = failure { () throws(CryptoError) in try JWK(parsing: text) }
    #expect(error?.description.contains("accepted: at most 32768") == true)
  }

  @Test func aSetGivesTheKeysItCan() throws {
    let set = try JWKSet(
      parsing:
        #"{"keys":[{"kty":"XYZ"},\#(ecPrivate.replacing("{", with: #"{"kid":"a","#)),7,\#(symmetric)]}"#)
    #expect(set.keys.count == 2)
    #expect(set.skipped.count == 2)
    #expect(set["a"]?.material == (try JWK(parsing: ecPrivate)).material)
    #expect(set["b"] == nil)
    let published = JWKSet(set.keys)
    #expect(try JWKSet(parsing: published.json.text()).keys == set.keys)
    #expect(published.skipped.isEmpty)
    #expect(try JWKSet(parsing: #"{"keys":[]}"#).keys.isEmpty)
  }

  @Test(arguments: [
    ("not JSON", "x", "JSON refused"),
    ("an array", "[]", "no array \"keys\""),
    ("no keys", "{}", "no array \"keys\""),
    ("keys not an array", #"{"keys":{}}"#, "no array \"keys\""),
    (
      "too many", #"{"keys":["# + String(repeating: "1,", count: 256) + "1]}",
      "257 keys; accepted: at most 256"
    ),
    ("too large", String(repeating: " ", count: JWKSet.bytesMaximum + 1), "accepted: at most 1048576"),
  ])
  func malformedSetsAreRefused(what: String, text: String, reason: String) {
    let error = failure { () throws(CryptoError) in try JWKSet(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(what): \(String(describing: error))")
  }
}

@Suite("Name-based UUIDs") struct UUIDNameTests {
  @Test func areTheStandardsOnes() {
    // RFC 9562, appendix A.4, and Python's documentation of uuid5.
    #expect(
      UUID(version5: .domainNames, name: "www.example.com").description
        == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    #expect(
      UUID(version5: .domainNames, name: "python.org").description == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    let name = [UInt8]("python.org")
    #expect(
      UUID(version5: .domainNames, name: name.span.bytes) == UUID(version5: .domainNames, name: "python.org"))
    #expect(UUID(version5: .urls, name: "python.org") != UUID(version5: .domainNames, name: "python.org"))
    #expect(UUID(version5: .urls, name: "").version == 5)
  }
}
