// How much of everything a cluster may have. What is beyond is refused when it is decided, never when it is applied.

/// The limits of a cluster.
public enum ClusterLimits {
  /// Members at the same time.
  public static let nodesMaximum = 1024
  /// Disks of one node at the same time.
  public static let disksPerNodeMaximum = 64
  /// Paths with a policy of their own.
  public static let policiesMaximum = 10_000
  /// Addresses of one node; a node has at least one.
  public static let addressesPerNodeMaximum = 16
  /// Bytes of a name: of the cluster, a node or a disk.
  public static let nameBytesMaximum = 63
  /// Bytes of an address.
  public static let addressBytesMaximum = 255
  /// Bytes of a failure domain's label.
  public static let failureDomainBytesMaximum = 127
  /// Bytes of a release's name.
  public static let releaseBytesMaximum = 63
  /// Bytes of a reason or of a disk's error.
  public static let reasonBytesMaximum = 1023
  /// Bytes of a path, of a scope or of a disk.
  public static let pathBytesMaximum = 4096
  /// Bytes of one part of a path.
  public static let pathPartBytesMaximum = 255
  /// Bytes of a disk: an exbibyte.
  public static let diskBytesMaximum = 1 << 60
  /// Shards of a stripe: there are no more different ones.
  public static let shardsMaximum = 255
  /// Bytes of a stripe, powers of two between these.
  public static let stripeBytes = 4096...67_108_864
}
