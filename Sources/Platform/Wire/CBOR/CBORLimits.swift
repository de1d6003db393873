// How much a peer can make us hold for one message.

/// Limits a CBOR message must stay within. Every one is checked before anything is allocated for the item.
public struct CBORLimits: Hashable, Sendable {
  /// The depth no limit may exceed, so that recursion over a tree of values fits in any thread's stack.
  public static let deepest = 512

  /// How deep containers and tags may be nested; a scalar message has depth 0.
  public var depthMaximum: Int {
    didSet { precondition((0...Self.deepest).contains(depthMaximum), "depth limit outside 0...512") }
  }
  /// How many bytes one string may have, all chunks together.
  public var stringBytesMaximum: Int
  /// How many elements an array, or pairs a map, may have.
  public var containerCountMaximum: Int
  /// How many items the message may have in all (a map of one pair is three).
  public var itemsMaximum: Int
  /// How many bytes the message may have.
  public var messageBytesMaximum: Int

  /// Limits for a protocol message: 64 levels, 16 MiB, a million items.
  public init(
    depthMaximum: Int = 64, stringBytesMaximum: Int = 16 << 20, containerCountMaximum: Int = 1 << 20,
    itemsMaximum: Int = 1 << 20, messageBytesMaximum: Int = 16 << 20
  ) {
    precondition((0...Self.deepest).contains(depthMaximum), "depth limit outside 0...512")
    self.depthMaximum = depthMaximum
    self.stringBytesMaximum = stringBytesMaximum
    self.containerCountMaximum = containerCountMaximum
    self.itemsMaximum = itemsMaximum
    self.messageBytesMaximum = messageBytesMaximum
  }
}
