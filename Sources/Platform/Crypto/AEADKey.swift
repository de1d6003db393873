// A sealing key as a value: for cookies, tokens and files, where one key is shared by many threads and a
// message now and then does not pay for keeping a cipher ready.

public import Bytes

/// A key and the cipher it is for.
public struct AEADKey: Sendable, Equatable {
  /// Which cipher the key is for.
  public let algorithm: AEADAlgorithm
  /// The key itself.
  public let secret: SecretBytes

  /// A key of the algorithm's length.
  public init(_ algorithm: AEADAlgorithm, _ secret: SecretBytes) throws(CryptoError) {
    guard secret.count == algorithm.keyByteCount else {
      throw .invalidLength(of: "\(algorithm) key", found: secret.count, accepted: "\(algorithm.keyByteCount)")
    }
    self.algorithm = algorithm
    self.secret = secret
  }

  /// A new random key.
  public init(random algorithm: AEADAlgorithm) {
    self.algorithm = algorithm
    secret = SecretBytes(randomCount: algorithm.keyByteCount)
  }

  /// The key, ready for message after message.
  public func cipher() -> AEADCipher { AEADCipher(self) }

  /// `message` encrypted, with its tag after it.
  public func seal(
    _ message: RawSpan, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) -> ByteBuffer {
    var cipher = cipher()
    var sealed = ByteBuffer(capacity: message.byteCount + AEADTag.byteCount)
    sealed.append(message)
    try cipher.seal(&sealed, nonce: nonce, associatedData: associatedData)
    return sealed
  }

  /// The message that `sealed` (with its tag at the end) holds.
  public func open(
    _ sealed: RawSpan, nonce: AEADNonce, associatedData: RawSpan
  ) throws(CryptoError) -> ByteBuffer {
    var cipher = cipher()
    var message = ByteBuffer(copying: sealed)
    try cipher.open(&message, nonce: nonce, associatedData: associatedData)
    return message
  }
}

extension AEADKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The cipher's name, not the key.
  public var description: String { "<\(algorithm) key>" }
  /// The cipher's name, not the key.
  public var debugDescription: String { description }
  /// No children: the key does not show in a dump.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
