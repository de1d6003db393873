// What a file system says about an entry, about a directory and about itself.

public import Runtime

/// What an entry is.
public enum FileKind: String, Hashable, Sendable {
  /// A regular file.
  case file
  /// A directory.
  case directory
  /// A symbolic link: only directory listings show it, everything else follows it.
  case symbolicLink
  /// A device, pipe or socket.
  case other
}

/// What stat says of an entry.
public struct FileStatus: Hashable, Sendable {
  /// What it is.
  public var kind: FileKind
  /// How many bytes can be read.
  public var bytes: Int
  /// How many bytes of the disk it takes: less than `bytes` for a sparse file.
  public var allocatedBytes: Int
  /// How many names it has.
  public var links: Int
  /// The permission bits.
  public var mode: FileMode
  /// The number that tells it from every other entry of its file system.
  public var inode: UInt64
  /// The file system it is on.
  public var device: UInt64
  /// When its bytes last changed.
  public var modified: Timestamp

  /// A status from its parts.
  public init(
    kind: FileKind, bytes: Int, allocatedBytes: Int, links: Int, mode: FileMode, inode: UInt64,
    device: UInt64, modified: Timestamp
  ) {
    self.kind = kind
    self.bytes = bytes
    self.allocatedBytes = allocatedBytes
    self.links = links
    self.mode = mode
    self.inode = inode
    self.device = device
    self.modified = modified
  }
}

/// One name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
  /// The name, without the directory's path.
  public let name: String
  /// What it names.
  public let kind: FileKind

  /// An entry from its parts.
  public init(name: String, kind: FileKind) {
    self.name = name
    self.kind = kind
  }
}

/// How much room a file system has.
public struct StorageSpace: Hashable, Sendable {
  /// All of it.
  public var totalBytes: UInt64
  /// What is free, some of it for the superuser only.
  public var freeBytes: UInt64
  /// What is free for this process.
  public var availableBytes: UInt64
  /// What the file system allocates at a time.
  public var blockBytes: Int

  /// The room from its parts.
  public init(totalBytes: UInt64, freeBytes: UInt64, availableBytes: UInt64, blockBytes: Int) {
    self.totalBytes = totalBytes
    self.freeBytes = freeBytes
    self.availableBytes = availableBytes
    self.blockBytes = blockBytes
  }
}
