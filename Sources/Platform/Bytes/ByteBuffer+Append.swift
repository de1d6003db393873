// Every way of putting bytes at the end of a buffer.

public import Glibc

extension ByteBuffer {
  /// Appends one byte.
  @inlinable
  public mutating func append(_ byte: UInt8) {
    reserve(1)
    (storage.base + end).storeBytes(of: byte, as: UInt8.self)
    end += 1
  }

  /// Appends a copy of `bytes`.
  @inlinable
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(storage.base + end, source, bytes.count)
    end += bytes.count
  }

  /// Appends a copy of the span's bytes.
  @inlinable
  public mutating func append(_ bytes: RawSpan) {
    // A span may be of this buffer only through a borrow, which exclusivity forbids here: no overlap.
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends the readable bytes of another buffer.
  @inlinable
  public mutating func append(_ other: ByteBuffer) {
    other.withReadableBytes { append($0) }
  }

  /// Appends a literal without making a `String` of it.
  @inlinable
  public mutating func append(_ literal: StaticString) {
    literal.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends the UTF-8 of `string`.
  @inlinable
  public mutating func append(_ string: String) {
    let copied: Void? = string.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
    if copied == nil {
      for byte in string.utf8 { append(byte) }
    }
  }

  /// Appends the UTF-8 of part of a string.
  @inlinable
  public mutating func append(_ string: Substring) {
    let copied: Void? = string.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
    if copied == nil {
      for byte in string.utf8 { append(byte) }
    }
  }

  /// Appends each byte of a sequence.
  @inlinable
  public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
    let copied: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
    if copied == nil {
      for byte in bytes { append(byte) }
    }
  }

  /// Appends `count` copies of `byte`.
  @inlinable
  public mutating func append(repeating byte: UInt8, count: Int) {
    precondition(count >= 0, "negative count")
    reserve(count)
    memset(storage.base + end, Int32(byte), count)
    end += count
  }

  /// Appends an integer, most significant byte first.
  @inlinable
  public mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(bigEndian value: Integer) {
    reserve(MemoryLayout<Integer>.size)
    (storage.base + end).storeBytes(of: value.bigEndian, as: Integer.self)
    end += MemoryLayout<Integer>.size
  }

  /// Appends an integer, least significant byte first.
  @inlinable
  public mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Integer) {
    reserve(MemoryLayout<Integer>.size)
    (storage.base + end).storeBytes(of: value.littleEndian, as: Integer.self)
    end += MemoryLayout<Integer>.size
  }

  /// Appends an unsigned LEB128 varint: seven bits a byte, least significant group first.
  @inlinable
  public mutating func append(varint value: UInt64) {
    reserve(10)
    var target = storage.base + end
    var rest = value
    while rest >= 0x80 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      target += 1
      rest >>= 7
    }
    target.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    end = target + 1 - storage.base
  }

  /// Appends a signed value as the varint of its zigzag form (0, -1, 1, -2 become 0, 1, 2, 3).
  @inlinable
  public mutating func append(zigzag value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
}

extension ByteBuffer: Equatable {
  /// Equal when the readable bytes are.
  @inlinable
  public static func == (left: ByteBuffer, right: ByteBuffer) -> Bool {
    left.count == right.count
      && memcmp(left.storage.base + left.start, right.storage.base + right.start, left.count) == 0
  }
}

extension ByteBuffer: Hashable {
  /// Hashes the readable bytes.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    withReadableBytes { hasher.combine(bytes: $0) }
  }
}

extension ByteBuffer: CustomStringConvertible {
  /// The length and the first bytes in hex: for logs, never the whole content.
  public var description: String {
    let shown = Swift.min(count, 16)
    var text = "\(count) bytes"
    if shown > 0 {
      text += ":"
      for offset in 0..<shown {
        let byte = self[offset]
        text += byte < 16 ? " 0" : " "
        text += String(byte, radix: 16)
      }
    }
    return shown < count ? text + " …" : text
  }
}

extension String {
  /// The buffer's readable bytes as text; nil when they are not UTF-8.
  @inlinable
  public init?(validating buffer: ByteBuffer) {
    let text = buffer.withReadableBytes { bytes in
      String(validating: bytes.bindMemory(to: UInt8.self), as: UTF8.self)
    }
    guard let text else { return nil }
    self = text
  }
}

extension Array where Element == UInt8 {
  /// A copy of the buffer's readable bytes.
  @inlinable
  public init(_ buffer: ByteBuffer) {
    self = buffer.withReadableBytes { Array($0) }
  }
}
