// One key ready for use: the key schedule is computed once, and each message only sets a nonce. For a
// connection's direction, which owns its cipher and uses it message after message. For a key that many
// threads share, or that serves now and then, see AEADKey.swift.

public import Bytes
import COpenSSL

/// The 16-byte proof that a sealed message was not changed.
public typealias AEADTag = FixedBytes<16>

/// An authenticated cipher under one key.
///
/// `@unchecked Sendable`: the only owner of its OpenSSL context (not copyable), and every use is `mutating`,
/// so no two threads can be in it at once.
public struct AEADCipher: ~Copyable, @unchecked Sendable {
  /// Which cipher this is.
  public let algorithm: AEADAlgorithm
  private let context: OpaquePointer

  /// The longest message, and the longest associated data: OpenSSL takes lengths as `int`.
  public static var messageBytesMaximum: Int { 1 << 30 }

  /// A cipher under `key`.
  public init(_ key: AEADKey) {
    algorithm = key.algorithm
    let context = demand(EVP_CIPHER_CTX_new(), "allocate a cipher")
    let result = key.secret.withUnsafeBytes {
      EVP_CipherInit_ex2(
        context, key.algorithm.cipher, $0.bindMemory(to: UInt8.self).baseAddress, nil, 1, nil)
    }
    demand(result, "set a cipher's key")
    self.context = context
  }

  // Wipes the key schedule.
  deinit { EVP_CIPHER_CTX_free(context) }

  // MARK: In place, tag apart

  /// Encrypts `message` where it is and returns its tag.
  public mutating func seal(
    inPlace message: UnsafeMutableRawBufferPointer, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) -> AEADTag {
    try start(nonce, associatedData, message.count, sealing: true)
    try transform(message, "seal")
    var tag = AEADTag()
    let result = tag.withMutableBytes {
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32($0.count), $0.baseAddress)
    }
    try require(result, "read the tag of a sealed message")
    return tag
  }

  /// Decrypts `message` where it is, if `tag` is its tag; otherwise overwrites it with zeros and throws
  /// `authenticationFailed`, so that nothing of an unproven plaintext is left to be used by mistake.
  public mutating func open(
    inPlace message: UnsafeMutableRawBufferPointer, tag: AEADTag, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) {
    try start(nonce, associatedData, message.count, sealing: false)
    var expected = tag
    let result = expected.withMutableBytes {
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32($0.count), $0.baseAddress)
    }
    try require(result, "set the tag of a sealed message")
    do {
      try transform(message, "open")
    } catch {
      OPENSSL_cleanse(message.baseAddress, message.count)
      throw .authenticationFailed
    }
  }

  private mutating func start(
    _ nonce: AEADNonce, _ associatedData: RawSpan, _ messageCount: Int, sealing: Bool
  ) throws(CryptoError) {
    let maximum = Self.messageBytesMaximum
    guard messageCount <= maximum, associatedData.byteCount <= maximum else {
      throw .invalidLength(
        of: "message or associated data", found: max(messageCount, associatedData.byteCount),
        accepted: "0 to \(maximum)")
    }
    let started = nonce.value.withUnsafeBytes {
      EVP_CipherInit_ex2(
        context, nil, nil, $0.bindMemory(to: UInt8.self).baseAddress, sealing ? 1 : 0, nil)
    }
    try require(started, "set a nonce")
    guard associatedData.byteCount > 0 else { return }
    var written: Int32 = 0
    let result = associatedData.withUnsafeBytes {
      EVP_CipherUpdate(
        context, nil, &written, $0.bindMemory(to: UInt8.self).baseAddress, Int32($0.count))
    }
    try require(result, "take in associated data")
  }

  private mutating func transform(
    _ message: UnsafeMutableRawBufferPointer, _ verb: StaticString
  ) throws(CryptoError) {
    var written: Int32 = 0
    let bytes = message.bindMemory(to: UInt8.self).baseAddress
    if message.count > 0 {
      try require(
        EVP_CipherUpdate(context, bytes, &written, bytes, Int32(message.count)), "\(verb) a message")
    }
    // Every cipher here is a stream: all output came from the update, and the end writes nothing.
    try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { rest throws(CryptoError) in
      try require(EVP_CipherFinal_ex(context, rest.baseAddress, &written), "\(verb) a message")
    }
  }
}

extension AEADCipher {
  // MARK: Buffers, tag appended

  /// Encrypts the readable bytes of `message` and appends the tag.
  public mutating func seal(
    _ message: inout ByteBuffer, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) {
    message.reserve(AEADTag.byteCount)
    let tag = try message.withMutableReadableBytes { bytes throws(CryptoError) in
      try seal(inPlace: bytes, nonce: nonce, associatedData: associatedData)
    }
    message.append(tag)
  }

  /// Decrypts the readable bytes of `message`, whose last 16 are the tag, and drops the tag. If the tag is
  /// wrong the buffer is empty afterwards.
  public mutating func open(
    _ message: inout ByteBuffer, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) {
    let count = message.count - AEADTag.byteCount
    guard count >= 0 else {
      throw .invalidLength(of: "sealed message", found: message.count, accepted: "16 or more")
    }
    do {
      try message.withMutableReadableBytes { bytes throws(CryptoError) in
        let sealed = UnsafeRawBufferPointer(bytes)
        guard let tag = AEADTag(UnsafeRawBufferPointer(rebasing: sealed[count...]).bytes) else {
          preconditionFailure("a tag's worth of bytes is not a tag")
        }
        try open(
          inPlace: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), tag: tag, nonce: nonce,
          associatedData: associatedData)
      }
    } catch {
      message.truncate(to: 0)
      throw error
    }
    message.truncate(to: count)
  }
}
