// Character classes of RFC 9110, as a table: one load and one test per byte.

/// Tests on ASCII bytes.
enum ASCII {
  static let carriageReturn = UInt8(ascii: "\r")
  static let lineFeed = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let tab = UInt8(ascii: "\t")
  static let colon = UInt8(ascii: ":")

  private static let token: UInt8 = 1
  private static let fieldValue: UInt8 = 2
  private static let targetByte: UInt8 = 4

  private static let classes: InlineArray<256, UInt8> = {
    var table = InlineArray<256, UInt8>(repeating: 0)
    for byte in UInt8.min...UInt8.max {
      var kind: UInt8 = 0
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        kind |= token
      default:
        if "!#$%&'*+-.^_`|~".utf8.contains(byte) { kind |= token }
      }
      // field-value: visible characters, obs-text, and space or tab between them.
      if byte == space || byte == tab || (byte > 0x20 && byte != 0x7f) { kind |= fieldValue }
      // A target is visible ASCII; anything else should have been percent-encoded.
      if byte > 0x20 && byte < 0x7f { kind |= targetByte }
      table[Int(byte)] = kind
    }
    return table
  }()

  /// Whether `byte` may stand in a method or a field name.
  static func isToken(_ byte: UInt8) -> Bool { classes[Int(byte)] & token != 0 }
  /// Whether `byte` may stand in a field value.
  static func isFieldValue(_ byte: UInt8) -> Bool { classes[Int(byte)] & fieldValue != 0 }
  /// Whether `byte` may stand in a request target.
  static func isTarget(_ byte: UInt8) -> Bool { classes[Int(byte)] & targetByte != 0 }

  /// Compares with a literal, taking A and a for the same.
  static func equalIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
    literal.withUTF8Buffer { wanted in
      guard bytes.count == wanted.count else { return false }
      for index in 0..<wanted.count where lower(bytes[index]) != lower(wanted[index]) { return false }
      return true
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}
