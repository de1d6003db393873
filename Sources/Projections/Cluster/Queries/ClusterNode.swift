// A node as queries show it.

/// A node: a member, or one that was.
public struct ClusterNode: Hashable, Sendable {
  /// Its id.
  public let id: NodeID
  /// What people call it.
  public let name: String
  /// Where it is reached, the best first.
  public let addresses: [String]
  /// What fails together with it; empty: nothing else.
  public let failureDomain: String
  /// The release that it runs; empty: not known.
  public let softwareRelease: String
  /// What an operator decided about it.
  public let standing: NodeStanding
  /// Since when, in milliseconds since 1970.
  public let standingSince: Int64
  /// Why, in the operator's words.
  public let standingReason: String
  /// It was removed without having been drained.
  public let isForced: Bool
  /// Whether it is heard of.
  public let liveness: Liveness
  /// Since when, in milliseconds since 1970.
  public let livenessSince: Int64
  /// When it joined, in milliseconds since 1970.
  public let joined: Int64

  /// Its standing and liveness in one word.
  public var state: NodeState { NodeState(standing, liveness) }
}
