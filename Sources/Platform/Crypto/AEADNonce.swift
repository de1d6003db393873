// The 12-byte nonce of every cipher here. A nonce must never serve twice under one key: count messages, or
// (for few messages per key, under 2^32) draw it at random.

/// A 12-byte nonce.
public struct AEADNonce: Sendable, Hashable {
  /// The nonce's bytes.
  public let value: FixedBytes<12>

  /// How many bytes a nonce has.
  public static var byteCount: Int { 12 }

  /// A nonce of these bytes.
  public init(_ bytes: RawSpan) throws(CryptoError) {
    guard let value = FixedBytes<12>(bytes) else {
      throw .invalidLength(of: "nonce", found: bytes.byteCount, accepted: "12")
    }
    self.value = value
  }

  /// Four zero bytes, then `counter` least significant byte first: Noise with ChaCha20-Poly1305.
  public init(littleEndianCounter counter: UInt64) { self.init(counter.littleEndian) }

  /// Four zero bytes, then `counter` most significant byte first: Noise with AES-GCM.
  public init(bigEndianCounter counter: UInt64) { self.init(counter.bigEndian) }

  private init(_ stored: UInt64) {
    var value = FixedBytes<12>()
    value.withMutableBytes { $0.storeBytes(of: stored, toByteOffset: 4, as: UInt64.self) }
    self.value = value
  }

  private init(value: FixedBytes<12>) { self.value = value }

  /// A nonce drawn at random.
  public static func random() -> AEADNonce { AEADNonce(value: SecureRandom.value()) }
}
