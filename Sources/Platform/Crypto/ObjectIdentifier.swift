// The object identifiers by which DER names algorithms and curves: those we read, and those we can name in
// an error.

/// An object identifier as DER encodes it.
struct ObjectIdentifier: Equatable, Sendable {
  let encoded: [UInt8]

  static let rsa = ObjectIdentifier(encoded: [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01])
  static let ellipticCurve = ObjectIdentifier(encoded: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])
  static let p256 = ObjectIdentifier(encoded: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
  static let x25519 = ObjectIdentifier(encoded: [0x2b, 0x65, 0x6e])
  static let ed25519 = ObjectIdentifier(encoded: [0x2b, 0x65, 0x70])

  /// Names of what an operator may well hand over, by dotted form.
  private static let names = [
    "1.2.840.10040.4.1": "DSA", "1.2.840.113549.1.1.10": "RSASSA-PSS", "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10045.3.1.1": "P-192", "1.3.132.0.10": "secp256k1", "1.3.132.0.33": "P-224",
    "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521", "1.3.101.111": "X448", "1.3.101.113": "Ed448",
  ]

  /// A name, where there is one, and the dotted form.
  var name: String {
    guard let dotted else { return "an unreadable object identifier" }
    return Self.names[dotted].map { "\($0) (\(dotted))" } ?? dotted
  }

  /// The arcs with dots between them; nil when the bytes are not an object identifier.
  var dotted: String? {
    var arcs: [UInt64] = []
    var arc: UInt64 = 0
    var isInside = false
    for byte in encoded {
      guard arc <= UInt64.max >> 7, isInside || byte != 0x80 else { return nil }
      arc = arc << 7 | UInt64(byte & 0x7f)
      isInside = byte >= 0x80
      if isInside { continue }
      if arcs.isEmpty {
        let first = min(arc / 40, 2)
        arcs = [first, arc - first * 40]
      } else {
        arcs.append(arc)
      }
      arc = 0
    }
    return arcs.isEmpty || isInside ? nil : arcs.map(String.init).joined(separator: ".")
  }
}
