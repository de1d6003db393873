// Random bytes of any described message, written without the code under test: fields in any order and more than
// once, packed and not, with unknown fields between them. Well-known types mostly get values that JSON can say.

import Wire

/// Makes encoded messages.
struct RandomDescribed {
  let types: ProtobufDescriptors
  /// What an `Any` may hold.
  let anyTypes: [String]
  var generator: SeededGenerator

  /// The bytes of a message of the type with this name.
  mutating func message(_ name: String) -> [UInt8] {
    guard let place = types.messages.firstIndex(where: { $0.fullName == name }) else { return [] }
    return message(place, depth: 0)
  }

  private mutating func message(_ place: Int, depth: Int) -> [UInt8] {
    let type = types.messages[place]
    var writer = WireWriter()
    if wellKnown(type.fullName, depth: depth, &writer) { return writer.bytes }
    for _ in 0..<chance(of: depth == 0 ? 24 : depth < 3 ? 5 : 1) {
      if chance(of: 12) == 0 || type.fields.isEmpty {
        writer.field(4000 + chance(of: 5), varint: integer())
      } else {
        field(type.fields[chance(of: type.fields.count)], depth: depth, &writer)
      }
    }
    return writer.bytes
  }

  private mutating func field(
    _ field: ProtobufFieldDescription, depth: Int, _ writer: inout WireWriter
  ) {
    let number = Int(field.number)
    if chance(of: 30) == 0 && field.kind.wireType != 0 {
      writer.field(number, varint: integer())
    } else if case .map(let key, let value) = field.shape {
      var entry = WireWriter()
      if chance(of: 6) > 0 { single(1, key, depth: depth, &entry) }
      if chance(of: 6) > 0 { single(2, value, depth: depth, &entry) }
      if chance(of: 6) == 0 { single(1, key, depth: depth, &entry) }
      writer.field(number, entry.bytes)
    } else if field.shape == .repeated && field.kind.isPackable && chance(of: 2) == 0 {
      var run = WireWriter()
      for _ in 0..<chance(of: 5) { content(field.kind, depth: depth, &run) }
      writer.field(number, run.bytes)
    } else {
      single(number, field.kind, depth: depth, &writer)
    }
  }

  private mutating func single(
    _ number: Int, _ kind: ProtobufFieldKind, depth: Int, _ writer: inout WireWriter
  ) {
    writer.tag(number, Int(kind.wireType))
    if case .group(let place) = kind {
      writer.raw(message(place, depth: depth + 1))
      writer.tag(number, 4)
    } else {
      content(kind, depth: depth, &writer)
    }
  }

  private mutating func content(_ kind: ProtobufFieldKind, depth: Int, _ writer: inout WireWriter) {
    switch kind {
    case .double: writer.fixed(number().bitPattern, bytes: 8)
    case .float: writer.fixed(UInt64(Float(number()).bitPattern), bytes: 4)
    case .fixed64, .sfixed64: writer.fixed(integer(), bytes: 8)
    case .fixed32, .sfixed32: writer.fixed(integer(), bytes: 4)
    case .string: writer.delimited(Array(text().utf8))
    case .bytes: writer.delimited(Array(text().utf8) + [0xff])
    case .enumeration(let place):
      let numbers = types.enums[place].numbers + [0, 77]
      writer.varint(UInt64(bitPattern: Int64(numbers[chance(of: numbers.count)])))
    case .message(let place): writer.delimited(message(place, depth: depth + 1))
    case .bool: writer.varint(UInt64(chance(of: 3)))
    default: writer.varint(integer())
    }
  }

  /// Writes a type whose JSON has a form of its own; one in forty times anything at all.
  private mutating func wellKnown(_ name: String, depth: Int, _ writer: inout WireWriter) -> Bool {
    if chance(of: 40) == 0 { return false }
    switch name {
    case "google.protobuf.Timestamp", "google.protobuf.Duration":
      writer.field(1, varint: UInt64(chance(of: 1_000_000_000)))
      writer.field(2, varint: UInt64([0, 1, 1000, 21_000_000, 999_999_999][chance(of: 5)]))
    case "google.protobuf.FieldMask":
      for _ in 0..<chance(of: 3) { writer.field(1, Array(["foo_bar", "a", "b.c_d"][chance(of: 3)].utf8)) }
    case "google.protobuf.Any":
      guard depth < 3, chance(of: 5) > 0 else { break }
      let content = anyTypes[chance(of: anyTypes.count)]
      guard let place = types.messages.firstIndex(where: { $0.fullName == content }) else { break }
      writer.field(1, Array("type.googleapis.com/\(content)".utf8))
      writer.field(2, message(place, depth: depth + 2))
    case "google.protobuf.Value":
      switch chance(of: depth < 3 ? 6 : 4) {
      case 0: writer.field(1, varint: 0)
      case 1:
        writer.tag(2, 1)
        writer.fixed((Double(chance(of: 999)) / 8).bitPattern, bytes: 8)
      case 2: writer.field(3, Array(text().utf8))
      case 3: writer.field(4, varint: 1)
      case 4: writer.field(5, entries(depth: depth + 1))
      default: writer.field(6, list(depth: depth + 1))
      }
    case "google.protobuf.Struct": writer.raw(entries(depth: depth))
    case "google.protobuf.ListValue": writer.raw(list(depth: depth))
    default: return false
    }
    return true
  }

  private mutating func entries(depth: Int) -> [UInt8] {
    var writer = WireWriter()
    for _ in 0..<chance(of: 3) {
      var entry = WireWriter()
      entry.field(1, Array(text().utf8))
      entry.field(2, value(depth: depth))
      writer.field(1, entry.bytes)
    }
    return writer.bytes
  }

  private mutating func list(depth: Int) -> [UInt8] {
    var writer = WireWriter()
    for _ in 0..<chance(of: 3) { writer.field(1, value(depth: depth)) }
    return writer.bytes
  }

  private mutating func value(depth: Int) -> [UInt8] {
    var writer = WireWriter()
    if !wellKnown("google.protobuf.Value", depth: depth + 1, &writer) { writer.field(4, varint: 0) }
    return writer.bytes
  }

  private mutating func integer() -> UInt64 {
    let edges: [UInt64] = [0, 1, 127, 128, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, .max / 2]
    return chance(of: 3) == 0 ? edges[chance(of: edges.count)] : generator.next() >> UInt64(chance(of: 64))
  }

  private mutating func number() -> Double {
    [0, -0.0, 1, 0.1, -1.5e10, .infinity, -.infinity, .nan, Double(chance(of: 1000)) / 7][chance(of: 9)]
  }

  private mutating func text() -> String {
    let pieces = ["", "a", "é", "e\u{301}", "世", "😀", "\"\\\n\u{1f}", "plain text", "\u{2028}"]
    return (0..<chance(of: 4)).map { _ in pieces[chance(of: pieces.count)] }.joined()
  }

  private mutating func chance(of count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
}
