// Character classes of RFC 9110 and RFC 3986 as bit masks: a shift and a test a byte, no table to load.

/// Tests on the bytes that HTTP's text is made of.
@frozen
public enum HTTPByte {
  /// Carriage return.
  public static let carriageReturn: UInt8 = 13
  /// Line feed.
  public static let lineFeed: UInt8 = 10

  /// Whether `byte` may stand in a method or a field name.
  @inlinable @inline(__always)
  public static func isToken(_ byte: UInt8) -> Bool {
    isIn(byte, low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
  }

  /// Whether `byte` may stand in a request target: visible ASCII but `#`, whose fragment is never sent.
  @inlinable @inline(__always)
  public static func isTarget(_ byte: UInt8) -> Bool {
    isIn(byte, low: 0xffff_fff6_0000_0000, high: 0x7fff_ffff_ffff_ffff)
  }

  /// Whether `byte` may stand in a registered host name.
  @inlinable @inline(__always)
  public static func isHostName(_ byte: UInt8) -> Bool {
    isIn(byte, low: 0x2bff_7ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe)
  }

  /// Whether `byte` needs no escape anywhere in a URI.
  @inlinable @inline(__always)
  public static func isUnreserved(_ byte: UInt8) -> Bool {
    isIn(byte, low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe)
  }

  /// Whether `byte` may stand in a field value: visible, above ASCII, or a blank.
  @inlinable @inline(__always)
  public static func isFieldValue(_ byte: UInt8) -> Bool {
    byte >= 0x20 ? byte != 0x7f : byte == 0x09
  }

  /// Whether `byte` is a space or a tab.
  @inlinable @inline(__always)
  public static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Whether `byte` is a decimal digit.
  @inlinable @inline(__always)
  public static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// What the hexadecimal digit `byte` stands for; nil when it is none.
  @inlinable @inline(__always)
  public static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// `byte` with `A` to `Z` made small.
  @inlinable @inline(__always)
  public static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// Whether two texts are the same but for the case of ASCII letters.
  @inlinable
  public static func equalIgnoringCase(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer)
    -> Bool
  {
    guard left.count == right.count else { return false }
    for index in 0..<left.count {
      let (a, b) = (left[index], right[index])
      if a != b && lowercased(a) != lowercased(b) { return false }
    }
    return true
  }

  /// Whether a text is the literal but for the case of ASCII letters.
  @inlinable
  public static func equalIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
    guard bytes.count == literal.utf8CodeUnitCount else { return false }
    return equalIgnoringCase(
      bytes, UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// `bytes` without the blanks at both ends.
  @inlinable
  public static func trimmingBlanks(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, bytes.count)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }

  /// The first byte that may not stand in a field value; nil when all may.
  @inlinable
  public static func firstNotFieldValue(in bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    // Eight bytes at a time: almost every value passes, and a tab only sends its word to the careful loop.
    while index + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let ones: UInt64 = 0x0101_0101_0101_0101
      let highs: UInt64 = 0x8080_8080_8080_8080
      let below = (word &- ones &* 0x20) & ~word & highs
      let delete = word ^ (ones &* 0x7f)
      let isDelete = (delete &- ones) & ~delete & highs
      if below | isDelete != 0 {
        for position in index..<index + 8 where !isFieldValue(bytes[position]) { return position }
      }
      index += 8
    }
    while index < bytes.count {
      if !isFieldValue(bytes[index]) { return index }
      index += 1
    }
    return nil
  }

  @inlinable @inline(__always)
  static func isIn(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
    let mask = byte & 0x40 == 0 ? low : high
    return byte < 0x80 && mask &>> UInt64(byte & 0x3f) & 1 != 0
  }
}
