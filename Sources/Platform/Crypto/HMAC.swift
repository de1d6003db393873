// HMAC (RFC 2104) over any hash function of this module.
//
// Built on the hash states rather than on OpenSSL's EVP_MAC: a key's two padded blocks are hashed once and
// kept, and each message after that costs two copies of a state in this thread's scratch context. That is a
// quarter of EVP_MAC's time for a short message, and needs no allocation. Tested against RFC 4231 and 2202.

public import Bytes
import COpenSSL

/// An HMAC key, and how far a message has got. As a value it can be kept ready-made and copied per message.
public struct HMAC<Function: HashFunction>: Sendable {
  @usableFromInline var state: HMACState

  /// Nothing authenticated yet, under `key` of any length.
  public init(key: RawSpan) {
    state = key.withUnsafeBytes { HMACState(Function.algorithm, key: $0) }
  }

  /// Nothing authenticated yet, under `key` of any length.
  public init(key: SecretBytes) {
    state = key.withUnsafeBytes { HMACState(Function.algorithm, key: $0) }
  }

  /// Takes in more bytes of the message.
  @inlinable
  public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.inner.update(bytes) }

  /// Takes in more bytes of the message.
  @inlinable
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { state.inner.update($0) }
  }

  /// Takes in the readable bytes of `buffer`.
  @inlinable
  public mutating func update(_ buffer: ByteBuffer) {
    buffer.withReadableBytes { state.inner.update($0) }
  }

  /// The code of the bytes so far. More may follow: the state stays where it is.
  @inlinable
  public func finalize() -> Digest<Function> {
    Digest { state.finalize(appending: UnsafeRawBufferPointer(start: nil, count: 0), into: $0) }
  }

  /// The code of the bytes so far and `message`: with a fresh value, the code of `message`.
  @inlinable
  public func code(of message: RawSpan) -> Digest<Function> {
    message.withUnsafeBytes { message in
      Digest { state.finalize(appending: message, into: $0) }
    }
  }

  /// Whether `code` is the one of `message`, compared in constant time.
  @inlinable
  public func isValid(_ code: RawSpan, of message: RawSpan) -> Bool {
    self.code(of: message).withBytes { constantTimeEqual(code, $0) }
  }

  /// The code of `message` under a key that is used once.
  @inlinable
  public static func code(of message: RawSpan, key: RawSpan) -> Digest<Function> {
    message.withUnsafeBytes { message in
      key.withUnsafeBytes { key in
        Digest { HMACState.code(Function.algorithm, message, key: key, into: $0) }
      }
    }
  }

  /// The code of `message` under a key that is used once.
  @inlinable
  public static func code(of message: RawSpan, key: SecretBytes) -> Digest<Function> {
    key.withBytes { code(of: message, key: $0) }
  }
}

/// The two hash states of a key: after its inner block (and the message so far), and after its outer block.
@usableFromInline
struct HMACState: Sendable {
  @usableFromInline var inner: HashState
  private let outer: HashState
  private let algorithm: HashAlgorithm

  init(_ algorithm: HashAlgorithm, key: UnsafeRawBufferPointer) {
    self.algorithm = algorithm
    (inner, outer) = Self.withBlock(algorithm, key) { block in
      var inner = HashState(algorithm)
      var outer = inner
      Self.pad(block, 0x36)
      inner.update(UnsafeRawBufferPointer(block))
      Self.pad(block, 0x36 ^ 0x5c)
      outer.update(UnsafeRawBufferPointer(block))
      return (inner, outer)
    }
  }

  @usableFromInline
  func finalize(appending bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
    inner.finalize(appending: bytes, into: output)
    let digest = UnsafeRawBufferPointer(rebasing: output[..<algorithm.digestByteCount])
    outer.finalize(appending: digest, into: output)
  }

  @usableFromInline
  static func code(
    _ algorithm: HashAlgorithm, _ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    withBlock(algorithm, key) { block in
      pad(block, 0x36)
      HashState.hash(algorithm, UnsafeRawBufferPointer(block), message, into: output)
      pad(block, 0x36 ^ 0x5c)
      let digest = UnsafeRawBufferPointer(rebasing: output[..<algorithm.digestByteCount])
      HashState.hash(algorithm, UnsafeRawBufferPointer(block), digest, into: output)
    }
  }

  /// Calls `body` with the key as one block of the function, hashed if it is longer; wiped afterwards.
  private static func withBlock<Result>(
    _ algorithm: HashAlgorithm, _ key: UnsafeRawBufferPointer,
    _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(byteCount: algorithm.blockByteCount, alignment: 16) { block in
      block.initializeMemory(as: UInt8.self, repeating: 0)
      defer { OPENSSL_cleanse(block.baseAddress, block.count) }
      if key.count > block.count {
        HashState.hash(algorithm, key, into: block)
      } else {
        block.copyMemory(from: key)
      }
      return body(block)
    }
  }

  private static func pad(_ block: UnsafeMutableRawBufferPointer, _ pattern: UInt8) {
    for index in block.indices { block[index] ^= pattern }
  }
}
