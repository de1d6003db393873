// The machine's files, and the process dies at a chosen call of those that change the disk: before the kernel hears of
// it, or when it has answered and nobody knows yet. So a death can be put between any two steps of a write.

import Files
import Glibc
import Synchronization

/// When the process kills itself.
enum Death: Sendable {
  /// Never.
  case none
  /// Before the call of that number, counted from 1.
  case before(Int)
  /// After it.
  case after(Int)
}

/// The machine's files until the process's death.
struct DeadlyFiles: FileSystem {
  let calls: any FileCalls

  init(_ death: Death) { calls = DeadlyCalls(death) }
}

/// Ends this process at once, as if it were killed from outside.
func die() -> Never {
  kill(getpid(), SIGKILL)
  // The signal comes with the return of the call that sent it, or a moment later.
  while true { pause() }
}

private final class DeadlyCalls: FileCalls {
  private let inner = LocalFiles().calls
  private let death: Death
  private let count = Atomic(0)

  init(_ death: Death) { self.death = death }

  private func counted<Output>(
    _ body: () throws(ErrorNumber) -> Output
  ) throws(ErrorNumber) -> Output {
    let number = count.add(1, ordering: .relaxed).newValue
    if case .before(number) = death { die() }
    let output = try body()
    if case .after(number) = death { die() }
    return output
  }

  // MARK: Calls that change the disk

  func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode
  ) throws(ErrorNumber) -> FileDescriptor {
    if options.isDisjoint(with: [.create, .truncate]) {
      return try inner.open(path, options, mode: mode)
    }
    return try counted { () throws(ErrorNumber) in try inner.open(path, options, mode: mode) }
  }

  func write(
    _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try counted { () throws(ErrorNumber) in try inner.write(descriptor, bytes, at: offset) }
  }

  func write(
    _ descriptor: FileDescriptor, gathering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try counted { () throws(ErrorNumber) in try inner.write(descriptor, gathering: pieces, at: offset) }
  }

  func append(_ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) -> Int {
    try counted { () throws(ErrorNumber) in try inner.append(descriptor, bytes) }
  }

  func syncData(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.syncData(descriptor) }
  }

  func sync(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.sync(descriptor) }
  }

  func allocate(
    _ descriptor: FileDescriptor, _ allocation: Allocation, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in
      try inner.allocate(descriptor, allocation, at: offset, length: length)
    }
  }

  func truncate(_ descriptor: FileDescriptor, to bytes: Int) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.truncate(descriptor, to: bytes) }
  }

  func copy(
    from source: FileDescriptor, at sourceOffset: Int, to target: FileDescriptor, at targetOffset: Int,
    length: Int
  ) throws(ErrorNumber) -> Int {
    try counted { () throws(ErrorNumber) in
      try inner.copy(from: source, at: sourceOffset, to: target, at: targetOffset, length: length)
    }
  }

  func rename(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.rename(path, to: target) }
  }

  func link(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.link(path, to: target) }
  }

  func remove(_ path: FilePath) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.remove(path) }
  }

  func createDirectory(_ path: FilePath, mode: FileMode) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.createDirectory(path, mode: mode) }
  }

  func removeDirectory(_ path: FilePath) throws(ErrorNumber) {
    try counted { () throws(ErrorNumber) in try inner.removeDirectory(path) }
  }

  // MARK: Calls that do not

  func close(_ descriptor: FileDescriptor) -> ErrorNumber? { inner.close(descriptor) }

  func read(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int { try inner.read(descriptor, into: bytes, at: offset) }

  func read(
    _ descriptor: FileDescriptor, scattering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int { try inner.read(descriptor, scattering: pieces, at: offset) }

  func readCached(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int? { try inner.readCached(descriptor, into: bytes, at: offset) }

  func startWriteBack(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) {
    try inner.startWriteBack(descriptor, at: offset, length: length)
  }

  func advise(
    _ descriptor: FileDescriptor, _ advice: ReadAdvice, at offset: Int, length: Int
  ) throws(ErrorNumber) { try inner.advise(descriptor, advice, at: offset, length: length) }

  func map(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) -> FileMapping {
    try inner.map(descriptor, at: offset, length: length)
  }

  func lock(_ descriptor: FileDescriptor) throws(ErrorNumber) { try inner.lock(descriptor) }

  func lockOwner(of path: FilePath) throws(ErrorNumber) -> Int32? { try inner.lockOwner(of: path) }

  var tellsOfChanges: Bool { inner.tellsOfChanges }

  func status(_ descriptor: FileDescriptor) throws(ErrorNumber) -> FileStatus { try inner.status(descriptor) }

  func status(of path: FilePath) throws(ErrorNumber) -> FileStatus { try inner.status(of: path) }

  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry] {
    try inner.entries(of: path, maximum: maximum)
  }

  func space(at path: FilePath) throws(ErrorNumber) -> StorageSpace { try inner.space(at: path) }

  func makeUniqueName() -> String { inner.makeUniqueName() }
}
