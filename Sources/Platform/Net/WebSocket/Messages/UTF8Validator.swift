// Checks UTF-8 as it arrives, in pieces that may end inside a character, and fails at the first byte that no
// continuation could make right: overlong forms, surrogates and what lies beyond U+10FFFF included
// (Unicode 15, table 3-7).

/// The state of a text between two of its pieces.
public struct UTF8Validator: Sendable {
  /// How many bytes the present character still needs.
  private var missing: UInt8 = 0
  /// What the next of them may be.
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xbf

  /// Before the first byte.
  public init() {}

  /// Whether the text could end here.
  public var isComplete: Bool { missing == 0 }

  /// Takes more bytes; false when the text cannot be UTF-8.
  public mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < bytes.count {
      if missing == 0 {
        while index &+ 8 <= bytes.count,
          bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
          index &+= 8
        }
        guard index < bytes.count else { return true }
        if !begin(bytes[index]) { return false }
      } else {
        let byte = bytes[index]
        guard byte >= lowest && byte <= highest else { return false }
        (lowest, highest) = (0x80, 0xbf)
        missing &-= 1
      }
      index &+= 1
    }
    return true
  }

  /// Takes the first byte of a character.
  @inline(__always)
  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x00...0x7f: return true
    case 0xc2...0xdf: missing = 1
    case 0xe0: (missing, lowest) = (2, 0xa0)
    case 0xe1...0xec, 0xee, 0xef: missing = 2
    case 0xed: (missing, highest) = (2, 0x9f)
    case 0xf0: (missing, lowest) = (3, 0x90)
    case 0xf1...0xf3: missing = 3
    case 0xf4: (missing, highest) = (3, 0x8f)
    default: return false
    }
    return true
  }
}
