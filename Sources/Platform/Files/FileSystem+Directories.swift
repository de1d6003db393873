// Directory trees: made with every level durable, and removed again.

extension FileSystem {
  /// Makes a directory and those above it that are missing, and returns once they are all durable.
  /// Directories that are there already are left as they are.
  public func createDirectories(_ path: FilePath, mode: FileMode = .directory) throws(FileError) {
    var missing: [FilePath] = []
    var level = path
    while true {
      do throws(FileError) {
        let status = try status(of: level)
        guard status.kind == .directory else {
          throw .failed(.createDirectory, path: level, offset: nil, length: nil, .notDirectory)
        }
        break
      } catch {
        guard error.isNotFound, level.parent != level else { throw error }
        missing.append(level)
        level = level.parent
      }
    }
    // Who made the last one that is there may have died before its sync: then it is ours to do.
    if level.parent != level { try syncDirectory(level.parent) }
    for directory in missing.reversed() {
      do {
        try createDirectory(directory, mode: mode)
      } catch {
        // Somebody else was faster: theirs is as good, and the sync below makes it durable for us too.
        guard error.number == .exists else { throw error }
      }
      try syncDirectory(directory.parent)
    }
  }

  /// Makes an empty directory with a name of its own. Who made it removes it (`removeTree`).
  public func createTemporaryDirectory(
    in directory: FilePath, prefix: String
  ) throws(FileError) -> FilePath {
    var attempts = 0
    while true {
      let path = directory / "\(prefix)\(calls.makeUniqueName())"
      do {
        try createDirectory(path, mode: FileMode(rawValue: 0o700))
        return path
      } catch {
        attempts += 1
        guard error.number == .exists, attempts < directoryAttemptsMaximum else { throw error }
      }
    }
  }

  /// Removes a file, or a directory and everything in it; symbolic links are removed, not followed. Not
  /// durable before the parent is synced, and stops at the first error with the rest still there.
  public func removeTree(_ path: FilePath) throws(FileError) {
    do {
      // Tried as a file first: asking what it is would follow a symbolic link.
      try remove(path)
    } catch {
      guard error.number == .isDirectory else { throw error }
      try removeTree(path, kind: .directory, depth: 0)
    }
  }

  private func removeTree(_ path: FilePath, kind: FileKind, depth: Int) throws(FileError) {
    guard kind == .directory else { return try remove(path) }
    guard depth < treeDepthMaximum else { throw .tooDeep(path: path, depthMaximum: treeDepthMaximum) }
    for entry in try list(path) {
      try removeTree(path / entry.name, kind: entry.kind, depth: depth + 1)
    }
    try removeDirectory(path)
  }
}

/// How many taken names in a row are tried.
private let directoryAttemptsMaximum = 1000

/// How deep `removeTree` goes.
private let treeDepthMaximum = 256
