// What a JSON document from outside may cost. Every reader has limits; there is no unlimited reader.

/// Bounds a document must keep.
public struct JSONLimits: Equatable, Sendable {
  /// Bytes of the whole document.
  public var documentBytesMaximum: Int
  /// Containers open at once; at most `deepestPossible`.
  public var depthMaximum: Int
  /// Bytes between the quotes of one string or key, as written (escapes count in full).
  public var stringBytesMaximum: Int
  /// Bytes of one number.
  public var numberBytesMaximum: Int
  /// Values in the whole document: scalars and containers, keys not counted.
  public var valuesMaximum: Int

  /// The deepest nesting that any reader or writer here can keep track of.
  public static let deepestPossible = 512

  /// What a request or message from a peer may cost unless its protocol says otherwise.
  public static let standard = JSONLimits()

  /// Limits from their parts.
  public init(
    documentBytesMaximum: Int = 64 << 20, depthMaximum: Int = 128, stringBytesMaximum: Int = 16 << 20,
    numberBytesMaximum: Int = 1024, valuesMaximum: Int = 4_000_000
  ) {
    self.documentBytesMaximum = documentBytesMaximum
    self.depthMaximum = depthMaximum
    self.stringBytesMaximum = stringBytesMaximum
    self.numberBytesMaximum = numberBytesMaximum
    self.valuesMaximum = valuesMaximum
  }
}

/// What a reader does about a key that its object already has. RFC 8259 leaves this open; peers differ, and
/// where two of them read the same bytes differently there is a way around a check.
public enum JSONDuplicateKeys: Equatable, Sendable {
  /// Refuse the document. Costs one small table entry a key.
  case refuse
  /// Hand every member out, in order. For decoders that notice a repeated field themselves.
  case keepEvery
}
