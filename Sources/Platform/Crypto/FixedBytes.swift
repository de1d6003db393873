// A value of a fixed number of bytes, kept inline: what keys, nonces, tags and signatures are made of.
//
// The bytes are lent to a closure, never handed out. A property `bytes: RawSpan { storage.span.bytes }` is a span
// of whatever copy of the value the caller happens to have, and optimized builds (Swift 6.3) reuse that copy's
// memory while the span is in use: right in debug builds, other bytes of the stack in optimized ones.

public import Bytes

/// A number of bytes that the type fixes, kept inline. `FixedBytes` is the one there is; the protocol lets a
/// generic type (`Digest`) have its length depend on its parameter.
public protocol InlineBytes: BitwiseCopyable, Sendable, Hashable, CustomStringConvertible {
  /// All bytes zero.
  init()
  /// How many bytes there are.
  static var byteCount: Int { get }
  /// Calls `body` with the bytes, which must not be kept.
  func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
  /// Calls `body` with the bytes, to be changed in place.
  mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

extension InlineBytes {
  /// Calls `body` with the bytes, which must not be kept.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeBytes { bytes throws(Failure) in try body(bytes.bytes) }
  }
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

  /// The byte at `offset`.
  @inlinable
  public subscript(offset: Int) -> UInt8 {
    get { storage[offset] }
    set { storage[offset] = newValue }
  }

  /// Calls `body` with the bytes, which must not be kept.
  @inlinable
  public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Swift.withUnsafeBytes(of: storage, body)
  }

  /// Calls `body` with the bytes, to be changed in place.
  @inlinable
  public mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeMutableBytes(of: &storage, body)
  }
}

extension FixedBytes: Hashable {
  /// Equal when every byte is; takes the same time either way.
  @inlinable
  public static func == (left: FixedBytes, right: FixedBytes) -> Bool {
    left.withBytes { one in right.withBytes { other in constantTimeEqual(one, other) } }
  }

  /// Hashes the bytes.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension FixedBytes: CustomStringConvertible {
  /// The bytes in lowercase hex.
  public var description: String { withBytes { hexadecimal($0) } }
}

extension ByteBuffer {
  /// Appends the bytes of `value`.
  @inlinable
  public mutating func append<let size: Int>(_ value: FixedBytes<size>) {
    value.withUnsafeBytes { append($0) }
  }
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
