// Each call of the seam as one system call on an open descriptor; those on paths are in
// LocalCalls+Paths.swift. Nothing loops and nothing is decided here.

import CLinux
import Glibc
import Runtime
import Synchronization

final class LocalCalls: FileCalls {
  static let shared = LocalCalls()
  /// Counts the temporary names this process gave.
  let uniqueNames = Atomic<UInt64>(0)

  private init() {}

  func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode
  ) throws(ErrorNumber) -> FileDescriptor {
    let flags = flags(of: options)
    let result = try withPath(path) { cfiles_open($0, flags, mode.rawValue) }
    return FileDescriptor(rawValue: result)
  }

  private func flags(of options: OpenOptions) -> Int32 {
    var flags = options.contains(.write) ? (options.contains(.read) ? O_RDWR : O_WRONLY) : O_RDONLY
    if options.contains(.create) { flags |= O_CREAT }
    if options.contains(.exclusive) { flags |= O_EXCL }
    if options.contains(.truncate) { flags |= O_TRUNC }
    if options.contains(.append) { flags |= O_APPEND }
    if options.contains(.direct) { flags |= cfiles_open_direct }
    if options.contains(.directory) { flags |= O_DIRECTORY }
    return flags
  }

  func close(_ descriptor: FileDescriptor) -> ErrorNumber? {
    // A process that is being started has a copy of the descriptor until its program runs, and with it the lock.
    _ = flock(descriptor.rawValue, LOCK_UN)
    // Linux frees the number even when close is interrupted; closing again could hit somebody else's file.
    if Glibc.close(descriptor.rawValue) == 0 || errno == EINTR { return nil }
    return .last
  }

  // MARK: Bytes

  func read(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try count(pread(descriptor.rawValue, bytes.baseAddress, bytes.count, offset))
  }

  func read(
    _ descriptor: FileDescriptor, scattering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try count(preadv(descriptor.rawValue, pieces.baseAddress, Int32(pieces.count), offset))
  }

  func readCached(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int? {
    let got = cfiles_read_nowait(descriptor.rawValue, bytes.baseAddress, bytes.count, offset)
    if got >= 0 { return got }
    // EOPNOTSUPP is a file system that cannot promise not to wait; to the caller that is the same answer.
    let error = ErrorNumber.last
    if error == .wouldBlock || error == .notSupported { return nil }
    throw error
  }

  func write(
    _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try count(pwrite(descriptor.rawValue, bytes.baseAddress, bytes.count, offset))
  }

  func write(
    _ descriptor: FileDescriptor, gathering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try count(pwritev(descriptor.rawValue, pieces.baseAddress, Int32(pieces.count), offset))
  }

  func append(_ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) -> Int {
    try count(Glibc.write(descriptor.rawValue, bytes.baseAddress, bytes.count))
  }

  // MARK: Durability, size, blocks

  func syncData(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    try check(fdatasync(descriptor.rawValue))
  }

  func sync(_ descriptor: FileDescriptor) throws(ErrorNumber) { try check(fsync(descriptor.rawValue)) }

  func startWriteBack(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) {
    try check(cfiles_start_writeback(descriptor.rawValue, offset, length))
  }

  func allocate(
    _ descriptor: FileDescriptor, _ allocation: Allocation, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    let mode: Int32 =
      switch allocation {
      case .reserve: 0
      case .reserveKeepingSize: cfiles_keep_size
      case .punchHole: cfiles_punch_hole
      case .zeroRange: cfiles_zero_range
      }
    try check(cfiles_fallocate(descriptor.rawValue, mode, offset, length))
  }

  func truncate(_ descriptor: FileDescriptor, to bytes: Int) throws(ErrorNumber) {
    try check(ftruncate(descriptor.rawValue, bytes))
  }

  func copy(
    from source: FileDescriptor, at sourceOffset: Int, to target: FileDescriptor, at targetOffset: Int,
    length: Int
  ) throws(ErrorNumber) -> Int {
    try count(cfiles_copy_range(source.rawValue, sourceOffset, target.rawValue, targetOffset, length))
  }

  func advise(
    _ descriptor: FileDescriptor, _ advice: ReadAdvice, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    let number =
      switch advice {
      case .normal: POSIX_FADV_NORMAL
      case .sequential: POSIX_FADV_SEQUENTIAL
      case .random: POSIX_FADV_RANDOM
      case .willNeed: POSIX_FADV_WILLNEED
      case .dontNeed: POSIX_FADV_DONTNEED
      }
    // This one call answers with the error itself.
    let result = posix_fadvise(descriptor.rawValue, offset, length, number)
    if result != 0 { throw ErrorNumber(rawValue: result) }
  }

  func map(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) -> FileMapping {
    guard offset >= 0, length > 0 else { throw .invalid }
    // The kernel maps whole pages; the caller's range begins somewhere inside the first.
    let inside = offset % Int(getpagesize())
    let (bytes, tooLong) = length.addingReportingOverflow(inside)
    guard !tooLong else { throw .invalid }
    let start = mmap(nil, bytes, PROT_READ, MAP_SHARED, descriptor.rawValue, offset - inside)
    guard let start, start != MAP_FAILED else { throw .last }
    return FileMapping(
      base: UnsafeRawPointer(start) + inside, count: length, release: .unmap(start: start, bytes: bytes))
  }

  func lock(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    try check(flock(descriptor.rawValue, LOCK_EX | LOCK_NB))
  }

  func status(_ descriptor: FileDescriptor) throws(ErrorNumber) -> FileStatus {
    var answer = stat()
    try check(fstat(descriptor.rawValue, &answer))
    return FileStatus(answer)
  }

  // MARK: Answers of the kernel

  @inline(__always)
  func count(_ result: Int) throws(ErrorNumber) -> Int {
    if result < 0 { throw .last }
    return result
  }

  @inline(__always)
  func check(_ result: Int32) throws(ErrorNumber) {
    if result < 0 { throw .last }
  }

  /// Hands a path to a call as a C string; a path with a zero byte in it names nothing.
  func withPath(_ path: FilePath, _ call: (UnsafePointer<CChar>) -> Int32) throws(ErrorNumber) -> Int32 {
    if path.string.utf8.contains(0) { throw .invalid }
    let (result, number) = path.string.withCString { pointer in
      let result = call(pointer)
      return (result, result < 0 ? errno : 0)
    }
    if result < 0 { throw ErrorNumber(rawValue: number) }
    return result
  }
}

extension FileStatus {
  /// What the kernel's structure says.
  init(_ answer: stat) {
    self.init(
      kind: FileKind(mode: answer.st_mode), bytes: Int(answer.st_size),
      allocatedBytes: Int(answer.st_blocks) * 512, links: Int(answer.st_nlink),
      mode: FileMode(rawValue: answer.st_mode), inode: UInt64(answer.st_ino), device: UInt64(answer.st_dev),
      modified: Timestamp(
        nanoseconds: Int64(answer.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(answer.st_mtim.tv_nsec)))
  }
}

extension FileKind {
  /// What the type bits of a mode say.
  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    default: self = .other
    }
  }
}
