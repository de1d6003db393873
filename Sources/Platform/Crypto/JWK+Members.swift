// The members that say what a JSON Web Key is: `kty`, and for each kind its numbers in base64url.

import Bytes
import Wire

extension JWK.Material {
  /// The key that the members of a JWK describe.
  init(_ members: JWKMembers) throws(CryptoError) {
    switch try members.required("kty") {
    case "OKP": try self.init(octetKeyPair: members)
    case "EC": try self.init(ellipticCurve: members)
    case "RSA": try self.init(rsa: members)
    case "oct": self = .symmetric(try members.secret("k"))
    case let other:
      throw .unsupportedKey(found: "a JWK of kty \"\(other.prefix(64))\"", accepted: "OKP, EC, RSA, oct")
    }
  }

  private init(octetKeyPair members: JWKMembers) throws(CryptoError) {
    let curve = try members.required("crv")
    let x = try members.secret("x")
    let d = try members.optionalSecret("d")
    switch curve {
    case "Ed25519":
      let stated = try x.withBytes { bytes throws(CryptoError) in try Ed25519.PublicKey(bytes) }
      self = try Self.pair(.ed25519(stated), d) { seed throws(CryptoError) in
        .ed25519(try Ed25519.PrivateKey(seed: seed))
      }
    case "X25519":
      let stated = try x.withBytes { bytes throws(CryptoError) in try X25519.PublicKey(bytes) }
      self = try Self.pair(.x25519(stated), d) { scalar throws(CryptoError) in
        .x25519(try X25519.PrivateKey(scalar: scalar))
      }
    default:
      throw .unsupportedKey(found: "a JWK of crv \"\(curve.prefix(64))\"", accepted: "Ed25519, X25519, P-256")
    }
  }

  private init(ellipticCurve members: JWKMembers) throws(CryptoError) {
    let curve = try members.required("crv")
    guard curve == "P-256" else {
      throw .unsupportedKey(found: "a JWK of crv \"\(curve.prefix(64))\"", accepted: "Ed25519, X25519, P-256")
    }
    let stated = try P256.PublicKey(x: members.coordinate("x"), y: members.coordinate("y"))
    self = try Self.pair(.p256(stated), members.optionalSecret("d")) { scalar throws(CryptoError) in
      .p256(try P256.PrivateKey(scalar: scalar))
    }
  }

  private init(rsa members: JWKMembers) throws(CryptoError) {
    let modulus = try members.secret("n")
    let exponent = try members.secret("e")
    guard let d = try members.optionalSecret("d") else {
      let key = try modulus.withBytes { modulus throws(CryptoError) in
        try exponent.withBytes { exponent throws(CryptoError) in
          try RSA.PublicKey(modulus: modulus, exponent: exponent)
        }
      }
      self = .publicKey(.rsa(key))
      return
    }
    guard try members.text("oth") == nil else {
      throw .unsupportedKey(found: "an RSA key of more than two primes", accepted: "RSA with two primes")
    }
    let numbers = RSA.Numbers(
      modulus: modulus, publicExponent: exponent, privateExponent: d,
      prime1: try members.secret("p"), prime2: try members.secret("q"),
      exponent1: try members.secret("dp"), exponent2: try members.secret("dq"),
      coefficient: try members.secret("qi"))
    self = .privateKey(.rsa(try RSA.PrivateKey(numbers)))
  }

  /// The public key, or with `secret` the private key, which has to belong to it.
  private static func pair(
    _ stated: PublicKey, _ secret: SecretBytes?, _ make: (SecretBytes) throws(CryptoError) -> PrivateKey
  ) throws(CryptoError) -> JWK.Material {
    guard let secret else { return .publicKey(stated) }
    let key = try make(secret)
    guard key.publicKey == stated else {
      throw .invalidKey(kind: "private", reason: "the public key beside it belongs to another one")
    }
    return .privateKey(key)
  }

  /// The members that describe the key, all of them text.
  var members: [(String, String)] {
    switch self {
    case .publicKey(let key): return Self.members(key)
    case .symmetric(let secret): return [("kty", "oct"), ("k", Self.text(secret))]
    case .privateKey(let key):
      let members = Self.members(key.publicKey)
      switch key {
      case .ed25519(let key): return members + [("d", Self.text(key.seed))]
      case .x25519(let key): return members + [("d", Self.text(key.scalar))]
      case .p256(let key): return members + [("d", Self.text(key.scalar))]
      case .rsa(let key):
        let names = ["d", "p", "q", "dp", "dq", "qi"]
        return members + zip(names, key.numbers.inOrder.dropFirst(2)).map { ($0, Self.text($1)) }
      }
    }
  }

  private static func members(_ key: PublicKey) -> [(String, String)] {
    switch key {
    case .ed25519(let key):
      return [("kty", "OKP"), ("crv", "Ed25519"), ("x", Self.text(key.encoded))]
    case .x25519(let key):
      return [("kty", "OKP"), ("crv", "X25519"), ("x", Self.text(key.encoded))]
    case .p256(let key):
      let (x, y) = (key.x, key.y)
      return [
        ("kty", "EC"), ("crv", "P-256"), ("x", Self.text(x)), ("y", Self.text(y)),
      ]
    case .rsa(let key):
      return [
        ("kty", "RSA"), ("n", Base64.url.encode(key.modulus.readable)),
        ("e", Base64.url.encode(key.exponent.readable)),
      ]
    }
  }

  private static func text(_ bytes: some InlineBytes) -> String { bytes.withBytes { Base64.url.encode($0) } }

  private static func text(_ secret: SecretBytes) -> String { secret.withBytes { Base64.url.encode($0) } }
}

/// The members of a JWK, read with errors that name them.
struct JWKMembers {
  private let object: JSONObject

  init(_ object: JSONObject) { self.object = object }

  /// A member that, if there, is text.
  func text(_ name: String) throws(CryptoError) -> String? {
    guard let value = object[name] else { return nil }
    guard let text = value.string else {
      throw .malformed(format: "JWK", reason: "\"\(name)\" is \(value.kind), not a string")
    }
    return text
  }

  /// A member that must be there and be text.
  func required(_ name: String) throws(CryptoError) -> String {
    guard let text = try text(name) else {
      throw .malformed(format: "JWK", reason: "\"\(name)\" is missing")
    }
    return text
  }

  /// A member that must be there and be bytes in base64url.
  func secret(_ name: String) throws(CryptoError) -> SecretBytes {
    try decode(name, try required(name))
  }

  /// A member that, if there, is bytes in base64url.
  func optionalSecret(_ name: String) throws(CryptoError) -> SecretBytes? {
    guard let text = try text(name) else { return nil }
    return try decode(name, text)
  }

  /// A coordinate of P-256. RFC 7518 says 32 bytes; issuers that drop leading zeros are met in practice, and
  /// a shorter number has one meaning only.
  func coordinate(_ name: String) throws(CryptoError) -> FixedBytes<32> {
    let bytes = try secret(name)
    guard (1...32).contains(bytes.count) else {
      throw .invalidLength(of: "JWK \"\(name)\"", found: bytes.count, accepted: "32")
    }
    var value = FixedBytes<32>()
    value.withMutableBytes { target in
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[(32 - $0.count)...]).copyMemory(from: $0)
      }
    }
    return value
  }

  private func decode(_ name: String, _ text: String) throws(CryptoError) -> SecretBytes {
    do throws(TextError) {
      let bytes = try Base64.url.decode(text)
      return SecretBytes(copying: bytes.readable)
    } catch {
      throw .malformed(format: "JWK", reason: "\"\(name)\" is not base64url: \(error)")
    }
  }
}
