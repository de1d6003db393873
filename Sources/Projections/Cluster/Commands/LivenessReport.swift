// What was noticed of a node: by another, or by an operator.

/// That a node is heard of, or no more.
public struct LivenessReport: Hashable, Sendable {
  /// The node.
  public var node: NodeID
  /// How it is.
  public var liveness: Liveness
  /// Since when, in milliseconds since 1970; nil: now.
  public var since: Int64?
  /// The node that noticed; nil: an operator.
  public var detector: NodeID?

  /// The node is so.
  public init(_ node: NodeID, is liveness: Liveness, since: Int64? = nil, detector: NodeID? = nil) {
    self.node = node
    self.liveness = liveness
    self.since = since
    self.detector = detector
  }
}
