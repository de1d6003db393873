// The hash functions as types, for code that knows which one it wants:
// `SHA256.hash(bytes)` at once, or `var hash = SHA256(); hash.update(…); hash.finalize()` piece by piece.

public import Bytes

/// A hash function, and how far it has got.
public protocol HashFunction: Sendable {
  /// The inline storage of a digest.
  associatedtype DigestBytes: InlineBytes
  /// The same function as a value.
  static var algorithm: HashAlgorithm { get }
  /// How far the function has got.
  var state: HashState { get set }
  /// The function before the first byte.
  init()
}

extension HashFunction {
  /// The digest of `bytes`.
  @inlinable
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest<Self> {
    Digest { HashState.hash(algorithm, bytes, into: $0) }
  }

  /// The digest of `bytes`.
  @inlinable
  public static func hash(_ bytes: RawSpan) -> Digest<Self> {
    bytes.withUnsafeBytes { hash($0) }
  }

  /// The digest of the readable bytes of `buffer`.
  @inlinable
  public static func hash(_ buffer: ByteBuffer) -> Digest<Self> {
    buffer.withReadableBytes { hash($0) }
  }

  /// Takes in more bytes.
  @inlinable
  public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bytes) }

  /// Takes in more bytes.
  @inlinable
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { state.update($0) }
  }

  /// Takes in the readable bytes of `buffer`.
  @inlinable
  public mutating func update(_ buffer: ByteBuffer) {
    buffer.withReadableBytes { state.update($0) }
  }

  /// The digest of the bytes so far. More may follow: the state stays where it is.
  @inlinable
  public func finalize() -> Digest<Self> {
    Digest { state.finalize(into: $0) }
  }
}

/// MD5: for checksums that other systems define, never for security.
public struct MD5: HashFunction {
  /// The inline storage of a digest.
  public typealias DigestBytes = FixedBytes<16>
  /// `HashAlgorithm.md5`.
  @inlinable public static var algorithm: HashAlgorithm { .md5 }
  /// How far the function has got.
  public var state: HashState
  /// The function before the first byte.
  public init() { state = HashState(.md5) }
}

/// SHA-1: for identifiers that other systems define, never for signatures.
public struct SHA1: HashFunction {
  /// The inline storage of a digest.
  public typealias DigestBytes = FixedBytes<20>
  /// `HashAlgorithm.sha1`.
  @inlinable public static var algorithm: HashAlgorithm { .sha1 }
  /// How far the function has got.
  public var state: HashState
  /// The function before the first byte.
  public init() { state = HashState(.sha1) }
}

/// SHA-256.
public struct SHA256: HashFunction {
  /// The inline storage of a digest.
  public typealias DigestBytes = FixedBytes<32>
  /// `HashAlgorithm.sha256`.
  @inlinable public static var algorithm: HashAlgorithm { .sha256 }
  /// How far the function has got.
  public var state: HashState
  /// The function before the first byte.
  public init() { state = HashState(.sha256) }
}

/// SHA-384.
public struct SHA384: HashFunction {
  /// The inline storage of a digest.
  public typealias DigestBytes = FixedBytes<48>
  /// `HashAlgorithm.sha384`.
  @inlinable public static var algorithm: HashAlgorithm { .sha384 }
  /// How far the function has got.
  public var state: HashState
  /// The function before the first byte.
  public init() { state = HashState(.sha384) }
}

/// SHA-512.
public struct SHA512: HashFunction {
  /// The inline storage of a digest.
  public typealias DigestBytes = FixedBytes<64>
  /// `HashAlgorithm.sha512`.
  @inlinable public static var algorithm: HashAlgorithm { .sha512 }
  /// How far the function has got.
  public var state: HashState
  /// The function before the first byte.
  public init() { state = HashState(.sha512) }
}
