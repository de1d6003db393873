// An open file for tasks on event loops. Reads of what the page cache holds are done at once on the caller's
// thread, which costs nothing over a plain read; everything else goes to the pool.

public import Bytes
public import Runtime

/// An open file for tasks.
///
/// Tasks may share it. Buffers travel by ownership: while a read is under way the caller's buffer is with the
/// pool, and comes back with what was read. Direct I/O is for threads that may block (`file`, or
/// `AsyncFiles.perform`), where an `AlignedBuffer` need not travel.
public struct AsyncFile: Sendable {
  /// The file, for threads that may block.
  public let file: File
  private let pool: BlockingPool
  private let whenFull: BlockingPool.WhenFull

  /// The longest read that is tried on the caller's thread: copying more would hold up its other tasks.
  public static let inlineBytesMaximum = 32 << 10

  /// A file whose blocking calls run on `pool`.
  public init(_ file: File, pool: BlockingPool, whenFull: BlockingPool.WhenFull = .refuse) {
    self.file = file
    self.pool = pool
    self.whenFull = whenFull
  }

  /// Runs several operations on one thread of the pool; `operation` names them if they are not run.
  public func perform<Output: Sendable>(
    _ operation: FileOperation, _ body: @escaping @Sendable (File) throws(FileError) -> Output
  ) async throws(FileError) -> Output {
    let file = file
    return try await pool.perform(
      whenFull: whenFull, refusal: { .notRun(operation, path: file.path, $0) },
      { () throws(FileError) in try body(file) })
  }

  // MARK: Reading

  /// Appends up to `count` bytes from `offset` to `buffer`: fewer only at the file's end.
  ///
  /// - Returns: how many bytes were appended.
  @discardableResult
  public func read(
    into buffer: inout ByteBuffer, count: Int, at offset: Int
  ) async throws(FileError) -> Int {
    var done = 0
    if count <= Self.inlineBytesMaximum {
      switch try readCached(into: &buffer, count: count, at: offset) {
      case nil: break
      case 0?: return 0
      case let cached?: done = cached
      }
      if done == count { return done }
    }
    // The buffer goes over with its storage unshared, so that filling it copies nothing.
    let passage = Passage(buffer)
    buffer = ByteBuffer()
    defer { buffer = passage.take() }
    let (rest, place) = (count - done, offset + done)
    return try await done
      + perform(.read) { file throws(FileError) in
        try file.read(into: &passage.value, count: rest, at: place)
      }
  }

  /// Appends exactly `count` bytes from `offset` to `buffer`; a file that ends before is an error.
  public func read(
    exactly count: Int, into buffer: inout ByteBuffer, at offset: Int
  ) async throws(FileError) {
    let before = buffer.count
    let got = try await read(into: &buffer, count: count, at: offset)
    guard got == count else {
      buffer.truncate(to: before)
      throw .unexpectedEnd(path: file.path, offset: offset, wanted: count, got: got)
    }
  }

  /// Appends what the page cache holds of `count` bytes from `offset`, without waiting.
  ///
  /// - Returns: how many bytes were appended; 0 at the file's end; nil when already the first byte would
  ///   have to come from the disk.
  public func readCached(
    into buffer: inout ByteBuffer, count: Int, at offset: Int
  ) throws(FileError) -> Int? {
    var answer: Int?
    _ = try buffer.withWritableBytes(minimum: count) { room throws(FileError) in
      answer = try file.readCached(into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
      return answer ?? 0
    }
    return answer
  }

  // MARK: Writing

  /// Writes the buffer's readable bytes at `offset`.
  public func write(_ bytes: ByteBuffer, at offset: Int) async throws(FileError) {
    try await perform(.write) { file throws(FileError) in try file.write(bytes, at: offset) }
  }

  /// Writes the buffer's readable bytes at `offset` and returns once they are durable.
  public func writeDurably(_ bytes: ByteBuffer, at offset: Int) async throws(FileError) {
    try await perform(.write) { file throws(FileError) in
      try file.write(bytes, at: offset)
      try file.syncData()
    }
  }

  /// Makes the bytes durable, and what is needed to read them. See `File.syncData` about failures.
  public func syncData() async throws(FileError) {
    try await perform(.syncData) { file throws(FileError) in try file.syncData() }
  }

  /// Makes bytes and metadata durable.
  public func sync() async throws(FileError) {
    try await perform(.sync) { file throws(FileError) in try file.sync() }
  }

  /// Sets the size.
  public func truncate(to bytes: Int) async throws(FileError) {
    try await perform(.truncate) { file throws(FileError) in try file.truncate(to: bytes) }
  }

  /// Reserves, punches or zeroes a range of blocks.
  public func allocate(_ allocation: Allocation, at offset: Int, length: Int) async throws(FileError) {
    try await perform(.allocate) { file throws(FileError) in
      try file.allocate(allocation, at: offset, length: length)
    }
  }

  /// What the file is now.
  public func status() async throws(FileError) -> FileStatus {
    try await perform(.status) { file throws(FileError) in try file.status() }
  }

  /// Closes the file on the pool: the last close of a removed file gives its blocks back, which takes time.
  public func close() async throws(FileError) {
    try await perform(.close) { file throws(FileError) in try file.close() }
  }
}

/// A buffer on its way to the pool and back.
///
/// `@unchecked Sendable`: the caller touches it before it hands the work over and after the work ended (or
/// was refused), the pool in between.
private final class Passage: @unchecked Sendable {
  var value: ByteBuffer

  init(_ value: ByteBuffer) { self.value = value }

  /// Takes the buffer out, so that its storage is unshared again.
  func take() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&taken, &value)
    return taken
  }
}
