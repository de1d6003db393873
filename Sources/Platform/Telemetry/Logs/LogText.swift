// How values are spelt so that no value can end a line, begin a field, colour a terminal or turn text
// around. A quoted logfmt value is escaped exactly as a JSON string, so both formats share one escaper and
// any JSON reader can take a quoted value apart.

import Bytes
import Runtime

/// Spelling of values.
enum LogText {
  /// Bytes that the quotes and the mark of cut text may take.
  static let cutMarkBytes = 40

  /// Appends text, cut to `maximum` bytes at a character; quoted always, or only when it has to be.
  static func append(_ string: String, maximum: Int, quoted: Bool, to line: inout ByteBuffer) {
    var string = string
    string.withUTF8 { whole in
      let cut = cutPoint(whole, maximum: max(1, maximum))
      let shown = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(whole)[..<cut])
      let isCut = cut < whole.count
      let quoted = quoted || isCut || needsQuotes(shown)
      if quoted { line.append("\"") }
      if quoted { escape(shown, to: &line) } else { line.append(shown) }
      if isCut {
        line.append("…(+")
        append(UInt64(whole.count - cut), to: &line)
        line.append(" bytes)")
      }
      if quoted { line.append("\"") }
    }
  }

  /// The greatest length up to `maximum` that does not split a character's encoding.
  private static func cutPoint(_ bytes: UnsafeBufferPointer<UInt8>, maximum: Int) -> Int {
    if bytes.count <= maximum { return bytes.count }
    var cut = maximum
    while cut > 0 && bytes[cut] & 0xc0 == 0x80 { cut -= 1 }
    return cut
  }

  /// A bare value is printable ASCII without space, quote, backslash or equals sign; or letters beyond
  /// ASCII, in quotes to be safe.
  private static func needsQuotes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty { return true }
    for byte in bytes {
      if byte <= 0x20 || byte >= 0x7f { return true }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "=") { return true }
    }
    return false
  }

  /// Appends UTF-8 as the inside of a JSON string.
  private static func escape(_ bytes: UnsafeRawBufferPointer, to line: inout ByteBuffer) {
    var start = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      // Most bytes stand for themselves: they are copied in runs.
      if byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        index += 1
        continue
      }
      let (scalar, length) = decode(bytes, at: index)
      if byte >= 0x80 && !isDangerous(scalar) {
        index += length
        continue
      }
      line.append(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
      switch scalar {
      case 0x22: line.append("\\\"")
      case 0x5c: line.append("\\\\")
      case 0x0a: line.append("\\n")
      case 0x0d: line.append("\\r")
      case 0x09: line.append("\\t")
      default:
        line.append("\\u")
        for shift in [12, 8, 4, 0] as [UInt32] {
          line.append(digit(UInt8(truncatingIfNeeded: scalar >> shift)))
        }
      }
      index += length
      start = index
    }
    line.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
  }

  /// C1 controls (a terminal obeys some), line and paragraph separators, and everything that reorders text
  /// or hides in it. All lie below U+10000, so one escape spells each.
  private static func isDangerous(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9f, 0x61c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb: true
    default: false
    }
  }

  /// The scalar at `index` of valid UTF-8, and the length of its encoding.
  private static func decode(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (UInt32, Int) {
    func tail(_ offset: Int) -> UInt32 { UInt32(bytes[index + offset] & 0x3f) }
    let first = UInt32(bytes[index])
    switch first {
    case ..<0x80: return (first, 1)
    case ..<0xe0: return ((first & 0x1f) << 6 | tail(1), 2)
    case ..<0xf0: return ((first & 0x0f) << 12 | tail(1) << 6 | tail(2), 3)
    default: return ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    }
  }

  /// Whether `byte` may stand in a key.
  static func isKey(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    let nibble = value & 0x0f
    return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
  }

  /// Appends bytes in hexadecimal, cut to `maximum` of them.
  static func append(hexadecimal bytes: ByteBuffer, maximum: Int, to line: inout ByteBuffer) {
    bytes.withReadableBytes { bytes in
      for byte in bytes.prefix(maximum) {
        line.append(digit(byte >> 4))
        line.append(digit(byte))
      }
      if bytes.count > maximum {
        line.append("…(+")
        append(UInt64(bytes.count - maximum), to: &line)
        line.append("bytes)")
      }
    }
  }

  /// Appends a whole number in decimal.
  static func append(_ number: UInt64, to line: inout ByteBuffer) {
    var rest = number
    var digits = 1
    var bound: UInt64 = 10
    while digits < 20 && number >= bound {
      digits += 1
      if digits == 20 { break }
      bound *= 10
    }
    _ = line.withWritableBytes(minimum: digits) { room in
      var index = digits
      repeat {
        index -= 1
        room[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      return digits
    }
  }

  /// Appends a whole number in decimal.
  static func append(_ number: Int64, to line: inout ByteBuffer) {
    if number < 0 { line.append(UInt8(ascii: "-")) }
    append(number.magnitude, to: &line)
  }

  /// Appends a length of time in the unit that leaves a number from 1 to 999, or in seconds: `1.25ms`.
  static func append(_ duration: Duration, to line: inout ByteBuffer) {
    if duration < .zero { line.append(UInt8(ascii: "-")) }
    let nanoseconds = duration.magnitude.wholeNanoseconds
    let (unit, name): (UInt64, StaticString) =
      switch nanoseconds {
      case ..<1_000: (1, "ns")
      case ..<1_000_000: (1_000, "us")
      case ..<1_000_000_000: (1_000_000, "ms")
      default: (1_000_000_000, "s")
      }
    append(nanoseconds / unit, to: &line)
    // Three decimals, without the zeros at their end.
    var thousandths = nanoseconds % unit * 1000 / unit
    if thousandths > 0 {
      line.append(UInt8(ascii: "."))
      var place: UInt64 = 100
      while thousandths > 0 {
        line.append(0x30 + UInt8(truncatingIfNeeded: thousandths / place))
        thousandths %= place
        place /= 10
      }
    }
    line.append(name)
  }
}

extension Duration {
  /// The duration without its sign.
  var magnitude: Duration { self < .zero ? .zero - self : self }
}
