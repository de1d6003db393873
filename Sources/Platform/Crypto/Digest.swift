// The result of a hash function: a value of its length, typed by the function so that a SHA-1 digest cannot
// go where a SHA-256 one belongs.

public import Bytes

/// A digest of `Function`, or an HMAC made with it. Equality takes the same time wherever two digests differ.
@frozen
public struct Digest<Function: HashFunction>: Sendable, Hashable {
  @usableFromInline var storage: Function.DigestBytes

  @inlinable
  init(filling fill: (UnsafeMutableRawBufferPointer) -> Void) {
    storage = Function.DigestBytes()
    storage.withMutableBytes(fill)
  }

  /// A digest that was computed elsewhere; nil unless `bytes` has its length.
  @inlinable
  public init?(_ bytes: RawSpan) {
    guard bytes.byteCount == Self.byteCount else { return nil }
    self.init { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
  }

  /// How many bytes a digest has.
  @inlinable public static var byteCount: Int { Function.DigestBytes.byteCount }

  /// Calls `body` with the bytes, which must not be kept.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withBytes(body)
  }

  /// Calls `body` with the bytes, which must not be kept.
  @inlinable
  public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeBytes(body)
  }

  /// Copies as many of the first bytes as `target` has room for, which is no more than there are.
  @inlinable
  public func copyPrefix(to target: UnsafeMutableRawBufferPointer) {
    precondition(target.count <= Self.byteCount, "asking for more bytes than a digest has")
    storage.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<target.count]))
    }
  }
}

extension Digest: CustomStringConvertible {
  /// The digest in lowercase hex.
  public var description: String { storage.description }
}

extension ByteBuffer {
  /// Appends the bytes of a digest.
  @inlinable
  public mutating func append<Function>(_ digest: Digest<Function>) {
    digest.withUnsafeBytes { append($0) }
  }
}
