// Names on the simulated disk: lookups, and the calls that bind names to files and directories, with the
// error numbers that Linux gives and in the order it checks.

import Runtime

extension SimulatedDisk {
  // MARK: Lookup

  /// The directory that a path's last name is, or would be, in.
  private struct Place {
    let directory: Int
    /// The name; `.` for the root.
    let name: String
    /// What the name stands for.
    let inode: Int?
  }

  private func place(of path: FilePath) throws(ErrorNumber) -> Place {
    guard !path.string.isEmpty else { throw .notFound }
    guard !path.string.utf8.contains(0) else { throw .invalid }
    guard path.string.utf8.count <= FilePath.bytesMaximum else { throw .nameTooLong }
    // There is no working directory: a relative path begins at the root.
    var components = path.components[...]
    guard let last = components.popLast() else {
      return Place(directory: Self.root, name: ".", inode: Self.root)
    }
    var directory = Self.root
    for component in components {
      guard let next = try child(component, of: directory) else { throw .notFound }
      directory = next
    }
    return Place(directory: directory, name: String(last), inode: try child(last, of: directory))
  }

  private func child(_ name: Substring, of directory: Int) throws(ErrorNumber) -> Int? {
    guard let entries = directories[directory] else { throw .notDirectory }
    guard name.utf8.count <= FilePath.nameBytesMaximum else { throw .nameTooLong }
    switch name {
    case ".": return directory
    case "..": return entries.parent
    default: return entries.entries[String(name)]
    }
  }

  /// The file or directory at a path.
  func lookUp(_ path: FilePath) throws(ErrorNumber) -> Int {
    guard let inode = try place(of: path).inode else { throw .notFound }
    return inode
  }

  // MARK: Binding

  /// Binds names for lookups, and remembers the change as not durable.
  private mutating func bind(_ bindings: [NameChange.Binding], isAtomic: Bool, now: Timestamp) {
    for binding in bindings {
      directories[binding.directory]?.entries[binding.name] = binding.inode
      directories[binding.directory]?.modified = now
    }
    nameChanges.append(NameChange(bindings: bindings, isAtomic: isAtomic))
  }

  mutating func open(
    _ path: FilePath, _ options: OpenOptions, mode: FileMode, now: Timestamp
  ) throws(ErrorNumber) -> FileDescriptor {
    guard handles.count < Self.descriptorsMaximum else { throw .tooManyOpenFiles }
    let place = try place(of: path)
    let inode: Int
    if let found = place.inode {
      if options.isSuperset(of: [.create, .exclusive]) { throw .exists }
      let isDirectory = directories[found] != nil
      if isDirectory && !options.isDisjoint(with: [.write, .create]) { throw .isDirectory }
      if !isDirectory && options.contains(.directory) { throw .notDirectory }
      inode = found
    } else {
      guard options.contains(.create) else { throw .notFound }
      inode = makeInode()
      files[inode] = SimulatedFile(mode: mode, now: now)
      change(inode) { $0.links = 1 }
      bind(
        [.init(directory: place.directory, name: place.name, inode: inode)], isAtomic: true, now: now)
    }
    let isDirectory = directories[inode] != nil
    if options.contains(.truncate), file(inode).content.size > 0 {
      change(inode) { $0.truncate(to: 0, now: now) }
    }
    return makeHandle(
      SimulatedHandle(
        inode: inode, isDirectory: isDirectory, path: path, options: options,
        syncFailuresSeen: isDirectory ? 0 : file(inode).syncFailures))
  }

  mutating func createDirectory(_ path: FilePath, mode: FileMode, now: Timestamp) throws(ErrorNumber) {
    let place = try place(of: path)
    guard place.inode == nil else { throw .exists }
    let inode = makeInode()
    directories[inode] = SimulatedDirectory(parent: place.directory, mode: mode, modified: now)
    bind([.init(directory: place.directory, name: place.name, inode: inode)], isAtomic: true, now: now)
  }

  mutating func removeDirectory(_ path: FilePath, now: Timestamp) throws(ErrorNumber) {
    let place = try place(of: path)
    guard let inode = place.inode else { throw .notFound }
    guard let directory = directories[inode] else { throw .notDirectory }
    if inode == Self.root { throw .busy }
    if place.name == "." { throw .invalid }
    guard place.name != "..", directory.entries.isEmpty else { throw .notEmpty }
    directories[inode]?.isRemoved = true
    bind([.init(directory: place.directory, name: place.name, inode: nil)], isAtomic: true, now: now)
  }

  mutating func remove(_ path: FilePath, now: Timestamp) throws(ErrorNumber) {
    let place = try place(of: path)
    guard let inode = place.inode else { throw .notFound }
    guard directories[inode] == nil else { throw .isDirectory }
    bind([.init(directory: place.directory, name: place.name, inode: nil)], isAtomic: true, now: now)
    change(inode) { $0.links -= 1 }
  }

  mutating func link(_ path: FilePath, to target: FilePath, now: Timestamp) throws(ErrorNumber) {
    let inode = try lookUp(path)
    let place = try place(of: target)
    guard place.inode == nil else { throw .exists }
    guard directories[inode] == nil else { throw .notPermitted }
    bind([.init(directory: place.directory, name: place.name, inode: inode)], isAtomic: true, now: now)
    change(inode) { $0.links += 1 }
  }

  mutating func rename(_ path: FilePath, to target: FilePath, now: Timestamp) throws(ErrorNumber) {
    let source = try place(of: path)
    let goal = try place(of: target)
    if [".", ".."].contains(source.name) || [".", ".."].contains(goal.name) { throw .busy }
    guard let inode = source.inode else { throw .notFound }
    let isDirectory = directories[inode] != nil
    if isDirectory && isInside(goal.directory, inode) { throw .invalid }
    if let replaced = goal.inode {
      if directories[replaced] != nil, isInside(source.directory, replaced) { throw .notEmpty }
      if replaced == inode { return }
      if let directory = directories[replaced] {
        guard isDirectory else { throw .isDirectory }
        guard directory.entries.isEmpty else { throw .notEmpty }
        directories[replaced]?.isRemoved = true
      } else {
        guard !isDirectory else { throw .notDirectory }
        change(replaced) { $0.links -= 1 }
      }
    }
    if isDirectory { directories[inode]?.parent = goal.directory }
    bind(
      [
        .init(directory: goal.directory, name: goal.name, inode: inode),
        .init(directory: source.directory, name: source.name, inode: nil),
      ], isAtomic: isDirectory || source.directory == goal.directory, now: now)
  }

  /// Whether a directory is another or lies somewhere below it.
  private func isInside(_ directory: Int, _ other: Int) -> Bool {
    var level = directory
    while level != other {
      guard level != Self.root, let parent = directories[level]?.parent else { return false }
      level = parent
    }
    return true
  }

  func entries(of path: FilePath, maximum: Int) throws(ErrorNumber) -> [DirectoryEntry] {
    guard let directory = directories[try lookUp(path)] else { throw .notDirectory }
    // Sorted, so that one seed always gives one run; callers that need an order must still ask for it.
    return directory.entries.keys.sorted().prefix(maximum.saturatingAdd(1)).map { name in
      let isDirectory = directory.entries[name].map { directories[$0] != nil } ?? false
      return DirectoryEntry(name: name, kind: isDirectory ? .directory : .file)
    }
  }
}
