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

/// A node that is to become a member.
public struct JoinNode: Hashable, Sendable {
  /// Its id; nil: a new one.
  public var id: NodeID?
  /// What people call it.
  public var name: String
  /// Where it is reached, the best first: `/ip4/10.0.0.7/tcp/4001`.
  public var addresses: [String]
  /// What fails together with it; empty: nothing else.
  public var failureDomain: String
  /// The release of the program that it runs; empty: not known.
  public var softwareRelease: String
  /// The disks that it brings.
  public var disks: [NewDisk]

  /// A node of that name, reached at those addresses.
  public init(
    id: NodeID? = nil, name: String, addresses: [String], failureDomain: String = "",
    softwareRelease: String = "", disks: [NewDisk] = []
  ) {
    self.id = id
    self.name = name
    self.addresses = addresses
    self.failureDomain = failureDomain
    self.softwareRelease = softwareRelease
    self.disks = disks
  }
}

/// What of a node's description is to change; nil: stays.
public struct NodeChange: Hashable, Sendable {
  /// What people call it.
  public var name: String?
  /// All its addresses.
  public var addresses: [String]?
  /// What fails together with it.
  public var failureDomain: String?
  /// The release that it runs.
  public var softwareRelease: String?

  /// Nothing is to change.
  public init(
    name: String? = nil, addresses: [String]? = nil, failureDomain: String? = nil,
    softwareRelease: String? = nil
  ) {
    self.name = name
    self.addresses = addresses
    self.failureDomain = failureDomain
    self.softwareRelease = softwareRelease
  }
}

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

/// A disk that a node is to have.
public struct NewDisk: Hashable, Sendable {
  /// Its id; nil: a new one.
  public var id: DiskID?
  /// What people call it.
  public var name: String
  /// Where it is on its node.
  public var path: String
  /// Its size; 0: not known yet.
  public var totalBytes: Int
  /// What of it is free.
  public var freeBytes: Int
  /// What is to stay free.
  public var minFreeBytes: Int

  /// What is to stay free unless somebody says otherwise.
  public static let minFreeBytesStandard = 1 << 30

  /// A disk at that path.
  public init(
    id: DiskID? = nil, name: String, path: String, totalBytes: Int = 0, freeBytes: Int = 0,
    minFreeBytes: Int = minFreeBytesStandard
  ) {
    self.id = id
    self.name = name
    self.path = path
    self.totalBytes = totalBytes
    self.freeBytes = freeBytes
    self.minFreeBytes = minFreeBytes
  }
}

/// What of a disk is to change; nil: stays.
public struct DiskChange: Hashable, Sendable {
  /// Its size.
  public var totalBytes: Int?
  /// What of it is free.
  public var freeBytes: Int?
  /// What is to stay free.
  public var minFreeBytes: Int?
  /// How it is; never retired, for which there is a command.
  public var state: DiskState?
  /// What the last failed call said; empty: nothing is wrong.
  public var error: String?

  /// Nothing is to change, but for what is given.
  public init(
    totalBytes: Int? = nil, freeBytes: Int? = nil, minFreeBytes: Int? = nil, state: DiskState? = nil,
    error: String? = nil
  ) {
    self.totalBytes = totalBytes
    self.freeBytes = freeBytes
    self.minFreeBytes = minFreeBytes
    self.state = state
    self.error = error
  }
}
