// Policies as queries show them.

/// A path's own policy.
public struct ClusterPolicy: Hashable, Sendable {
  /// Where it holds: there and under it.
  public let path: ScopePath
  /// Its id.
  public let id: PolicyID
  /// How files are stored.
  public let coding: ErasureCoding
  /// When it was set, in milliseconds since 1970.
  public let set: Int64
}

/// The policy that holds at a path, and where it comes from.
public struct EffectivePolicy: Hashable, Sendable {
  /// The path that was asked about.
  public let path: ScopePath
  /// The nearest policy at or above it.
  public let policy: ClusterPolicy

  /// Whether the path has it from a path above.
  public var isInherited: Bool { policy.path != path }
}
