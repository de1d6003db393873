// How a file is opened, and with what permissions it is made.

/// How to open a file.
public struct OpenOptions: OptionSet, Hashable, Sendable {
  /// The options as bits of this layer's own, not the kernel's.
  public let rawValue: UInt16

  /// The options in `rawValue`.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Bytes may be read.
  public static let read = OpenOptions(rawValue: 1)
  /// Bytes may be written.
  public static let write = OpenOptions(rawValue: 2)
  /// Make the file when it is not there.
  public static let create = OpenOptions(rawValue: 4)
  /// With `create`: fail when the file is there already.
  public static let exclusive = OpenOptions(rawValue: 8)
  /// Cut the file to no bytes.
  public static let truncate = OpenOptions(rawValue: 16)
  /// Every write goes to the end, wherever that is by then.
  public static let append = OpenOptions(rawValue: 32)
  /// Pass the page cache by: memory, offset and length must be aligned (`AlignedBuffer`).
  public static let direct = OpenOptions(rawValue: 64)
  /// The path must name a directory; it can be synced, not read.
  public static let directory = OpenOptions(rawValue: 128)

  /// Whether the options go together. The layer refuses others as programmer errors.
  var areSound: Bool {
    guard contains(.read) || contains(.write) else { return false }
    if contains(.directory) { return self == [.read, .directory] }
    if contains(.exclusive) && !contains(.create) { return false }
    return contains(.write) || isDisjoint(with: [.create, .truncate, .append])
  }
}

/// Permission bits of a new file or directory; the process's umask takes some away.
public struct FileMode: RawRepresentable, Hashable, Sendable {
  /// The twelve permission bits.
  public let rawValue: UInt32

  /// The permission bits of `rawValue`.
  public init(rawValue: UInt32) { self.rawValue = rawValue & 0o7777 }

  /// Read and write for the owner, read for everyone: 0644.
  public static let file = FileMode(rawValue: 0o644)
  /// Read and write for the owner, nothing for others: 0600, for secrets and locks.
  public static let ownerOnly = FileMode(rawValue: 0o600)
  /// The usual directory: 0755.
  public static let directory = FileMode(rawValue: 0o755)
}
