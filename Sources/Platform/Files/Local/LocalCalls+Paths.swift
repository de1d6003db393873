// The calls of the seam that name a path.

import CLinux
import Glibc
import Synchronization

extension LocalCalls {
  func status(of path: FilePath) throws(ErrorNumber) -> FileStatus {
    var answer = stat()
    _ = try withPath(path) { stat($0, &answer) }
    return FileStatus(answer)
  }

  func rename(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try withPaths(path, target) { Glibc.rename($0, $1) }
  }

  func link(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try withPaths(path, target) { Glibc.link($0, $1) }
  }

  func remove(_ path: FilePath) throws(ErrorNumber) { _ = try withPath(path) { unlink($0) } }

  func createDirectory(_ path: FilePath, mode: FileMode) throws(ErrorNumber) {
    _ = try withPath(path) { mkdir($0, mode.rawValue) }
  }

  func removeDirectory(_ path: FilePath) throws(ErrorNumber) { _ = try withPath(path) { rmdir($0) } }

  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry] {
    // Opened by us rather than by opendir, so that it is closed on exec and every error is in hand.
    let descriptor = try open(path, [.read, .directory], mode: .file)
    guard let stream = fdopendir(descriptor.rawValue) else {
      let error = ErrorNumber.last
      _ = close(descriptor)
      throw error
    }
    defer { closedir(stream) }
    var entries: [DirectoryEntry] = []
    while entries.count <= maximum {
      errno = 0
      guard let next = readdir(stream) else {
        if errno != 0 { throw .last }
        break
      }
      guard let name = name(of: next) else { throw .illegalName }
      if name == "." || name == ".." { continue }
      let kind = try kind(of: next, in: descriptor)
      entries.append(DirectoryEntry(name: name, kind: kind))
    }
    return entries
  }

  private func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
    let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
    return String(validatingCString: start)
  }

  private func kind(
    of entry: UnsafeMutablePointer<dirent>, in directory: FileDescriptor
  ) throws(ErrorNumber) -> FileKind {
    switch Int(entry.pointee.d_type) {
    case Int(DT_REG): return .file
    case Int(DT_DIR): return .directory
    case Int(DT_LNK): return .symbolicLink
    case Int(DT_UNKNOWN): break
    default: return .other
    }
    // Some file systems do not tell in the listing.
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return .other }
    let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
    var answer = stat()
    try check(fstatat(directory.rawValue, name, &answer, AT_SYMLINK_NOFOLLOW))
    return FileKind(mode: answer.st_mode)
  }

  func space(at path: FilePath) throws(ErrorNumber) -> StorageSpace {
    var answer = statvfs()
    _ = try withPath(path) { statvfs($0, &answer) }
    let block = UInt64(answer.f_frsize)
    return StorageSpace(
      totalBytes: UInt64(answer.f_blocks) * block, freeBytes: UInt64(answer.f_bfree) * block,
      availableBytes: UInt64(answer.f_bavail) * block, blockBytes: Int(block))
  }

  var tellsOfChanges: Bool { true }

  func lockOwner(of path: FilePath) throws(ErrorNumber) -> Int32? {
    let wanted = try status(of: path)
    let device =
      "\(hex(cfiles_device_major(dev_t(wanted.device)))):\(hex(cfiles_device_minor(dev_t(wanted.device))))"
    // The kernel writes its list a page at a time, and a lock may slip through between two pages while others come
    // and go: only a list that came in one piece, or several that agree, say that there is none.
    for _ in 0..<Self.locksReadingsMaximum {
      let (text, pieces) = try text(of: "/proc/locks")
      if let owner = Self.owner(in: text, of: "\(device):\(wanted.inode)") { return owner }
      if pieces <= 1 { return nil }
    }
    return nil
  }

  /// Each reading may miss the lock where hundreds of others come and go; one that takes 50 µs is cheap beside taking
  /// a log that is written for one that is not.
  private static let locksReadingsMaximum = 64

  private static func owner(in locks: String, of file: String) -> Int32? {
    // "2: FLOCK  ADVISORY  WRITE 3739 fe:00:16225101 0 EOF"; those who wait have an arrow after the number.
    for line in locks.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 8, words[1] == "FLOCK", words[5] == file { return Int32(words[4]) }
    }
    return nil
  }

  private func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return digits.utf8.count < 2 ? "0" + digits : digits
  }

  /// All of a file that the kernel makes up while it is read, so that its size says nothing; and in how many pieces
  /// it came.
  private func text(of path: FilePath) throws(ErrorNumber) -> (text: String, pieces: Int) {
    let descriptor = try open(path, .read, mode: .file)
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var pieces = 0
    while bytes.count < Self.kernelTextBytesMaximum {
      let piece = [UInt8](unsafeUninitializedCapacity: 65_536) { room, count in
        count = max(0, Glibc.read(descriptor.rawValue, room.baseAddress, room.count))
      }
      if piece.isEmpty { break }
      bytes += piece
      pieces += 1
    }
    return (String(decoding: bytes, as: UTF8.self), pieces)
  }

  private static let kernelTextBytesMaximum = 16 << 20

  func makeUniqueName() -> String {
    let number = uniqueNames.wrappingAdd(1, ordering: .relaxed).newValue
    return "\(getpid())-\(number)"
  }

  private func withPaths(
    _ path: FilePath, _ target: FilePath,
    _ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
  ) throws(ErrorNumber) {
    if target.string.utf8.contains(0) { throw .invalid }
    _ = try withPath(path) { first in target.string.withCString { call(first, $0) } }
  }
}
