// Random but well-formed bytes of a varve.testing.Everything, written without the code under test: fields in any
// order and more than once, packed and not, map entries with parts missing, unknown fields, groups.

/// Makes encoded messages.
struct RandomEverything {
  var generator: SeededGenerator

  /// The scalar types in the order in which each section of Everything lists them.
  private enum Scalar: Int, CaseIterable {
    case double, float, int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64,
      bool
    case string, bytes

    var wireType: Int {
      switch self {
      case .double, .fixed64, .sfixed64: 1
      case .float, .fixed32, .sfixed32: 5
      case .string, .bytes: 2
      default: 0
      }
    }
  }

  /// Field numbers of the first scalar of each section.
  private enum Section {
    static let plain = 1, optional = 19, repeated = 36, unpacked = 53, choice = 84
    static let enums = [16, 34, 51, 66, 99]
    static let nested = [17, 35, 52, 100]
    static let everything = [18, 101]
    static let maps = 67, mapInt32Nested = 83
  }

  mutating func message(depth: Int = 0) -> [UInt8] {
    var writer = WireWriter()
    for _ in 0..<chance(of: depth == 0 ? 24 : 3) { field(&writer, depth: depth) }
    return writer.bytes
  }

  private mutating func field(_ writer: inout WireWriter, depth: Int) {
    switch chance(of: 20) {
    case 0..<9:
      let scalar = Scalar.allCases[chance(of: Scalar.allCases.count)]
      let sections = [Section.plain, Section.optional, Section.repeated, Section.choice]
      writer.tag(sections[chance(of: sections.count)] + scalar.rawValue, scalar.wireType)
      value(scalar, &writer)
    case 9..<12: numbers(&writer)
    case 12: writer.field(Section.enums[chance(of: 5)], varint: enumNumber())
    case 13..<15 where depth < 3:
      writer.field(Section.nested[chance(of: 4)], nested(depth: depth + 1))
    case 15 where depth < 3:
      writer.field(Section.everything[chance(of: 2)], message(depth: depth + 1))
    case 16..<18: mapEntry(&writer)
    case 18: unknown(&writer, depth: depth)
    default: writer.field([500, 20000, 3_000_000, 536_870_911][chance(of: 4)], varint: integer())
    }
  }

  /// A run of numbers, packed or not, in a field declared either way.
  private mutating func numbers(_ writer: inout WireWriter) {
    let scalar = Scalar.allCases[chance(of: 13)]
    let number = (chance(of: 2) == 0 ? Section.repeated : Section.unpacked) + scalar.rawValue
    if chance(of: 2) == 0 {
      var run = WireWriter()
      for _ in 0..<chance(of: 9) { value(scalar, &run) }
      writer.field(number, run.bytes)
    } else {
      for _ in 0..<chance(of: 4) {
        writer.tag(number, scalar.wireType)
        value(scalar, &writer)
      }
    }
  }

  private mutating func nested(depth: Int) -> [UInt8] {
    var writer = WireWriter()
    if chance(of: 2) == 0 { writer.field(1, varint: integer()) }
    if chance(of: 2) == 0 { writer.field(2, Array(text().utf8)) }
    if depth < 3 && chance(of: 4) == 0 { writer.field(3, message(depth: depth + 1)) }
    if depth < 3 && chance(of: 3) == 0 { writer.field(4, nested(depth: depth + 1)) }
    return writer.bytes
  }

  /// Key and value, either way round, either one missing.
  private mutating func mapEntry(_ writer: inout WireWriter) {
    let index = chance(of: 13)
    var key = WireWriter()
    var entryValue = WireWriter()
    if index == 12 {
      key.field(1, varint: integer())
      entryValue.field(2, nested(depth: 3))
    } else {
      let scalar = Scalar.allCases[index < 11 ? index + 2 : Scalar.string.rawValue]
      key.tag(1, scalar.wireType)
      value(scalar, &key)
      entryValue.tag(2, scalar.wireType)
      value(scalar, &entryValue)
    }
    var entry: [UInt8] = []
    switch chance(of: 6) {
    case 0: entry = key.bytes
    case 1: entry = entryValue.bytes
    case 2: entry = entryValue.bytes + key.bytes
    default: entry = key.bytes + entryValue.bytes
    }
    writer.field(index == 12 ? Section.mapInt32Nested : Section.maps + index, entry)
  }

  private mutating func unknown(_ writer: inout WireWriter, depth: Int) {
    let number = 600 + chance(of: 40)
    switch chance(of: 5) {
    case 0: writer.field(number, varint: integer())
    case 1:
      writer.tag(number, 1)
      writer.fixed(generator.next(), bytes: 8)
    case 2: writer.field(number, Array(text().utf8))
    case 3:
      writer.tag(number, 3)
      if depth < 3 { unknown(&writer, depth: depth + 1) }
      writer.tag(number, 4)
    default:
      writer.tag(number, 5)
      writer.fixed(generator.next(), bytes: 4)
    }
  }

  private mutating func value(_ scalar: Scalar, _ writer: inout WireWriter) {
    switch scalar {
    case .double: writer.fixed(number().bitPattern, bytes: 8)
    case .float: writer.fixed(UInt64(Float(number()).bitPattern), bytes: 4)
    case .fixed32, .sfixed32: writer.fixed(integer(), bytes: 4)
    case .fixed64, .sfixed64: writer.fixed(integer(), bytes: 8)
    case .bool: writer.varint(UInt64(chance(of: 3)))
    case .string: writer.delimited(Array(text().utf8))
    case .bytes:
      writer.delimited((0..<chance(of: 40)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    default: writer.varint(integer())
    }
  }

  /// Any width, edges more often than chance would have them.
  private mutating func integer() -> UInt64 {
    let edges: [UInt64] = [
      0, 1, 127, 128, 16383, 16384, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, .max / 2,
    ]
    return chance(of: 3) == 0 ? edges[chance(of: edges.count)] : generator.next() >> UInt64(chance(of: 64))
  }

  /// NaN is left out: it is not equal to itself, and the peer compares messages.
  private mutating func number() -> Double {
    [0, -0.0, 1, 0.1, -1.5e10, .infinity, -.infinity, Double(chance(of: 1000)) / 7][chance(of: 8)]
  }

  private mutating func enumNumber() -> UInt64 {
    [0, 1, 2, UInt64(bitPattern: -1), 2_147_483_647, 99][chance(of: 6)]
  }

  private mutating func text() -> String {
    let pieces = ["", "a", "é", "世", "😀", "\"\\\n\u{1f}", "plain text of some length", "\u{2028}", "<&>"]
    return (0..<chance(of: 4)).map { _ in pieces[chance(of: pieces.count)] }.joined()
  }

  private mutating func chance(of count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
}
