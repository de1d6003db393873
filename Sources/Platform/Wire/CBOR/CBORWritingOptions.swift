// How CBOR is written where the format leaves a choice.

/// How values are serialized.
public struct CBORWritingOptions: Hashable, Sendable {
  /// How wide floats are written.
  public enum Floats: Hashable, Sendable {
    /// In the narrowest width that holds the value exactly, NaN payloads included.
    case shortest
    /// In the width of their Swift type.
    case asGiven
  }

  /// How wide floats are written.
  public var floats: Floats
  /// The order that the pairs of every map are put into; nil leaves them as they come.
  public var keyOrder: CBORKeyOrder?

  /// Short floats, and maps in the order they are written in, unless told otherwise.
  public init(floats: Floats = .shortest, keyOrder: CBORKeyOrder? = nil) {
    self.floats = floats
    self.keyOrder = keyOrder
  }

  /// Core deterministic encoding (RFC 8949, 4.2.1).
  public static let deterministic = CBORWritingOptions(keyOrder: .bytewise)

  /// Length-first deterministic encoding (RFC 8949, 4.2.3).
  public static let deterministicLengthFirst = CBORWritingOptions(keyOrder: .lengthFirst)
}
