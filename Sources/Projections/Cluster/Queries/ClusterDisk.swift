// A disk as queries show it.

/// A disk of a node: one in use, or one that was.
public struct ClusterDisk: Hashable, Sendable {
  /// Its id.
  public let id: DiskID
  /// Its node.
  public let node: NodeID
  /// What people call it.
  public let name: String
  /// Where it is on its node.
  public let path: String
  /// Its size; 0: not known.
  public let totalBytes: Int
  /// What of it was free when it was last reported.
  public let freeBytes: Int
  /// What is to stay free.
  public let minFreeBytes: Int
  /// How it is.
  public let state: DiskState
  /// What is wrong with it, or why it was retired; empty: nothing.
  public let error: String
  /// When it was added, in milliseconds since 1970.
  public let added: Int64
  /// When it was last reported.
  public let updated: Int64

  /// What may still be written to it.
  public var writableBytes: Int { state == .online ? max(0, freeBytes - minFreeBytes) : 0 }
}
