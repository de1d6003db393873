// An open file. `File` owns one descriptor and closes it exactly once; above the raw calls it loops over
// short reads and writes and over interruptions, and turns an error number into a `FileError` that says
// where. Reading and writing are in File+Reading.swift and File+Writing.swift.

import Synchronization

/// An open file.
///
/// Threads may share it: reads and writes name their own offset, so there is no position to fight over.
/// Closing is for the owner. Using a file after `close()`, or closing it while another thread is inside a
/// call, is a programmer error and ends the process: the descriptor's number could by then belong to
/// another file, and a write to the wrong file is worse than an end.
public final class File: Sendable {
  /// Where the file was when it was opened.
  public let path: FilePath
  /// How it was opened.
  public let options: OpenOptions

  let calls: any FileCalls
  private let descriptor: FileDescriptor
  /// The number of calls under way, and `closedMark` once closed.
  private let uses = Atomic<Int>(0)

  init(_ calls: any FileCalls, _ descriptor: FileDescriptor, path: FilePath, options: OpenOptions) {
    self.calls = calls
    self.descriptor = descriptor
    self.path = path
    self.options = options
  }

  deinit {
    // Nobody is left to hear of an error, and none can matter: what had to last was synced, and a sync
    // reports its own. Code that wants to know calls `close()`.
    _ = closeIfOpen()
  }

  /// Gives the descriptor back. An error means that earlier writes failed late (network file systems, quotas);
  /// the file is closed all the same.
  public func close() throws(FileError) {
    precondition(!isClosed, "\(path) is closed twice")
    if let number = closeIfOpen() {
      throw .failed(.close, path: path, offset: nil, length: nil, number)
    }
  }

  /// Closes the file unless that was done before, and answers with what the system said.
  func closeIfOpen() -> ErrorNumber? {
    let before = uses.bitwiseOr(closedMark, ordering: .acquiringAndReleasing).oldValue
    if before & closedMark != 0 { return nil }
    precondition(before == 0, "\(path) is closed while \(before) calls on it are under way")
    return calls.close(descriptor)
  }

  /// Whether the file was closed.
  var isClosed: Bool { uses.load(ordering: .acquiring) & closedMark != 0 }

  /// Makes one call on the open descriptor, again when interrupted, and says where an error happened.
  @inline(__always)
  func attempt<Result: ~Copyable>(
    _ operation: FileOperation, at offset: Int? = nil, length: Int? = nil,
    _ call: (any FileCalls, FileDescriptor) throws(ErrorNumber) -> Result
  ) throws(FileError) -> Result {
    try use { descriptor throws(FileError) in
      do throws(ErrorNumber) {
        return try retrying { () throws(ErrorNumber) in try call(calls, descriptor) }
      } catch {
        throw .failed(operation, path: path, offset: offset, length: length, error)
      }
    }
  }

  /// Keeps the descriptor open for the length of `body`.
  @inline(__always)
  func use<Result: ~Copyable>(
    _ body: (FileDescriptor) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let before = uses.wrappingAdd(1, ordering: .acquiring).oldValue
    precondition(before & closedMark == 0, "\(path) is used after it was closed")
    defer { uses.wrappingSubtract(1, ordering: .releasing) }
    return try body(descriptor)
  }

  // MARK: Durability

  /// Makes the bytes durable, and the size and blocks that are needed to read them.
  ///
  /// Never call it again after it threw and take the second answer for good: the kernel may have dropped
  /// the pages that failed, and the next sync then has nothing left to fail on.
  public func syncData() throws(FileError) {
    try attempt(.syncData) { calls, descriptor throws(ErrorNumber) in try calls.syncData(descriptor) }
  }

  /// Makes bytes and metadata durable; of a directory, its entries. The warning of `syncData` holds here too.
  public func sync() throws(FileError) {
    try attempt(.sync) { calls, descriptor throws(ErrorNumber) in try calls.sync(descriptor) }
  }

  /// Starts writing a range back without waiting: evens the disk's load out, and promises nothing.
  public func startWriteBack(at offset: Int, length: Int) throws(FileError) {
    try attempt(.writeBack, at: offset, length: length) { calls, descriptor throws(ErrorNumber) in
      try calls.startWriteBack(descriptor, at: offset, length: length)
    }
  }

  // MARK: Size and blocks

  /// What the file is now.
  public func status() throws(FileError) -> FileStatus {
    try attempt(.status) { calls, descriptor throws(ErrorNumber) in try calls.status(descriptor) }
  }

  /// Sets the size; where the file grew it reads as zeros.
  public func truncate(to bytes: Int) throws(FileError) {
    try attempt(.truncate, length: bytes) { calls, descriptor throws(ErrorNumber) in
      try calls.truncate(descriptor, to: bytes)
    }
  }

  /// Reserves, punches or zeroes a range of blocks.
  public func allocate(_ allocation: Allocation, at offset: Int, length: Int) throws(FileError) {
    try attempt(.allocate, at: offset, length: length) { calls, descriptor throws(ErrorNumber) in
      try calls.allocate(descriptor, allocation, at: offset, length: length)
    }
  }

  /// Tells the kernel what reads to expect. A length of 0 means to the end.
  public func advise(_ advice: ReadAdvice, at offset: Int = 0, length: Int = 0) throws(FileError) {
    try attempt(.advise, at: offset, length: length) { calls, descriptor throws(ErrorNumber) in
      try calls.advise(descriptor, advice, at: offset, length: length)
    }
  }

  /// Locks the file against every other open of it, in this process or another; `wouldBlock` when one holds
  /// it. `FileLock` is the whole of a lock file.
  func lock() throws(FileError) {
    try attempt(.lock) { calls, descriptor throws(ErrorNumber) in try calls.lock(descriptor) }
  }
}

/// The bit of `File.uses` that says closed: far above any number of threads.
private let closedMark = 1 << 62
