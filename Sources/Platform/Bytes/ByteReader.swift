// A cursor over borrowed bytes for every parser of the house: one bounds check per read, then an
// unchecked load. It cannot outlive the bytes it reads (`~Escapable`), so parsing never needs a copy.

/// Why a read from a `ByteReader` failed.
public enum ByteReaderError: Error, Equatable, Sendable {
  /// Fewer bytes are left than the read needs.
  case truncated
  /// A varint has more than ten bytes, or does not fit in 64 bits.
  case varintOverflow
}

/// A cursor over borrowed bytes.
public struct ByteReader: ~Escapable {
  @usableFromInline let base: UnsafeRawPointer
  @usableFromInline let limit: Int
  @usableFromInline var offset: Int

  /// A reader of `bytes`, from the first one.
  @inlinable
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) {
    // Safe: the lifetime annotation keeps the reader inside the span's borrow, so `base` stays good.
    (base, limit) = bytes.withUnsafeBytes { ($0.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!, $0.count) }
    offset = 0
  }

  /// How many bytes were read so far.
  @inlinable public var position: Int { offset }

  /// How many bytes are left.
  @inlinable public var remaining: Int { limit - offset }

  /// Whether every byte was read.
  @inlinable public var isAtEnd: Bool { offset == limit }

  /// The next byte, not consumed; nil at the end.
  @inlinable
  public var next: UInt8? {
    offset < limit ? (base + offset).load(as: UInt8.self) : nil
  }

  /// Reads one byte.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readByte() throws(ByteReaderError) -> UInt8 {
    guard offset < limit else { throw .truncated }
    let byte = (base + offset).load(as: UInt8.self)
    offset &+= 1
    return byte
  }

  /// Reads an integer stored least significant byte first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readLittleEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self
  ) throws(ByteReaderError) -> Integer {
    guard remaining >= MemoryLayout<Integer>.size else { throw .truncated }
    let value = (base + offset).loadUnaligned(as: Integer.self)
    offset &+= MemoryLayout<Integer>.size
    return Integer(littleEndian: value)
  }

  /// Reads an integer stored most significant byte first.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readBigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self
  ) throws(ByteReaderError) -> Integer {
    try readLittleEndian(type).byteSwapped
  }

  /// Reads an unsigned LEB128 varint of at most 64 bits.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readVarint() throws(ByteReaderError) -> UInt64 {
    guard offset < limit else { throw .truncated }
    let first = (base + offset).load(as: UInt8.self)
    if first < 0x80 {
      offset &+= 1
      return UInt64(first)
    }
    return try readLongVarint()
  }

  @inlinable
  @_lifetime(self: copy self)
  mutating func readLongVarint() throws(ByteReaderError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var index = offset
    while index < limit {
      let byte = (base + index).load(as: UInt8.self)
      index &+= 1
      // The tenth byte carries bit 63 only.
      if shift == 63 && byte > 1 { throw .varintOverflow }
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 {
        offset = index
        return value
      }
      shift &+= 7
    }
    throw .truncated
  }

  /// Reads a signed value stored as the varint of its zigzag form.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readZigzag() throws(ByteReaderError) -> Int64 {
    let raw = try readVarint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// Reads `count` bytes as a span of the same borrow.
  @inlinable
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func readSpan(_ count: Int) throws(ByteReaderError) -> RawSpan {
    guard count >= 0, count <= remaining else { throw .truncated }
    let span = RawSpan(_unsafeStart: base + offset, byteCount: count)
    offset &+= count
    return _overrideLifetime(span, copying: self)
  }

  /// Skips `count` bytes.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func skip(_ count: Int) throws(ByteReaderError) {
    guard count >= 0, count <= remaining else { throw .truncated }
    offset &+= count
  }

  /// Calls `body` with the bytes not yet read; the pointer is good only inside the call.
  @inlinable
  public func withRemainingBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base + offset, count: remaining))
  }
}
