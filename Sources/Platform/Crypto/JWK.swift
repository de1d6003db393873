// JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037): one key and what its owner says about it. Sets of
// them are in JWKSet.swift, the members of each kind of key in JWK+Members.swift.

import Bytes
public import Wire

/// A JSON Web Key.
public struct JWK: Sendable, Equatable {
  /// What kind of key it is, and the key.
  public enum Material: Sendable, Equatable {
    /// `kty` OKP, EC or RSA without `d`.
    case publicKey(PublicKey)
    /// `kty` OKP, EC or RSA with `d`.
    case privateKey(PrivateKey)
    /// `kty` oct: a shared secret.
    case symmetric(SecretBytes)
  }

  /// The key.
  public var material: Material
  /// `kid`: the name by which a token points at the key.
  public var keyID: String?
  /// `alg`: the only algorithm the key is for.
  public var algorithm: String?
  /// `use`: "sig", "enc", or what the owner's users agree on.
  public var use: String?

  /// A key and what is said about it.
  public init(_ material: Material, keyID: String? = nil, algorithm: String? = nil, use: String? = nil) {
    self.material = material
    self.keyID = keyID
    self.algorithm = algorithm
    self.use = use
  }

  /// A key from the bytes of a JSON document. Those stay where they are: whoever read a private key from a
  /// file has to see to its memory.
  public init(parsing bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "JWK", KeyLimits.jwkBytesMaximum)
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: bytes, limits: JSONLimits(depthMaximum: 8))
    } catch {
      throw .malformed(format: "JWK", reason: "\(error)")
    }
    try self.init(json)
  }

  /// A key from a JSON object. Members that this module does not know are ignored, as RFC 7517 asks.
  public init(_ json: JSONValue) throws(CryptoError) {
    guard let object = json.object else {
      throw .malformed(format: "JWK", reason: "\(json.kind) where an object is expected")
    }
    let members = JWKMembers(object)
    material = try Material(members)
    keyID = try members.text("kid")
    algorithm = try members.text("alg")
    use = try members.text("use")
  }

  /// The public half; nil for a shared secret.
  public var publicKey: PublicKey? {
    switch material {
    case .publicKey(let key): key
    case .privateKey(let key): key.publicKey
    case .symmetric: nil
    }
  }

  /// The key as a JSON object, with everything secret that it holds.
  public var json: JSONValue {
    var members = material.members
    for (name, value) in [("kid", keyID), ("alg", algorithm), ("use", use)] {
      if let value { members.append((name, value)) }
    }
    return Self.object(members)
  }

  /// The key's fingerprint (RFC 7638): the same however and by whomever the key is written. A private key
  /// has that of its public half.
  public var thumbprint: Digest<SHA256> {
    var required = material
    if case .privateKey(let key) = material { required = .publicKey(key.publicKey) }
    let text = Self.object(required.members.sorted { $0.0 < $1.0 }).text()
    return SHA256.hash(ByteBuffer(text))
  }

  private static func object(_ members: [(String, String)]) -> JSONValue {
    .object(JSONObject(members.map { JSONObject.Member(key: $0.0, value: .string($0.1)) }))
  }
}

extension JWK: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The kind of key and its name, never a secret.
  public var description: String {
    let key =
      switch material {
      case .publicKey(let key): key.description
      case .privateKey(let key): key.description
      case .symmetric(let secret): secret.description
      }
    return keyID.map { "\(key) named \($0)" } ?? key
  }
  /// The kind of key and its name, never a secret.
  public var debugDescription: String { description }
  /// No children: a private key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
