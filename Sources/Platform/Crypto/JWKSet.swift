// Sets of JSON Web Keys (RFC 7517, section 5), as servers publish them.

public import Wire

/// The keys of a JWK set that this module can use, and why it cannot use the others.
public struct JWKSet: Sendable {
  /// The keys that can be used, in the set's order.
  public let keys: [JWK]
  /// One error for each key that cannot. A set is not refused for them: a server may publish keys of kinds
  /// that only its other clients know.
  public let skipped: [CryptoError]

  /// The most keys read from one set.
  public static let keysMaximum = 256
  /// The most bytes of a set in JSON.
  public static let bytesMaximum = 1 << 20

  /// A set from the bytes of a JSON document.
  public init(parsing bytes: RawSpan) throws(CryptoError) {
    try checkSize(bytes, "JWK set", Self.bytesMaximum)
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: bytes, limits: JSONLimits(depthMaximum: 10))
    } catch {
      throw .malformed(format: "JWK set", reason: "\(error)")
    }
    guard let entries = json["keys"]?.array else {
      throw .malformed(format: "JWK set", reason: "no array \"keys\"")
    }
    guard entries.count <= Self.keysMaximum else {
      throw .malformed(
        format: "JWK set", reason: "\(entries.count) keys; accepted: at most \(Self.keysMaximum)")
    }
    var keys: [JWK] = []
    var skipped: [CryptoError] = []
    for entry in entries {
      do throws(CryptoError) {
        keys.append(try JWK(entry))
      } catch {
        skipped.append(error)
      }
    }
    self.init(keys: keys, skipped: skipped)
  }

  /// A set to be published.
  public init(_ keys: [JWK]) { self.init(keys: keys, skipped: []) }

  private init(keys: [JWK], skipped: [CryptoError]) {
    self.keys = keys
    self.skipped = skipped
  }

  /// The first key of this name.
  public subscript(keyID: String) -> JWK? { keys.first { $0.keyID == keyID } }

  /// The set as a JSON object, with everything secret that its keys hold.
  public var json: JSONValue { ["keys": .array(keys.map(\.json))] }
}
