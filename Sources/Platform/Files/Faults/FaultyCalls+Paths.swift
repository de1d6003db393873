// The calls of the seam that name a path, with a fault plan in front.

import Runtime

extension FaultyCalls {
  func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode
  ) throws(ErrorNumber) -> FileDescriptor {
    _ = try plan.judge(.open, path, changesDisk: !options.isDisjoint(with: [.create, .truncate]))
    let before = options.contains(.truncate) && countsRoom ? bytesFreed(byRemoving: path, links: .max) : 0
    let descriptor = try inner.open(path, options, mode: mode)
    remember(descriptor, path)
    giveRoomBack(before)
    return descriptor
  }

  func status(of path: FilePath) throws(ErrorNumber) -> FileStatus {
    _ = try plan.judge(.status, path)
    return try inner.status(of: path)
  }

  func rename(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    _ = try plan.judge(.rename, path)
    let freed = countsRoom && path != target ? bytesFreed(byRemoving: target, links: 1) : 0
    try inner.rename(path, to: target)
    giveRoomBack(freed)
  }

  func link(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    _ = try plan.judge(.link, path)
    try inner.link(path, to: target)
  }

  func remove(_ path: FilePath) throws(ErrorNumber) {
    _ = try plan.judge(.remove, path)
    let freed = countsRoom ? bytesFreed(byRemoving: path, links: 1) : 0
    try inner.remove(path)
    giveRoomBack(freed)
  }

  /// How many bytes go with one name of a file: none while it has more than `links`. A file that is open keeps
  /// its blocks until it is closed; for a limit in tests the moment of removal is near enough.
  private func bytesFreed(byRemoving path: FilePath, links: Int) -> Int {
    do throws(ErrorNumber) {
      let status = try inner.status(of: path)
      return status.kind == .file && status.links <= links ? status.bytes : 0
    } catch {
      // Nothing there, or out of reach: the call itself says so next.
      return 0
    }
  }

  func createDirectory(_ path: FilePath, mode: FileMode) throws(ErrorNumber) {
    _ = try plan.judge(.createDirectory, path)
    try inner.createDirectory(path, mode: mode)
  }

  func removeDirectory(_ path: FilePath) throws(ErrorNumber) {
    _ = try plan.judge(.removeDirectory, path)
    try inner.removeDirectory(path)
  }

  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry] {
    _ = try plan.judge(.list, path)
    return try inner.entries(of: path, maximum: maximum)
  }

  func space(at path: FilePath) throws(ErrorNumber) -> StorageSpace {
    _ = try plan.judge(.space, path)
    return try inner.space(at: path)
  }

  var tellsOfChanges: Bool { inner.tellsOfChanges }

  func lockOwner(of path: FilePath) throws(ErrorNumber) -> Int32? {
    _ = try plan.judge(.status, path)
    return try inner.lockOwner(of: path)
  }

  func makeUniqueName() -> String { inner.makeUniqueName() }
}
