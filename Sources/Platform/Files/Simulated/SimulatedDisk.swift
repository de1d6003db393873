// The whole simulated disk as one value: files, directories, open descriptors, and the changes of names that
// are not durable yet. Copying it is a snapshot. It knows nothing of faults or of threads; SimulatedCalls
// puts it behind a lock and a `FaultPlan`. Names are in SimulatedDisk+Names.swift, crashes in
// SimulatedDisk+Crash.swift.

import Runtime

/// A directory: what lookups see and what is durable.
struct SimulatedDirectory: Sendable {
  var entries: [String: Int] = [:]
  var durable: [String: Int] = [:]
  /// The directory above; the root is its own.
  var parent: Int
  var mode: FileMode
  var modified: Timestamp
  /// Whether it was removed; it may still be open.
  var isRemoved = false
}

/// A change of names that is not durable yet: what each name stands for after it.
struct NameChange: Sendable {
  struct Binding: Sendable {
    let directory: Int
    let name: String
    let inode: Int?
  }

  var bindings: [Binding]
  /// Whether its bindings become durable together whatever the model.
  let isAtomic: Bool
}

/// An open descriptor.
struct SimulatedHandle: Sendable {
  let inode: Int
  let isDirectory: Bool
  let path: FilePath
  let options: OpenOptions
  /// How many failed syncs of the file its owner has heard of.
  var syncFailuresSeen: Int
}

/// A disk in memory.
struct SimulatedDisk: Sendable {
  static let root = 1
  static let descriptorsMaximum = 65_536
  static let fileBytesMaximum = 1 << 44
  /// What direct access wants addresses, offsets and lengths to be multiples of.
  static let sectorBytes = 512

  let capacityPages: Int
  var files: [Int: SimulatedFile] = [:]
  var directories: [Int: SimulatedDirectory] = [:]
  var handles: [FileDescriptor: SimulatedHandle] = [:]
  var nameChanges: [NameChange] = []
  var usedPages = 0
  private var nextInode = root + 1
  private var nextDescriptor: Int32 = 3
  private var nextName = 1
  var nextMapping = 1

  init(capacityBytes: Int, now: Timestamp) {
    capacityPages = capacityBytes / SparseBytes.pageBytes
    directories[Self.root] = SimulatedDirectory(parent: Self.root, mode: .directory, modified: now)
  }

  var freePages: Int { max(0, capacityPages - usedPages) }

  mutating func makeInode() -> Int {
    defer { nextInode += 1 }
    return nextInode
  }

  mutating func makeName() -> String {
    defer { nextName += 1 }
    return "simulated-\(nextName)"
  }

  // MARK: Descriptors

  mutating func makeHandle(_ handle: SimulatedHandle) -> FileDescriptor {
    let descriptor = FileDescriptor(rawValue: nextDescriptor)
    // Numbers are never used again, so a descriptor from before a close or a crash finds nothing.
    nextDescriptor += 1
    handles[descriptor] = handle
    if !handle.isDirectory { change(handle.inode) { $0.opens += 1 } }
    return descriptor
  }

  func handle(_ descriptor: FileDescriptor) throws(ErrorNumber) -> SimulatedHandle {
    guard let handle = handles[descriptor] else { throw .badDescriptor }
    return handle
  }

  /// The open file, which must be one that may be read or written as asked.
  func file(
    _ descriptor: FileDescriptor, for access: OpenOptions, otherwise: ErrorNumber = .badDescriptor
  ) throws(ErrorNumber) -> SimulatedHandle {
    let handle = try handle(descriptor)
    guard handle.options.isSuperset(of: access) else { throw otherwise }
    guard !handle.isDirectory else { throw .isDirectory }
    return handle
  }

  mutating func close(_ descriptor: FileDescriptor) -> ErrorNumber? {
    guard let handle = handles.removeValue(forKey: descriptor) else { return .badDescriptor }
    guard !handle.isDirectory else { return nil }
    change(handle.inode) {
      $0.opens -= 1
      if $0.lock == .descriptor(descriptor) { $0.lock = nil }
    }
    return nil
  }

  // MARK: Files

  /// The file with this number, which whoever asks has found by a name or a descriptor.
  func file(_ inode: Int) -> SimulatedFile {
    guard let file = files[inode] else { preconditionFailure("no file has the number \(inode)") }
    return file
  }

  /// Changes a file in place and keeps the count of used pages right.
  mutating func change<Result>(_ inode: Int, _ body: (inout SimulatedFile) -> Result) -> Result {
    guard let index = files.index(forKey: inode) else {
      preconditionFailure("no file has the number \(inode)")
    }
    let before = files.values[index].isCounted ? files.values[index].content.allocatedPages : 0
    let result = body(&files.values[index])
    let after = files.values[index].isCounted ? files.values[index].content.allocatedPages : 0
    usedPages += after - before
    return result
  }

  // MARK: Bytes

  /// Writes as much as there is room for.
  mutating func write(
    _ inode: Int, _ bytes: UnsafeRawBufferPointer, at offset: Int, now: Timestamp
  ) throws(ErrorNumber) -> Int {
    guard bytes.count <= Self.fileBytesMaximum, offset <= Self.fileBytesMaximum - bytes.count else {
      throw .fileTooBig
    }
    let free = freePages
    let range = offset..<offset + bytes.count
    let count = file(inode).content.writableCount(of: range, newPages: free)
    if count == 0, !bytes.isEmpty { throw .noSpace }
    if count > 0 {
      change(inode) { $0.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset, now: now) }
    }
    return count
  }

  /// Writes as much of an array as there is room for.
  mutating func write(_ inode: Int, _ bytes: [UInt8], at offset: Int, now: Timestamp) throws(ErrorNumber)
    -> Int
  {
    try bytes.withUnsafeBufferPointer { bytes throws(ErrorNumber) in
      try write(inode, UnsafeRawBufferPointer(bytes), at: offset, now: now)
    }
  }

  mutating func allocate(
    _ inode: Int, _ allocation: Allocation, at offset: Int, length: Int, now: Timestamp
  ) throws(ErrorNumber) {
    guard offset >= 0, length > 0 else { throw .invalid }
    guard length <= Self.fileBytesMaximum, offset <= Self.fileBytesMaximum - length else { throw .fileTooBig }
    let range = offset..<offset + length
    if allocation != .punchHole, file(inode).content.missingPages(in: range) > freePages { throw .noSpace }
    change(inode) { $0.allocate(allocation, range, now: now) }
  }

  // MARK: Status

  func status(inode: Int, device: UInt64 = 1) -> FileStatus {
    if let directory = directories[inode] {
      let children = directory.entries.values.count { directories[$0] != nil }
      return FileStatus(
        kind: .directory, bytes: SparseBytes.pageBytes, allocatedBytes: SparseBytes.pageBytes,
        links: directory.isRemoved ? 0 : 2 + children, mode: directory.mode, inode: UInt64(inode),
        device: device, modified: directory.modified)
    }
    let file = file(inode)
    return FileStatus(
      kind: .file, bytes: file.content.size,
      allocatedBytes: file.content.allocatedPages * SparseBytes.pageBytes, links: file.links, mode: file.mode,
      inode: UInt64(inode), device: device, modified: file.modified)
  }

  var space: StorageSpace {
    let page = UInt64(SparseBytes.pageBytes)
    return StorageSpace(
      totalBytes: UInt64(capacityPages) * page, freeBytes: UInt64(freePages) * page,
      availableBytes: UInt64(freePages) * page, blockBytes: SparseBytes.pageBytes)
  }
}

extension SimulatedDisk {
  /// The same disk as seen by a process that has nothing open.
  func withoutHandles() -> SimulatedDisk {
    var copy = self
    for descriptor in handles.keys { _ = copy.close(descriptor) }
    for inode in copy.files.keys { copy.change(inode) { $0.mappings.removeAll() } }
    return copy
  }
}
