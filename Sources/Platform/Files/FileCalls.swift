// The seam of this layer: the calls a file system answers, each one system call and no more. A call may do
// less than it was asked (short reads and writes) or be interrupted; looping, and saying what failed where,
// is done once, above the seam, by `File` and by the extensions in FileSystem+….swift. Three things stand
// behind it: `LocalFiles` (the kernel), `SimulatedFiles` (memory, with crashes) and `FaultyFiles` (faults in
// front of either).

public import Glibc

/// An open file of some file system: a number that only that file system understands.
public struct FileDescriptor: RawRepresentable, Hashable, Sendable {
  /// The number.
  public let rawValue: Int32
  /// The descriptor with this number.
  @inlinable
  public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// What to do with a range of a file's blocks.
public enum Allocation: String, Hashable, Sendable {
  /// Reserve blocks that read as zeros, growing the file when the range passes its end.
  case reserve
  /// Reserve blocks, past the end too, and leave the size as it is.
  case reserveKeepingSize
  /// Give the blocks back: the range reads as zeros, the size stays.
  case punchHole
  /// Make the range read as zeros and keep, or reserve, its blocks; grows the file like `reserve`.
  case zeroRange
}

/// What the kernel should expect of reads.
public enum ReadAdvice: String, Hashable, Sendable {
  /// Nothing in particular.
  case normal
  /// Front to back: read ahead more.
  case sequential
  /// Anywhere: do not read ahead.
  case random
  /// Soon: start reading now.
  case willNeed
  /// Not again: the cached pages may go (only clean ones do).
  case dontNeed
}

/// The calls of a file system. Code of the house uses `FileSystem` and `File` instead; this is for those who
/// implement or wrap one.
///
/// Every call may block, so none is made on an event loop's thread except `readCached`.
public protocol FileCalls: AnyObject, Sendable {
  /// Opens `path`. Every descriptor is closed on exec.
  func open(_ path: FilePath, _ options: OpenOptions, mode: FileMode) throws(ErrorNumber) -> FileDescriptor
  /// Gives the descriptor back, whatever the answer, which is an error of an earlier write that shows late.
  func close(_ descriptor: FileDescriptor) -> ErrorNumber?

  /// Reads up to `bytes.count` bytes at `offset`; 0 only at the end.
  func read(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int
  /// Reads into several pieces of memory, at most `scatterMaximum` of them.
  func read(
    _ descriptor: FileDescriptor, scattering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int
  /// Reads what needs no waiting; nil when the first byte already would, or the file system cannot tell.
  func readCached(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int?
  /// Writes up to `bytes.count` bytes at `offset`.
  func write(
    _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int
  /// Writes several pieces of memory one after the other, at most `scatterMaximum` of them.
  func write(
    _ descriptor: FileDescriptor, gathering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int
  /// Writes at the end of a file opened with `.append`.
  func append(_ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) -> Int

  /// Makes data durable, and what metadata is needed to read it.
  func syncData(_ descriptor: FileDescriptor) throws(ErrorNumber)
  /// Makes data and metadata durable; of a directory, its entries.
  func sync(_ descriptor: FileDescriptor) throws(ErrorNumber)
  /// Starts writing a range back and does not wait: a hint that evens out the load and promises nothing.
  func startWriteBack(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber)
  /// Reserves, punches or zeroes a range.
  func allocate(
    _ descriptor: FileDescriptor, _ allocation: Allocation, at offset: Int, length: Int
  ) throws(ErrorNumber)
  /// Sets the size; a longer file reads as zeros where it grew.
  func truncate(_ descriptor: FileDescriptor, to bytes: Int) throws(ErrorNumber)
  /// Copies inside the kernel; 0 at the end of the source.
  func copy(
    from source: FileDescriptor, at sourceOffset: Int, to target: FileDescriptor, at targetOffset: Int,
    length: Int
  ) throws(ErrorNumber) -> Int
  /// Tells the kernel what to expect; a length of 0 means to the end.
  func advise(
    _ descriptor: FileDescriptor, _ advice: ReadAdvice, at offset: Int, length: Int
  ) throws(ErrorNumber)
  /// Maps a range for reading. The range must lie inside the file.
  func map(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) -> FileMapping
  /// Locks the open file against every other open of it; `.wouldBlock` when one holds it. The lock ends with
  /// the descriptor, so with the process.
  func lock(_ descriptor: FileDescriptor) throws(ErrorNumber)
  /// Which process holds the lock on the file at `path`; nil when none that can be seen from here does. The
  /// lock is not touched: trying it would for a moment keep its next owner out.
  func lockOwner(of path: FilePath) throws(ErrorNumber) -> Int32?
  /// Whether these files are the kernel's, so that it tells of their changes (`FileWatch`).
  var tellsOfChanges: Bool { get }

  /// What an open file is.
  func status(_ descriptor: FileDescriptor) throws(ErrorNumber) -> FileStatus
  /// What the entry at `path` is, a symbolic link followed.
  func status(of path: FilePath) throws(ErrorNumber) -> FileStatus
  /// Gives an entry a new name, in place of what had it.
  func rename(_ path: FilePath, to target: FilePath) throws(ErrorNumber)
  /// Gives a file a second name.
  func link(_ path: FilePath, to target: FilePath) throws(ErrorNumber)
  /// Takes a name off a file; the file goes with its last name and its last descriptor.
  func remove(_ path: FilePath) throws(ErrorNumber)
  /// Makes a directory.
  func createDirectory(_ path: FilePath, mode: FileMode) throws(ErrorNumber)
  /// Removes an empty directory.
  func removeDirectory(_ path: FilePath) throws(ErrorNumber)
  /// The entries of a directory in no order, without `.` and `..`; stops one past `maximum`.
  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry]
  /// The room on the file system that holds `path`.
  func space(at path: FilePath) throws(ErrorNumber) -> StorageSpace

  /// A name part that no one else on this file system is using now, for temporary files.
  func makeUniqueName() -> String
}

/// How many pieces one scattered read or gathered write may have (IOV_MAX); `File` splits longer ones.
public let scatterMaximum = 1024
