// When snapshots are taken, and how many are kept.

/// The policy of a node's snapshots.
public struct SnapshotPolicy: Hashable, Sendable {
  /// One is taken when so many events were applied since the last.
  public var everyEvents = 1_000_000
  /// How often that is looked at.
  public var checkInterval = Duration.seconds(60)
  /// How many of a projection are kept.
  public var keep = 2

  /// The defaults.
  public init() {}
}
