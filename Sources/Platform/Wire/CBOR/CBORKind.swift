// The types of item a CBOR message can hold, as a reader asks about them before it reads.

/// The type of an item.
public enum CBORKind: String, Hashable, Sendable {
  /// An integer from 0 to 2⁶⁴ - 1.
  case unsigned
  /// An integer from -2⁶⁴ to -1.
  case negative
  /// A byte string.
  case bytes
  /// A text string.
  case text
  /// An array.
  case array
  /// A map.
  case map
  /// A tag, which the item it applies to follows.
  case tag
  /// True or false.
  case bool
  /// Null.
  case null
  /// Undefined.
  case undefined
  /// Another simple value.
  case simple
  /// A floating-point number of any width.
  case float
  /// Any integer: only as what was expected, never as what was found.
  case integer
  /// A bignum (tag 2 or 3): only as what was expected, never as what was found.
  case bignum
  /// The end of an indefinite-length container.
  case end

  /// The kind of the item whose first byte is `initial`.
  init(initial: UInt8) {
    switch initial >> 5 {
    case 0: self = .unsigned
    case 1: self = .negative
    case 2: self = .bytes
    case 3: self = .text
    case 4: self = .array
    case 5: self = .map
    case 6: self = .tag
    default:
      switch initial & 0x1f {
      case 20, 21: self = .bool
      case 22: self = .null
      case 23: self = .undefined
      case 25, 26, 27: self = .float
      case 31: self = .end
      default: self = .simple
      }
    }
  }
}
