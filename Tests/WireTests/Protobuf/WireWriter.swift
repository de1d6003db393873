/// Writes wire format by hand, so that what the decoder is tested with does not come from the encoder.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func fixed(_ value: UInt64, bytes count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }

  mutating func tag(_ field: Int, _ wireType: Int) { varint(UInt64(field << 3 | wireType)) }

  mutating func raw(_ more: [UInt8]) { bytes += more }

  mutating func delimited(_ content: [UInt8]) {
    varint(UInt64(content.count))
    bytes += content
  }

  /// A length-prefixed field.
  mutating func field(_ number: Int, _ content: [UInt8]) {
    tag(number, 2)
    delimited(content)
  }

  /// A varint field.
  mutating func field(_ number: Int, varint value: UInt64) {
    tag(number, 0)
    varint(value)
  }

  /// What `write` writes.
  static func bytes(_ write: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    write(&writer)
    return writer.bytes
  }
}
