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

  /// Appends a moment as RFC 3339 in UTC with microseconds: `2026-03-01T12:34:56.123456Z`.
  static func append(_ moment: Timestamp, to line: inout ByteBuffer) {
    let microseconds = floorDivide(moment.nanoseconds, 1000)
    let seconds = floorDivide(microseconds, 1_000_000)
    let days = floorDivide(seconds, 86_400)
    let second = seconds - days * 86_400
    let (year, month, day) = civil(days: days)
    _ = line.withWritableBytes(minimum: 27) { room in
      func put(_ value: Int64, _ digits: Int, at offset: Int, then mark: UInt8) {
        var rest = value
        for index in (0..<digits).reversed() {
          room[offset + index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
          rest /= 10
        }
        room[offset + digits] = mark
      }
      put(year, 4, at: 0, then: UInt8(ascii: "-"))
      put(month, 2, at: 5, then: UInt8(ascii: "-"))
      put(day, 2, at: 8, then: UInt8(ascii: "T"))
      put(second / 3600, 2, at: 11, then: UInt8(ascii: ":"))
      put(second / 60 % 60, 2, at: 14, then: UInt8(ascii: ":"))
      put(second % 60, 2, at: 17, then: UInt8(ascii: "."))
      put(microseconds - seconds * 1_000_000, 6, at: 20, then: UInt8(ascii: "Z"))
      return 27
    }
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
  }

  /// The Gregorian date `days` after 1970-01-01. Years are counted from March, so that the leap day ends one,
  /// in eras of 400 years, whose length is constant.
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let sinceEra = days + 719_468
    let era = floorDivide(sinceEra, 146_097)
    let dayOfEra = sinceEra - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Duration {
  /// The duration without its sign.
  var magnitude: Duration { self < .zero ? .zero - self : self }
}
