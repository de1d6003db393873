// The cluster in a few numbers.

/// What there is to say of a cluster as a whole.
public struct ClusterSummary: Hashable, Sendable {
  /// Its id.
  public let id: ClusterID
  /// Its name.
  public let name: String
  /// When it was created, in milliseconds since 1970.
  public let created: Int64
  /// How many nodes are in each state; states without nodes are not there.
  public let nodes: [NodeState: Int]
  /// How many disks are in each state; states without disks are not there.
  public let disks: [DiskState: Int]
  /// The sizes of the disks in use.
  public let totalBytes: Int
  /// What of them is free.
  public let freeBytes: Int
  /// What may be written now: to the disks that are online, of the nodes that are active, down to what is to stay free.
  public let writableBytes: Int
  /// How many paths have a policy of their own.
  public let policies: Int
  /// The policy of everything that has no other.
  public let policy: ErasureCoding

  /// How many bytes of files fit into what may be written, by the policy of the root.
  public var writableDataBytes: Int { policy.dataBytes(of: writableBytes) }
  /// How many members there are.
  public var members: Int { nodes.reduce(0) { $0 + ($1.key == .removed ? 0 : $1.value) } }
}
