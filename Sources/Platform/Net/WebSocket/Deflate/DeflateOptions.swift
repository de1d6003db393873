// What we are willing to do about compression, before a peer was asked.

/// How permessage-deflate (RFC 7692) is offered and accepted.
public struct DeflateOptions: Hashable, Sendable {
  /// The window that we compress with at most, as a power of two: 9 to 15. It costs 4 << bits bytes.
  public var ownWindowBits = 12
  /// The window that the peer may compress with at most: 8 to 15. It costs 1 << bits bytes here.
  public var peerWindowBits = 15
  /// Whether our messages may refer to earlier ones of ours.
  public var keepsOwnContext = true
  /// Whether the peer's messages may refer to earlier ones of the peer's.
  public var keepsPeerContext = true
  /// zlib's level: 1 is quick, 9 is small.
  public var level = 3
  /// zlib's memory level: 1 to 9. It costs 512 << level bytes.
  public var memoryLevel = 5
  /// Shorter messages are sent as they are: compressing them gains nothing.
  public var messageBytesMinimum = 64

  /// The usual options.
  public init() {}

  func check() {
    precondition((9...15).contains(ownWindowBits), "zlib compresses with windows of 9 to 15 bits")
    precondition((8...15).contains(peerWindowBits), "a window has 8 to 15 bits")
    precondition((1...9).contains(level) && (1...9).contains(memoryLevel), "zlib's levels are 1 to 9")
    precondition(messageBytesMinimum >= 0, "a message has a size")
  }
}
