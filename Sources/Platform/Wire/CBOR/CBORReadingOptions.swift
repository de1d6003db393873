// What a reader of CBOR accepts beyond well-formed, valid messages, and what it does with them.

/// What a reader accepts.
public struct CBORReadingOptions: Hashable, Sendable {
  /// What happens when a map has a key twice. Keys are compared as values, not as bytes: `1` in one byte
  /// and `1` in nine are the same key.
  public enum DuplicateKeys: Hashable, Sendable {
    /// The message is refused.
    case refused
    /// The last value counts. (A `CBORReader` delivers all of them, in order.)
    case lastWins
    /// All pairs are delivered. (`CBORDecoder`, which cannot, takes the last.)
    case allowed
  }

  /// Which tags are accepted.
  public enum Tags: Hashable, Sendable {
    /// Every tag is passed through.
    case all
    /// Tags not listed are refused.
    case only([UInt64])
  }

  /// Where the byte strings that are read live.
  public enum ByteStrings: Hashable, Sendable {
    /// In storage of their own.
    case copied
    /// In the message's storage, when it is a `ByteBuffer`: no copy, but the whole message stays in memory
    /// for as long as one of its strings.
    case shared
  }

  /// How much a message may hold.
  public var limits: CBORLimits
  /// What happens when a map has a key twice.
  public var duplicateKeys: DuplicateKeys
  /// Whether strings, arrays and maps may be of indefinite length.
  public var allowsIndefiniteLength: Bool
  /// Whether integers, lengths, tags, floats and bignums must be in their shortest form.
  public var requiresPreferredSerialization: Bool
  /// The order map keys must be in; nil for any.
  public var keyOrder: CBORKeyOrder?
  /// Which tags are accepted.
  public var tags: Tags
  /// Where byte strings that are read live.
  public var byteStrings: ByteStrings

  /// Accepts any valid message within the limits, unless told otherwise.
  public init(
    limits: CBORLimits = CBORLimits(), duplicateKeys: DuplicateKeys = .refused,
    allowsIndefiniteLength: Bool = true, requiresPreferredSerialization: Bool = false,
    keyOrder: CBORKeyOrder? = nil, tags: Tags = .all, byteStrings: ByteStrings = .copied
  ) {
    self.limits = limits
    self.duplicateKeys = duplicateKeys
    self.allowsIndefiniteLength = allowsIndefiniteLength
    self.requiresPreferredSerialization = requiresPreferredSerialization
    self.keyOrder = keyOrder
    self.tags = tags
    self.byteStrings = byteStrings
  }

  /// Accepts core deterministic encoding (RFC 8949, 4.2.1) and nothing else: one serialization a value.
  public static let deterministic = CBORReadingOptions(
    allowsIndefiniteLength: false, requiresPreferredSerialization: true, keyOrder: .bytewise)
}
