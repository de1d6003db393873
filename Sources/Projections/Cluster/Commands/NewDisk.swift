// A disk that is to come to a node, as the command describes it.

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
