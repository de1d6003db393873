// What is durable of the simulated disk's names, and what a crash leaves of all of it.

import Runtime

extension SimulatedDisk {
  // MARK: Syncing

  /// Makes an open file or directory durable.
  mutating func sync(_ descriptor: FileDescriptor, model: CrashModel) throws(ErrorNumber) {
    let handle = try handle(descriptor)
    if handle.isDirectory { return syncNames(of: handle.inode, model: model) }
    change(handle.inode) { $0.sync() }
    // Each descriptor hears once of a failure that another one ran into.
    let file = file(handle.inode)
    if handle.syncFailuresSeen < file.syncFailures {
      handles[descriptor]?.syncFailuresSeen = file.syncFailures
      throw file.lastSyncFailure
    }
  }

  /// Lets a sync fail: what it would have made durable is partly so, and the rest is forgotten.
  mutating func failSync(
    _ descriptor: FileDescriptor, _ survival: Survival, model: CrashModel, with error: ErrorNumber
  ) {
    guard let handle = handles[descriptor] else { return }
    if handle.isDirectory {
      let touched = nameChanges.indices.filter { index in
        nameChanges[index].bindings.contains { $0.directory == handle.inode }
      }
      let kept = NameSurvival.choose(survival, count: touched.count, model: model.names)
      let keptIndices = Set(zip(touched, kept).filter(\.1).map(\.0))
      makeDurable { index, binding in binding.directory == handle.inode && keptIndices.contains(index) }
      forgetChanges { $0.directory == handle.inode }
    } else {
      let failures = change(handle.inode) { file in
        file.failSync(survival, inode: handle.inode, model: model, with: error)
        return file.syncFailures
      }
      handles[descriptor]?.syncFailuresSeen = failures
    }
  }

  private mutating func syncNames(of directory: Int, model: CrashModel) {
    switch model.names {
    case .journaled:
      let last = nameChanges.lastIndex { $0.bindings.contains { $0.directory == directory } }
      if let last { makeDurable { index, _ in index <= last } }
    case .unordered:
      let changes = nameChanges
      makeDurable { index, binding in
        binding.directory == directory
          || (changes[index].isAtomic && changes[index].bindings.contains { $0.directory == directory })
      }
    }
    collectGarbage()
  }

  /// Makes the chosen bindings durable and drops them from the changes that wait, with the older ones of the
  /// same names.
  private mutating func makeDurable(_ isChosen: (Int, NameChange.Binding) -> Bool) {
    struct Key: Hashable {
      let directory: Int
      let name: String
    }
    var settled: [Key: Int] = [:]
    for (index, change) in nameChanges.enumerated() {
      for binding in change.bindings where isChosen(index, binding) {
        directories[binding.directory]?.durable[binding.name] = binding.inode
        settled[Key(directory: binding.directory, name: binding.name)] = index
      }
    }
    guard !settled.isEmpty else { return }
    for index in nameChanges.indices {
      nameChanges[index].bindings.removeAll { binding in
        settled[Key(directory: binding.directory, name: binding.name)].map { index <= $0 } ?? false
      }
    }
    nameChanges.removeAll { $0.bindings.isEmpty }
  }

  private mutating func forgetChanges(_ isForgotten: (NameChange.Binding) -> Bool) {
    for index in nameChanges.indices { nameChanges[index].bindings.removeAll(where: isForgotten) }
    nameChanges.removeAll { $0.bindings.isEmpty }
  }

  /// Drops files and directories that no name, durable or not, and no descriptor leads to any more.
  private mutating func collectGarbage() {
    var named: Set<Int> = [Self.root]
    for directory in directories.values {
      named.formUnion(directory.entries.values)
      named.formUnion(directory.durable.values)
    }
    for change in nameChanges { named.formUnion(change.bindings.compactMap(\.inode)) }
    for handle in handles.values { named.insert(handle.inode) }
    for inode in files.keys where !named.contains(inode) { files[inode] = nil }
    for inode in directories.keys where !named.contains(inode) { directories[inode] = nil }
  }

  // MARK: Crashing

  /// The disk as a power cut leaves it: nothing open, nothing locked, everything that is there durable.
  func afterCrash(_ survival: Survival, model: CrashModel, now: Timestamp) -> SimulatedDisk {
    var survivor = self
    let kept = NameSurvival.choose(survival, count: nameChanges.count, model: model.names)
    let splits = Self.splits(survival)
    survivor.makeDurable { index, binding in
      guard model.names == .unordered, !nameChanges[index].isAtomic, let splits else { return kept[index] }
      // The two halves of a move between directories are two writes to two places.
      return splits.next() & 1 == 0
    }
    survivor.nameChanges.removeAll()
    survivor.handles.removeAll()
    survivor.rebuildFromDurable(survival, model: model)
    return survivor
  }

  private static func splits(_ survival: Survival) -> SeededRandom? {
    guard case .random(let seed) = survival else { return nil }
    return SeededRandom(seed: seed &+ 0x6861_6c66)
  }

  /// Keeps what the durable names lead to from the root, as the durable bytes of it.
  private mutating func rebuildFromDurable(_ survival: Survival, model: CrashModel) {
    var keptFiles: [Int: SimulatedFile] = [:]
    var keptDirectories: [Int: SimulatedDirectory] = [:]
    var queue: [(inode: Int, parent: Int)] = [(Self.root, Self.root)]
    var found: Set<Int> = [Self.root]
    while let (inode, parent) = queue.popLast() {
      guard var directory = directories[inode] else { continue }
      directory.parent = parent
      directory.isRemoved = false
      directory.entries = [:]
      // In order of names, so that one seed always gives one disk.
      for name in directory.durable.keys.sorted() {
        guard let child = directory.durable[name] else { continue }
        if let file = files[child] {
          keptFiles[child, default: file.afterCrash(survival, inode: child, model: model)].links += 1
          directory.entries[name] = child
        } else if directories[child] != nil, found.insert(child).inserted {
          // A directory has one name: a second one, left by a torn move, is what fsck would cut.
          directory.entries[name] = child
          queue.append((child, inode))
        }
      }
      directory.durable = directory.entries
      keptDirectories[inode] = directory
    }
    files = keptFiles
    directories = keptDirectories
    usedPages = files.values.reduce(0) { $0 + $1.content.allocatedPages }
  }
}
