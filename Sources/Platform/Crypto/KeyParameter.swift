// The numbers of a key on their way to OpenSSL. They are handed over by pointer: OpenSSL's own parameter
// builder would leave a copy of a private key behind in memory that is freed without being wiped.

import COpenSSL

/// One named part of a key.
struct KeyParameter {
  /// OpenSSL's names for the parts (its `OSSL_PKEY_PARAM_…`), as literals because they must not move.
  enum Name {
    static let group: StaticString = "group"
    static let publicKey: StaticString = "pub"
    static let privateKey: StaticString = "priv"
    static let modulus: StaticString = "n"
    static let publicExponent: StaticString = "e"
    static let privateExponent: StaticString = "d"
    static let factor1: StaticString = "rsa-factor1"
    static let factor2: StaticString = "rsa-factor2"
    static let exponent1: StaticString = "rsa-exponent1"
    static let exponent2: StaticString = "rsa-exponent2"
    static let coefficient: StaticString = "rsa-coefficient1"
  }

  private enum Kind { case text, octets, number }

  private let name: StaticString
  private let kind: Kind
  private let bytes: SecretBytes

  /// A part that is a name. OpenSSL reads some names to their NUL whatever the length says.
  static func text(_ name: StaticString, _ text: String) -> KeyParameter {
    KeyParameter(name: name, kind: .text, bytes: SecretBytes(utf8: text + "\0"))
  }

  /// A part that is a run of bytes.
  static func octets(_ name: StaticString, _ bytes: RawSpan) -> KeyParameter {
    KeyParameter(name: name, kind: .octets, bytes: SecretBytes(copying: bytes))
  }

  /// A part that is a number, given most significant byte first.
  static func number(_ name: StaticString, _ magnitude: SecretBytes) -> KeyParameter {
    // OpenSSL takes numbers in the machine's order.
    let native = SecretBytes(count: magnitude.count) { target in
      magnitude.withUnsafeBytes { source in
        for (index, byte) in source.enumerated() { target[target.count - 1 - index] = byte }
      }
    }
    return KeyParameter(name: name, kind: .number, bytes: native)
  }

  /// Calls `body` with OpenSSL's array of the parameters.
  static func withOpenSSL<Result>(
    _ parameters: [KeyParameter], _ body: (UnsafeMutablePointer<OSSL_PARAM>?) -> Result
  ) -> Result {
    var array = parameters.map(\.unowned) + [OSSL_PARAM_construct_end()]
    // The array points into what `parameters` owns.
    return withExtendedLifetime(parameters) {
      array.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
  }

  private var unowned: OSSL_PARAM {
    let name = UnsafeRawPointer(self.name.utf8Start).assumingMemoryBound(to: CChar.self)
    return bytes.withUnsafeBytes { bytes in
      // Mutable in the signature only, since the same array also serves to ask for values.
      let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
      switch kind {
      case .text:
        return OSSL_PARAM_construct_utf8_string(name, base?.assumingMemoryBound(to: CChar.self), 0)
      case .octets:
        return OSSL_PARAM_construct_octet_string(name, base, bytes.count)
      case .number:
        return OSSL_PARAM_construct_BN(name, base?.assumingMemoryBound(to: UInt8.self), bytes.count)
      }
    }
  }
}
