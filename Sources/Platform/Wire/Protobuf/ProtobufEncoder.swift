// Writes a message back to front into room of exactly its size. Backwards, the length of a nested message is
// known when its prefix is due, so no sizes are kept between the sizing pass and this one.

import Bytes

/// Fills a buffer from its end towards its start.
public struct ProtobufEncoder: ~Copyable {
  /// The largest message other implementations read: two gigabytes.
  public static let messageBytesMaximum = Int(Int32.max)

  /// The first byte written so far.
  @usableFromInline var position: UnsafeMutableRawPointer
  @usableFromInline let start: UnsafeMutableRawPointer

  @usableFromInline
  init(filling room: UnsafeMutableRawBufferPointer) {
    precondition(room.count > 0, "no room")
    start = room.baseAddress!
    position = start + room.count
  }

  /// Whether all the room is used.
  @usableFromInline var isFull: Bool { position == start }

  /// Moves back over `count` bytes, which the caller then writes.
  @inlinable
  @inline(__always)
  mutating func retreat(_ count: Int) {
    precondition(position - start >= count, "message larger than its size")
    position -= count
  }

  /// Writes a varint.
  @inlinable
  @inline(__always)
  public mutating func prepend(varint value: UInt64) {
    if value < 0x80 {
      retreat(1)
      position.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    } else if value < 0x4000 {
      retreat(2)
      let pair = UInt16(truncatingIfNeeded: value & 0x7f | (value >> 7) << 8 | 0x80)
      position.storeBytes(of: pair.littleEndian, as: UInt16.self)
    } else {
      prependLong(varint: value)
    }
  }

  @usableFromInline
  mutating func prependLong(varint value: UInt64) {
    retreat(ProtobufSize.varint(value))
    var target = position
    var rest = value
    while rest >= 0x80 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      target += 1
      rest >>= 7
    }
    target.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
  }

  /// Writes a value of fixed size, least significant byte first.
  @inlinable
  @inline(__always)
  public mutating func prepend<Value: FixedWidthInteger & BitwiseCopyable>(fixed value: Value) {
    retreat(MemoryLayout<Value>.size)
    position.storeBytes(of: value.littleEndian, as: Value.self)
  }

  /// Writes bytes as they are.
  @inlinable
  public mutating func prepend(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    retreat(bytes.count)
    position.copyMemory(from: source, byteCount: bytes.count)
  }

  /// Writes the UTF-8 of `string` and its length.
  @usableFromInline
  mutating func prepend(_ string: String) {
    let count = string.utf8.count
    let done: Void? = string.utf8.withContiguousStorageIfAvailable { prepend(UnsafeRawBufferPointer($0)) }
    if done == nil {
      retreat(count)
      UnsafeMutableRawBufferPointer(start: position, count: count).copyBytes(from: string.utf8)
    }
    prepend(varint: UInt64(count))
  }

  /// How many bytes are still to be written: the difference over a nested message is its length.
  @inlinable var left: Int { position - start }

  /// Writes a nested message and its length.
  @inlinable
  @inline(__always)
  mutating func prepend(_ message: some Message) {
    let before = left
    message.encodeFields(into: &self)
    prepend(varint: UInt64(before - left))
  }
}

/// Sizes on the wire.
public enum ProtobufSize {
  /// The length of a varint: one byte for each seven bits begun.
  @inlinable
  @inline(__always)
  public static func varint(_ value: UInt64) -> Int {
    // (bits * 9 + 64) / 64 is (bits + 6) / 7 for every width there is.
    let bits = 64 - (value | 1).leadingZeroBitCount
    return (bits * 9 + 64) >> 6
  }

  /// A length-prefixed value of `count` bytes.
  @inlinable
  @inline(__always)
  public static func delimited(_ count: Int) -> Int { varint(UInt64(count)) + count }
}
