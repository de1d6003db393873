// Any CBOR item as a tree of values: for messages whose shape is not known, for tests and for debugging.
// Reading, writing and printing are in CBORValue+….swift.

public import Bytes

/// Any CBOR item, as RFC 8949's data model has it: the width of a number, the chunks of a string and the
/// order of a map's pairs are not part of the value, and `1` is not `1.0`.
public enum CBORValue: Sendable {
  /// An integer from 0 to 2⁶⁴ - 1.
  case unsigned(UInt64)
  /// The integer -1 - n, from -2⁶⁴ to -1.
  case negative(UInt64)
  /// A byte string.
  case bytes(ByteBuffer)
  /// A text string.
  case text(String)
  /// An array.
  case array([CBORValue])
  /// A map.
  case map(CBORMap)
  /// A tagged item. Bignums are tags 2 and 3 of a byte string.
  indirect case tagged(UInt64, CBORValue)
  /// A float. Compared by its bits: a NaN equals itself, and 0 is not -0.
  case float(Double)
  /// True or false.
  case bool(Bool)
  /// Null.
  case null
  /// Undefined.
  case undefined
  /// Another simple value.
  case simple(CBORSimple)

  /// An integer item; the value has to be in -2⁶⁴ ..< 2⁶⁴.
  public init(_ value: some FixedWidthInteger) {
    self = value < 0 ? .negative(UInt64(~value)) : .unsigned(UInt64(value))
  }

  /// The integer, when this is one and fits.
  public func integer<Integer: FixedWidthInteger>(as type: Integer.Type = Integer.self) -> Integer? {
    switch self {
    case .unsigned(let argument): Integer(exactly: argument)
    case .negative(let argument): Integer.isSigned ? Integer(exactly: argument).map { ~$0 } : nil
    default: nil
    }
  }
}

extension CBORValue: Hashable {
  /// Whether both are the same value.
  public static func == (left: CBORValue, right: CBORValue) -> Bool {
    switch (left, right) {
    case (.unsigned(let left), .unsigned(let right)): left == right
    case (.negative(let left), .negative(let right)): left == right
    case (.bytes(let left), .bytes(let right)): left == right
    // By bytes: Swift's == takes different spellings of a character for the same, CBOR does not.
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.tagged(let leftTag, let left), .tagged(let rightTag, let right)):
      leftTag == rightTag && left == right
    case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null), (.undefined, .undefined): true
    case (.simple(let left), .simple(let right)): left == right
    default: false
    }
  }

  /// Hashes the value.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .unsigned(let argument): hash(0, argument, into: &hasher)
    case .negative(let argument): hash(1, argument, into: &hasher)
    case .bytes(let bytes): hash(2, bytes, into: &hasher)
    case .text(var text):
      hasher.combine(3 as UInt8)
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(0xff as UInt8)
    case .array(let elements): hash(4, elements, into: &hasher)
    case .map(let map): hash(5, map, into: &hasher)
    case .tagged(let tag, let value):
      hash(6, tag, into: &hasher)
      hasher.combine(value)
    case .float(let value): hash(7, value.bitPattern, into: &hasher)
    case .bool(let value): hash(8, value, into: &hasher)
    case .null: hasher.combine(9 as UInt8)
    case .undefined: hasher.combine(10 as UInt8)
    case .simple(let simple): hash(11, simple, into: &hasher)
    }
  }

  private func hash(_ kind: UInt8, _ content: some Hashable, into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(content)
  }
}

extension CBORValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// An integer.
  public init(integerLiteral value: Int64) { self.init(value) }
  /// A float.
  public init(floatLiteral value: Double) { self = .float(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// An array.
  public init(arrayLiteral elements: CBORValue...) { self = .array(elements) }
  /// A map, in the literal's order.
  public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) {
    self = .map(CBORMap(elements.map { CBORMap.Pair($0.0, $0.1) }))
  }
}
