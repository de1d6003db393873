// The cursor generated code reads with: tags, varints, fixed-size values, lengths, and the limits. One inout
// struct goes down through the nested messages; entering a message only moves `end` in. What is read of
// which type is said by the field types (ProtobufFieldType.swift); containers are ProtobufDecoder+Containers.
//
// Safety: the pointers are good while the closure runs that the bytes were lent to. The decoder is not
// copyable, is made only there, and is only ever lent `inout`, so it cannot outlive them. No byte at or after
// `end` is interpreted; wide loads may touch bytes up to `limit`, the end of the whole input.

public import Bytes

/// A cursor over the bytes of a message.
public struct ProtobufDecoder: ~Copyable {
  @usableFromInline var position: UnsafeRawPointer
  /// The end of the message being read.
  @usableFromInline var end: UnsafeRawPointer
  /// Where the tag of the field being read begins.
  @usableFromInline var fieldStart: UnsafeRawPointer
  /// Levels that may still be entered.
  @usableFromInline var depthLeft: Int
  /// Elements and map entries that may still be made.
  @usableFromInline var elementsLeft: Int
  /// The end of the whole input.
  @usableFromInline let limit: UnsafeRawPointer
  @usableFromInline let base: UnsafeRawPointer
  @usableFromInline let owner: ByteBuffer?
  @usableFromInline let limits: ProtobufDecodingLimits

  @usableFromInline
  init(
    _ input: UnsafeRawBufferPointer, owner: ByteBuffer?, limits: ProtobufDecodingLimits
  ) throws(ProtobufError) {
    guard input.count <= limits.messageBytes else {
      throw .messageTooLarge(bytes: input.count, limit: limits.messageBytes)
    }
    // An empty input may have no address; one past any static byte will do, since nothing is read.
    base = input.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
    position = base
    fieldStart = base
    end = base + input.count
    limit = end
    depthLeft = limits.depth
    elementsLeft = limits.elements
    self.owner = owner
    self.limits = limits
  }

  // MARK: Tags

  /// The next tag (field number times eight, plus the wire type), or nil at the end of the message.
  @inlinable
  @inline(__always)
  public mutating func nextTag() throws(ProtobufError) -> UInt32? {
    if position == end { return nil }
    fieldStart = position
    let first = position.load(as: UInt8.self)
    // One byte, and the field number is not 0: fields 1 to 15.
    if first &- 8 < 0x78 {
      position += 1
      return UInt32(first)
    }
    // Two bytes, in the shortest form: fields 16 to 2047.
    if end - position >= 2 {
      let second = position.load(fromByteOffset: 1, as: UInt8.self)
      if first >= 0x80 && second &- 1 < 0x7f {
        position += 2
        return UInt32(first & 0x7f) | UInt32(second) << 7
      }
    }
    return try longTag()
  }

  @usableFromInline
  @inline(never)
  mutating func longTag() throws(ProtobufError) -> UInt32 {
    var tag: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      if position == end { throw .truncated(here) }
      let byte = position.load(as: UInt8.self)
      position += 1
      tag |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { break }
      shift += 7
      if shift == 35 { throw .varintOverflow(here) }
    }
    guard let short = UInt32(exactly: tag) else { throw .varintOverflow(here) }
    if short < 8 { throw .fieldNumberZero(here) }
    return short
  }

  // MARK: Values

  /// A varint of at most 64 bits.
  @inlinable
  @inline(__always)
  public mutating func readVarint() throws(ProtobufError) -> UInt64 {
    if end - position >= 2 {
      // Two bytes cover lengths and most counts; both paths are worth their place in the caller.
      let pair = UInt64(UInt16(littleEndian: position.loadUnaligned(as: UInt16.self)))
      if pair & 0x80 == 0 {
        position += 1
        return pair & 0x7f
      }
      if pair & 0x8000 == 0 {
        position += 2
        return pair & 0x7f | (pair >> 8) << 7
      }
    }
    return try longVarint()
  }

  @usableFromInline
  @inline(never)
  mutating func longVarint() throws(ProtobufError) -> UInt64 {
    if limit - position >= 8 {
      // Eight bytes at once: find the last byte of the varint (top bit clear), cut there, close the gaps.
      let word = UInt64(littleEndian: position.loadUnaligned(as: UInt64.self))
      let stops = ~word & 0x8080_8080_8080_8080
      if stops != 0 {
        let next = position + (stops.trailingZeroBitCount >> 3 + 1)
        if next > end { throw .truncated(here) }
        position = next
        var value = word & (stops ^ (stops &- 1))
        value = (value & 0x007f_007f_007f_007f) | ((value & 0x7f00_7f00_7f00_7f00) >> 1)
        value = (value & 0x0000_3fff_0000_3fff) | ((value & 0x3fff_0000_3fff_0000) >> 2)
        return (value & 0x0000_0000_0fff_ffff) | ((value & 0x0fff_ffff_0000_0000) >> 4)
      }
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      if position == end { throw .truncated(here) }
      let byte = position.load(as: UInt8.self)
      position += 1
      // The tenth byte carries bit 63 only.
      if shift == 63 && byte > 1 { throw .varintOverflow(here) }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// A value of fixed size, least significant byte first.
  @inlinable
  @inline(__always)
  public mutating func readFixed<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(ProtobufError) -> Value {
    if end - position < MemoryLayout<Value>.size { throw .truncated(here) }
    let value = Value(littleEndian: position.loadUnaligned(as: Value.self))
    position += MemoryLayout<Value>.size
    return value
  }

  /// A length prefix; that many bytes are there.
  @inlinable
  @inline(__always)
  public mutating func readLength() throws(ProtobufError) -> Int {
    let length = try readVarint()
    if length > UInt64(UInt(bitPattern: end - position)) { throw .truncated(here) }
    return Int(length)
  }

  /// A length-prefixed string.
  @inlinable
  @inline(__always)
  public mutating func readString() throws(ProtobufError) -> String {
    let length = try readLength()
    if length == 0 { return "" }
    return try string(length)
  }

  @usableFromInline
  @inline(never)
  mutating func string(_ length: Int) throws(ProtobufError) -> String {
    if length > limits.fieldBytes {
      throw .fieldTooLong(here, bytes: length, limit: limits.fieldBytes)
    }
    let bytes = UnsafeBufferPointer(start: position.assumingMemoryBound(to: UInt8.self), count: length)
    do throws(UTF8.ValidationError) {
      // Not `String(validating:as:)`, which is generic and costs 60 ns more a string.
      let string = String(copying: try UTF8Span(validating: bytes.span))
      position += length
      return string
    } catch {
      throw .notUTF8(here)
    }
  }

  /// A length-prefixed run of bytes.
  @usableFromInline
  mutating func readBytes() throws(ProtobufError) -> ByteBuffer {
    let length = try readLength()
    if length == 0 { return ByteBuffer() }
    return try buffer(length)
  }

  /// A length-prefixed run of bytes; nil when it is empty, as fields without presence keep it.
  public mutating func readBytesOrNil() throws(ProtobufError) -> ByteBuffer? {
    let length = try readLength()
    return length == 0 ? nil : try buffer(length)
  }

  private mutating func buffer(_ length: Int) throws(ProtobufError) -> ByteBuffer {
    if length > limits.fieldBytes {
      throw .fieldTooLong(here, bytes: length, limit: limits.fieldBytes)
    }
    defer { position += length }
    if length >= limits.sharedBytesMinimum, let owner {
      return owner.slice(from: position - base, count: length)
    }
    return ByteBuffer(copying: UnsafeRawBufferPointer(start: position, count: length))
  }

  // MARK: Limits and errors

  /// Takes `count` elements out of what the message may still make.
  @inlinable
  @inline(__always)
  mutating func spend(elements count: Int) throws(ProtobufError) {
    elementsLeft &-= count
    if elementsLeft < 0 { throw .tooManyElements(here, limit: limits.elements) }
  }

  /// Where the cursor stands; the field number is read again from its tag, so that it costs nothing before.
  @usableFromInline var here: ProtobufPosition {
    @inline(never) get {
      var number = 0
      var shift = 0
      var pointer = fieldStart
      while pointer < limit, shift < 35 {
        let byte = pointer.load(as: UInt8.self)
        number |= Int(byte & 0x7f) << shift
        if byte < 0x80 { break }
        pointer += 1
        shift += 7
      }
      return ProtobufPosition(byte: position - base, field: number >> 3 & 0x1fff_ffff)
    }
  }
}
