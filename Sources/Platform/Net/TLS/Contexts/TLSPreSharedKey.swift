// Keys that both ends had before they met, instead of certificates (RFC 8446, section 2.2).

public import Crypto

/// A key shared with one peer, and the name that it goes by.
public struct TLSPreSharedKey: Sendable {
  /// Keys shorter than this can be guessed; longer ones have no use.
  public static let keyBytes = 16...64
  /// The longest identity, in bytes of UTF-8.
  public static let identityBytesMaximum = 256

  /// The name that the client gives; it travels unencrypted.
  public let identity: String
  /// The key.
  public let key: SecretBytes

  /// A key named `identity`.
  public init(identity: String, key: SecretBytes) throws(TLSError) {
    guard Self.keyBytes.contains(key.count) else {
      throw .invalidPreSharedKey(
        identity: identity,
        reason: "the key has \(key.count) bytes; accepted: \(Self.keyBytes.lowerBound) to "
          + "\(Self.keyBytes.upperBound)")
    }
    guard (1...Self.identityBytesMaximum).contains(identity.utf8.count) else {
      throw .invalidPreSharedKey(
        identity: identity,
        reason: "the identity has \(identity.utf8.count) bytes; accepted: 1 to \(Self.identityBytesMaximum)")
    }
    self.identity = identity
    self.key = key
  }
}
