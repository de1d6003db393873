// A value of a fixed number of bytes, kept inline: what keys, nonces, tags and signatures are made of.

public import Bytes

/// A number of bytes that the type fixes, kept inline. `FixedBytes` is the one there is; the protocol lets a
/// generic type (`Digest`) have its length depend on its parameter.
public protocol InlineBytes: BitwiseCopyable, Sendable, Hashable, CustomStringConvertible {
  /// All bytes zero.
  init()
  /// How many bytes there are.
  static var byteCount: Int { get }
  /// The bytes.
  var bytes: RawSpan {
    @_lifetime(borrow self) borrowing get
  }
  /// Calls `body` with the bytes, to be changed in place.
  mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

/// Exactly `size` bytes, without a heap allocation. Equality takes the same time wherever two values differ.
@frozen
public struct FixedBytes<let size: Int>: InlineBytes {
  @usableFromInline var storage: InlineArray<size, UInt8>

  /// All bytes zero.
  @inlinable
  public init() { storage = InlineArray(repeating: 0) }

  /// A copy of `bytes`; nil unless there are exactly `size` of them.
  @inlinable
  public init?(_ bytes: RawSpan) {
    guard bytes.byteCount == size else { return nil }
    self.init()
    withMutableBytes { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
  }

  /// A copy of `bytes`; nil unless there are exactly `size` of them.
  @inlinable
  public init?(_ bytes: [UInt8]) { self.init(bytes.span.bytes) }

  /// How many bytes there are.
  @inlinable public static var byteCount: Int { size }

  /// The bytes.
  @inlinable
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { storage.span.bytes }
  }

  /// The byte at `offset`.
  @inlinable
  public subscript(offset: Int) -> UInt8 {
    get { storage[offset] }
    set { storage[offset] = newValue }
  }

  /// Calls `body` with the bytes, to be changed in place.
  @inlinable
  public mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var span = storage.mutableSpan
    return try span.withUnsafeMutableBytes { pointer throws(Failure) in
      try body(pointer)
    }
  }
}

extension FixedBytes: Hashable {
  /// Equal when every byte is; takes the same time either way.
  @inlinable
  public static func == (left: FixedBytes, right: FixedBytes) -> Bool {
    constantTimeEqual(left.bytes, right.bytes)
  }

  /// Hashes the bytes.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension FixedBytes: CustomStringConvertible {
  /// The bytes in lowercase hex.
  public var description: String { hexadecimal(bytes) }
}

extension ByteBuffer {
  /// Appends the bytes of `value`.
  @inlinable
  public mutating func append<let size: Int>(_ value: FixedBytes<size>) { append(value.bytes) }
}

/// Lowercase hex.
func hexadecimal(_ bytes: RawSpan) -> String {
  String(unsafeUninitializedCapacity: bytes.byteCount * 2) { target in
    bytes.withUnsafeBytes { source in
      for (index, byte) in source.enumerated() {
        target[index * 2] = hexadecimalDigit(byte >> 4)
        target[index * 2 + 1] = hexadecimalDigit(byte & 15)
      }
    }
    return target.count
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
