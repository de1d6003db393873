// A projection's tables exist in generations: one is current, newer ones are being built beside it, older ones are
// kept until somebody drops them.

/// One building of a projection's tables.
public struct Generation: Hashable, Sendable {
  /// Whose tables.
  public let projection: ProjectionName
  /// Counts up with every building.
  public let number: Int
  /// The version of the projection that builds them.
  public let version: Int

  /// The tables of that building.
  init(_ projection: ProjectionName, number: Int, version: Int) {
    self.projection = projection
    self.number = number
    self.version = version
  }
}

extension Generation: CustomStringConvertible {
  /// `cluster generation 3 (version 1)`.
  public var description: String { "\(projection) generation \(number) (version \(version))" }
}
