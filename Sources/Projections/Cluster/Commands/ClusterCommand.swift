// What can be asked of a cluster. Times and ids are given by who decides, unless the caller has an id already.

/// A command about the cluster.
public enum ClusterCommand: Hashable, Sendable {
  /// Make the cluster, with the policy of everything that has no other.
  case create(name: String, policy: ErasureCoding)
  /// Make a node a member. Asked again with the same id and description, nothing happens.
  case join(JoinNode)
  /// Describe a node otherwise.
  case updateNode(NodeID, NodeChange)
  /// Note that a node is heard of, or no more.
  case reportLiveness(LivenessReport)
  /// Have a node's data go elsewhere.
  case drain(NodeID, reason: String)
  /// Have a draining node take data again.
  case reactivate(NodeID)
  /// Make a node no member any more.
  case remove(NodeID, reason: String, isForced: Bool)
  /// Give a node one more disk.
  case addDisk(NodeID, NewDisk)
  /// Note how a disk is.
  case updateDisk(NodeID, DiskID, DiskChange)
  /// Use a disk no more.
  case retireDisk(NodeID, DiskID, reason: String)
  /// Give a path a policy of its own, or another one.
  case setPolicy(ScopePath, ErasureCoding)
  /// Take a path's own policy away.
  case removePolicy(ScopePath)
}
