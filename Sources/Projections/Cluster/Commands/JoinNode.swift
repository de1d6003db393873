// A node that is to become a member, as the command to join describes it.

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
