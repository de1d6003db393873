// Kafka's varints: zigzag, seven bits a byte, least significant group first; lengths and offset deltas fit in
// 32 bits, timestamp deltas in 64. Reading and writing here work on bare memory, for the loops over records.

@usableFromInline
enum Varint {
  @inlinable
  @inline(__always)
  static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)) }

  /// How many bytes `value` takes: 1 to 10.
  @inlinable
  @inline(__always)
  static func byteCount(_ value: Int64) -> Int {
    // ceil(significant bits / 7), without dividing.
    ((64 &- (zigzag(value) | 1).leadingZeroBitCount) &* 9 &+ 64) &>> 6
  }

  /// Writes `value` and moves `cursor` past it.
  @inlinable
  @inline(__always)
  static func write(_ value: Int64, to cursor: inout UnsafeMutableRawPointer) {
    var rest = zigzag(value)
    while rest >= 0x80 {
      cursor.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      cursor += 1
      rest &>>= 7
    }
    cursor.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    cursor += 1
  }

  /// Reads a value of 32 bits and moves `cursor` past it; nil when `end` comes first or it does not fit.
  @inlinable
  @inline(__always)
  static func read32(_ cursor: inout UnsafeRawPointer, before end: UnsafeRawPointer) -> Int? {
    guard cursor < end else { return nil }
    let first = cursor.load(as: UInt8.self)
    if first < 0x80 {
      cursor += 1
      return Int(first &>> 1) ^ -Int(first & 1)
    }
    guard let value = readLong(&cursor, before: end), let narrow = Int32(exactly: value) else { return nil }
    return Int(narrow)
  }

  /// Reads a value of 64 bits and moves `cursor` past it; nil when `end` comes first or it does not fit.
  @inlinable
  @inline(__always)
  static func read64(_ cursor: inout UnsafeRawPointer, before end: UnsafeRawPointer) -> Int64? {
    guard cursor < end else { return nil }
    let first = cursor.load(as: UInt8.self)
    if first < 0x80 {
      cursor += 1
      return Int64(first &>> 1) ^ -Int64(first & 1)
    }
    return readLong(&cursor, before: end)
  }

  @inlinable
  static func readLong(_ cursor: inout UnsafeRawPointer, before end: UnsafeRawPointer) -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var next = cursor
    while next < end {
      let byte = next.load(as: UInt8.self)
      next += 1
      // The tenth byte carries bit 63 only.
      if shift == 63 && byte > 1 { return nil }
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 {
        cursor = next
        return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
      }
      shift &+= 7
    }
    return nil
  }
}
