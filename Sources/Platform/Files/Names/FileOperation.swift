// The names of what can be asked of a file system: in errors, in fault rules and in the record of calls.

/// One kind of call on a file system. The raw value is the name an operator knows it by.
public enum FileOperation: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// Opening or creating a file, or opening a directory.
  case open
  /// Giving a descriptor back.
  case close
  /// Reading at an offset, in one piece or scattered.
  case read = "pread"
  /// Reading only what the page cache has.
  case readCached = "preadv2(RWF_NOWAIT)"
  /// Writing at an offset, in one piece or gathered.
  case write = "pwrite"
  /// Writing at the end of a file opened for appending.
  case append = "write"
  /// Making a file's data durable.
  case syncData = "fdatasync"
  /// Making a file's data and metadata, or a directory's entries, durable.
  case sync = "fsync"
  /// Reserving, punching or zeroing a range.
  case allocate = "fallocate"
  /// Setting a file's size.
  case truncate = "ftruncate"
  /// Asking for a file's size, kind and so on.
  case status = "stat"
  /// Giving an entry a new name.
  case rename
  /// Giving a file a second name.
  case link
  /// Taking a name off a file.
  case remove = "unlink"
  /// Making a directory.
  case createDirectory = "mkdir"
  /// Removing an empty directory.
  case removeDirectory = "rmdir"
  /// Listing a directory.
  case list = "readdir"
  /// Asking how much room a file system has.
  case space = "statfs"
  /// Copying between files inside the kernel.
  case copy = "copy_file_range"
  /// Starting to write dirty pages back.
  case writeBack = "sync_file_range"
  /// Telling the kernel what will be read.
  case advise = "posix_fadvise"
  /// Mapping a file into memory.
  case map = "mmap"
  /// Locking a file against other processes.
  case lock = "flock"
  /// Asking to hear of changes.
  case watch = "inotify"

  /// Whether the call can change what is on the disk, or what of it is durable: a crash before one that
  /// cannot leaves the same disk as a crash before the next one that can.
  public var changesDisk: Bool {
    switch self {
    case .open, .write, .append, .syncData, .sync, .allocate, .truncate, .rename, .link, .remove,
      .createDirectory, .removeDirectory, .copy:
      true
    case .close, .read, .readCached, .status, .list, .space, .writeBack, .advise, .map, .lock, .watch: false
    }
  }

  /// The call's name.
  public var description: String { rawValue }
}
