// The calls of the seam that name a path, on a simulated disk.

import Glibc
import Runtime

extension SimulatedCalls {
  private func perform<Result>(
    _ operation: FileOperation, _ path: FilePath, changesDisk: Bool? = nil,
    _ body: (inout SimulatedDisk) throws(ErrorNumber) -> Result
  ) throws(ErrorNumber) -> Result {
    _ = try plan.judge(operation, path, changesDisk: changesDisk)
    return try disk.withLock { disk throws(ErrorNumber) in try body(&disk) }
  }

  func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode
  ) throws(ErrorNumber) -> FileDescriptor {
    let changesDisk = !options.isDisjoint(with: [.create, .truncate])
    return try perform(.open, path, changesDisk: changesDisk) { disk throws(ErrorNumber) in
      try disk.open(path, options, mode: mode, now: time.wall)
    }
  }

  func close(_ descriptor: FileDescriptor) -> ErrorNumber? {
    var fault: ErrorNumber?
    do throws(ErrorNumber) {
      _ = try plan.judge(.close, path(of: descriptor))
    } catch {
      // A machine without power has nothing to close, and nobody to tell.
      fault = plan.isOff ? nil : error
    }
    return disk.withLock { $0.close(descriptor) } ?? fault
  }

  func status(of path: FilePath) throws(ErrorNumber) -> FileStatus {
    try perform(.status, path) { disk throws(ErrorNumber) in disk.status(inode: try disk.lookUp(path)) }
  }

  var tellsOfChanges: Bool { false }

  func lockOwner(of path: FilePath) throws(ErrorNumber) -> Int32? {
    try perform(.status, path) { disk throws(ErrorNumber) in
      let inode = try disk.lookUp(path)
      guard let owner = disk.files[inode]?.lock else { return nil }
      return owner == .anotherProcess ? getppid() : getpid()
    }
  }

  func rename(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try perform(.rename, path) { disk throws(ErrorNumber) in
      try disk.rename(path, to: target, now: time.wall)
    }
  }

  func link(_ path: FilePath, to target: FilePath) throws(ErrorNumber) {
    try perform(.link, path) { disk throws(ErrorNumber) in try disk.link(path, to: target, now: time.wall) }
  }

  func remove(_ path: FilePath) throws(ErrorNumber) {
    try perform(.remove, path) { disk throws(ErrorNumber) in try disk.remove(path, now: time.wall) }
  }

  func createDirectory(_ path: FilePath, mode: FileMode) throws(ErrorNumber) {
    try perform(.createDirectory, path) { disk throws(ErrorNumber) in
      try disk.createDirectory(path, mode: mode, now: time.wall)
    }
  }

  func removeDirectory(_ path: FilePath) throws(ErrorNumber) {
    try perform(.removeDirectory, path) { disk throws(ErrorNumber) in
      try disk.removeDirectory(path, now: time.wall)
    }
  }

  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry] {
    try perform(.list, path) { disk throws(ErrorNumber) in try disk.entries(of: path, maximum: maximum) }
  }

  func space(at path: FilePath) throws(ErrorNumber) -> StorageSpace {
    try perform(.space, path) { disk throws(ErrorNumber) in
      _ = try disk.lookUp(path)
      return disk.space
    }
  }

  func makeUniqueName() -> String { disk.withLock { $0.makeName() } }
}
