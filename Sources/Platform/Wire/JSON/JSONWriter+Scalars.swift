// What scalars look like on the wire: strings with RFC 8259's escapes, integers in full, doubles by the
// shortest digits that read back to the same value.

import Bytes

extension JSONWriter {
  // MARK: Fixed words

  /// Writes `null`.
  public mutating func null() {
    beginValue(4)
    put("null")
  }

  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) {
    beginValue(5)
    if value { put("true") } else { put("false") }
  }

  /// Writes a value that is JSON already. It is trusted: nobody looks at the bytes.
  public mutating func raw(_ json: RawSpan) {
    beginValue(json.byteCount)
    json.withUnsafeBytes { put($0) }
  }

  /// Writes a value that is JSON already.
  mutating func raw(_ json: StaticString) {
    beginValue(json.utf8CodeUnitCount)
    put(json)
  }

  // MARK: Strings

  /// Writes a string, escaped as needed.
  public mutating func string(_ value: String) {
    beginValue(4)
    putQuoted(value)
  }

  /// Writes a string given as UTF-8, which the caller has validated: a string from a decoder of ours.
  public mutating func string(utf8 bytes: RawSpan) {
    beginValue(4)
    bytes.withUnsafeBytes { putQuoted($0) }
  }

  /// Writes a string that needs no escaping: a literal of printable characters without `"` and `\`.
  @inlinable
  public mutating func plainString(_ literal: StaticString) {
    let count = literal.utf8CodeUnitCount
    beginValue(count + 2)
    put(UInt8(ascii: "\""))
    literal.withUTF8Buffer { bytes in
      assert(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }, "this string needs escaping")
      cursor.copyMemory(from: UnsafeRawPointer(bytes.baseAddress!), byteCount: count)
    }
    cursor += count
    put(UInt8(ascii: "\""))
  }

  /// Writes bytes as a string of base64.
  public mutating func base64(_ bytes: RawSpan, as variant: Base64 = .standard) {
    let count = variant.encodedCount(of: bytes.byteCount)
    beginValue(count + 2)
    put(UInt8(ascii: "\""))
    bytes.withUnsafeBytes { variant.write($0, to: cursor) }
    cursor += count
    put(UInt8(ascii: "\""))
  }

  mutating func putQuoted(_ value: String) {
    var native = value
    native.withUTF8 { putQuoted(UnsafeRawBufferPointer($0)) }
  }

  mutating func putQuoted(_ bytes: UnsafeRawBufferPointer) {
    // Whole words are stored before it is known how much of them is plain: seven bytes of slack.
    ensure(bytes.count + 10)
    put(UInt8(ascii: "\""))
    if let source = bytes.baseAddress {
      let copied = putPlain(source, count: bytes.count)
      if copied < bytes.count { putEscaped(source, from: copied, count: bytes.count) }
    }
    put(UInt8(ascii: "\""))
  }

  /// Copies up to the first byte that must be escaped; returns how many bytes that were.
  @inline(__always)
  private mutating func putPlain(_ source: UnsafeRawPointer, count: Int) -> Int {
    var index = 0
    while count &- index >= 16 {
      let first = (source + index).loadUnaligned(as: UInt64.self)
      let second = (source + index + 8).loadUnaligned(as: UInt64.self)
      let mask = JSONScan.escapeMask(UInt64(littleEndian: first))
      if mask | JSONScan.escapeMask(UInt64(littleEndian: second)) != 0 { break }
      cursor.storeBytes(of: first, as: UInt64.self)
      (cursor + 8).storeBytes(of: second, as: UInt64.self)
      cursor += 16
      index &+= 16
    }
    while count &- index >= 8 {
      let word = (source + index).loadUnaligned(as: UInt64.self)
      cursor.storeBytes(of: word, as: UInt64.self)
      let mask = JSONScan.escapeMask(UInt64(littleEndian: word))
      if mask != 0 {
        let plain = mask.trailingZeroBitCount >> 3
        cursor += plain
        return index &+ plain
      }
      cursor += 8
      index &+= 8
    }
    while index < count {
      let byte = (source + index).load(as: UInt8.self)
      if byte < 0x20 || byte == 0x22 || byte == 0x5c { break }
      put(byte)
      index &+= 1
    }
    return index
  }

  /// Goes on from the first byte to escape; leaves room for the closing quote.
  @inline(never)
  private mutating func putEscaped(_ source: UnsafeRawPointer, from start: Int, count: Int) {
    var index = start
    while index < count {
      // Room for this escape, all the bytes after it if they are plain, the slack and the quote.
      ensure(count - index + 16)
      put(escapeOf: (source + index).load(as: UInt8.self))
      index += 1
      index += putPlain(source + index, count: count - index)
    }
  }

  private mutating func put(escapeOf byte: UInt8) {
    put(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5c: put(byte)
    case 0x08: put(UInt8(ascii: "b"))
    case 0x09: put(UInt8(ascii: "t"))
    case 0x0a: put(UInt8(ascii: "n"))
    case 0x0c: put(UInt8(ascii: "f"))
    case 0x0d: put(UInt8(ascii: "r"))
    default:
      put("u00")
      put(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
      let low = byte & 15
      put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") - 10 + low)
    }
  }

  // MARK: Numbers

  /// Writes an integer in full, whatever a JavaScript peer can hold. One that 64 bits and a sign cannot hold
  /// traps.
  @inlinable
  public mutating func integer<Integer: FixedWidthInteger>(_ value: Integer) {
    beginValue(21)
    putInteger(magnitude: UInt64(value.magnitude), isNegative: value < 0)
  }

  /// Writes an integer as a string, for peers that would read a number as a double.
  @inlinable
  public mutating func quotedInteger<Integer: FixedWidthInteger>(_ value: Integer) {
    beginValue(23)
    put(UInt8(ascii: "\""))
    putInteger(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    put(UInt8(ascii: "\""))
  }

  /// Writes a number by the shortest digits that read back to it, laid out as ECMAScript does (`1`, `0.1`,
  /// `1e+21`), except that negative zero keeps its sign.
  public mutating func double(_ value: Double) throws(JSONError) {
    guard value.isFinite else { throw notFinite() }
    beginValue(DecimalText.bytesMaximum)
    cursor += DecimalText.write(value, to: cursor)
  }

  /// Writes a number by the shortest digits that read back to it as a `Float`.
  public mutating func float(_ value: Float) throws(JSONError) {
    guard value.isFinite else { throw notFinite() }
    beginValue(DecimalText.bytesMaximum)
    cursor += DecimalText.write(value, to: cursor)
  }

  /// Writes a number exactly as it was read.
  public mutating func number(_ value: JSONNumber) {
    var text = value.text
    text.withUTF8 { bytes in
      beginValue(bytes.count)
      put(UnsafeRawBufferPointer(bytes))
    }
  }

  private func notFinite() -> JSONError {
    JSONError(.notFinite, at: JSONPosition(offset: count, line: 1, column: count + 1))
  }

  @usableFromInline
  mutating func putInteger(magnitude: UInt64, isNegative: Bool) {
    if isNegative { put(UInt8(ascii: "-")) }
    cursor += DecimalText.write(magnitude, to: cursor)
  }

  // MARK: Runs of bytes, where `ensure` made room

  private mutating func put(_ literal: StaticString) {
    cursor.copyMemory(from: literal.utf8Start, byteCount: literal.utf8CodeUnitCount)
    cursor += literal.utf8CodeUnitCount
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    cursor.copyMemory(from: source, byteCount: bytes.count)
    cursor += bytes.count
  }
}
