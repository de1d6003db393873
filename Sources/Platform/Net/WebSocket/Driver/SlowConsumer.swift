// A peer that takes messages more slowly than they are offered.

/// What is known of a peer whose send queue is full.
public struct SlowConsumer: Hashable, Sendable {
  /// What to do about it.
  public enum Decision: Hashable, Sendable {
    /// The peer misses this message.
    case drop
    /// Everything that waits is forgotten, and the connection closed with this frame.
    case close(CloseFrame)
  }

  /// Messages that wait to be sent.
  public let queuedMessages: Int
  /// Their bytes.
  public let queuedBytes: Int
  /// The payload of the message that finds no room, in bytes.
  public let offeredBytes: Int
  /// How many messages this peer has missed before.
  public let dropped: UInt64
}
