// Simple values other than the four that have a name of their own.

/// A simple value that is not true, false, null or undefined.
public struct CBORSimple: Hashable, Sendable {
  /// The number: 0...19 or 32...255.
  public let value: UInt8

  /// Nil for 20...23, which are `bool`, `null` and `undefined`, and for 24...31, which do not exist.
  public init?(_ value: UInt8) {
    if (20...31).contains(value) { return nil }
    self.value = value
  }
}
