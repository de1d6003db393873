// One file of the simulated disk: what readers see, what is durable, and the changes between the two.

import Runtime

/// A change of a file that is not durable yet.
enum FileChange: Sendable {
  case write(offset: Int, bytes: [UInt8])
  case grow(to: Int)
  case shrink(to: Int)
  case zero(Range<Int>, reserving: Bool)
  case reserve(Range<Int>)

  var writtenRange: Range<Int>? {
    if case .write(let offset, let bytes) = self { return offset..<offset + bytes.count }
    return nil
  }
}

/// A file's two states, in the page cache and on the disk.
struct SimulatedFile: Sendable {
  /// What reads see.
  private(set) var content = SparseBytes()
  /// What a crash cannot take away.
  private(set) var durable = SparseBytes()
  private var pending: [FileChange] = []
  /// Pages whose bytes a failed sync dropped: cached, clean, and not on the disk.
  private var lostPages: Set<Int> = []
  private(set) var mode: FileMode
  private(set) var modified: Timestamp

  /// How many names it has.
  var links = 0
  /// How many descriptors it has.
  var opens = 0
  /// Who has it locked.
  var lock: FileLockOwner?
  /// How many syncs failed: each descriptor hears of a failure once.
  var syncFailures = 0
  /// What the last failed sync failed with.
  var lastSyncFailure: ErrorNumber = .inputOutput
  /// The live mappings, by number, and where each ends.
  var mappings: [Int: Int] = [:]

  init(mode: FileMode, now: Timestamp) {
    self.mode = mode
    modified = now
  }

  /// Whether it takes room on the disk.
  var isCounted: Bool { links > 0 || opens > 0 }

  // MARK: Changes

  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, now: Timestamp) {
    let end = offset + bytes.count
    content.write(bytes, at: offset)
    let grows = end > content.size
    if grows { content.setSize(end) }
    // A page whose bytes a failed sync dropped is dirty again as a whole.
    var range = offset..<end
    for page in SparseBytes.pages(of: range) where lostPages.remove(page) != nil {
      let whole = page * SparseBytes.pageBytes..<min(content.size, (page + 1) * SparseBytes.pageBytes)
      range = min(range.lowerBound, whole.lowerBound)..<max(range.upperBound, whole.upperBound)
    }
    pending.append(
      .write(
        offset: range.lowerBound,
        bytes: range == offset..<end ? Array(bytes) : content.bytes(in: range)))
    // After the bytes: a model that writes data before sizes then keeps them in this order.
    if grows { pending.append(.grow(to: end)) }
    modified = now
  }

  mutating func truncate(to bytes: Int, now: Timestamp) {
    if let end = mappings.values.max() {
      precondition(bytes >= end, "cut to \(bytes) bytes while mapped up to \(end): the kernel sends SIGBUS")
    }
    if bytes < content.size {
      pending.append(.shrink(to: bytes))
      lostPages = lostPages.filter { $0 * SparseBytes.pageBytes < bytes }
    } else if bytes > content.size {
      pending.append(.grow(to: bytes))
    }
    content.setSize(bytes)
    modified = now
  }

  mutating func allocate(_ allocation: Allocation, _ range: Range<Int>, now: Timestamp) {
    switch allocation {
    case .reserve, .reserveKeepingSize:
      content.reserve(range)
      pending.append(.reserve(range))
    case .punchHole, .zeroRange:
      content.zero(range, reserving: allocation == .zeroRange)
      pending.append(.zero(range, reserving: allocation == .zeroRange))
    }
    if range.upperBound > content.size, allocation == .reserve || allocation == .zeroRange {
      content.setSize(range.upperBound)
      pending.append(.grow(to: range.upperBound))
    }
    modified = now
  }

  // MARK: Durability

  /// Makes every change durable that a failed sync has not dropped.
  mutating func sync() {
    for change in pending {
      switch change {
      case .write(let offset, let bytes): bytes.withUnsafeBytes { durable.write($0, at: offset) }
      case .grow(let size), .shrink(let size): durable.setSize(size)
      case .zero(let range, let reserving): durable.zero(range, reserving: reserving)
      case .reserve(let range): durable.reserve(range)
      }
    }
    pending.removeAll()
  }

  /// What the kernel does when writing back fails: some pages reached the disk, the others are dropped but
  /// stay readable, and nothing remembers that they are not durable. Sizes and blocks stay dirty.
  mutating func failSync(_ survival: Survival, inode: Int, model: CrashModel, with error: ErrorNumber) {
    let kept = FileSurvival(survival, changes: pending, inode: inode, atomicBytes: model.atomicBytes)
    persist(pending, kept, metadataKept: 0, atomicBytes: model.atomicBytes, firstOrderedByte: .max)
    for change in pending {
      if let range = change.writtenRange { lostPages.formUnion(SparseBytes.pages(of: range)) }
    }
    pending.removeAll { $0.writtenRange != nil }
    syncFailures += 1
    lastSyncFailure = error
  }

  /// The file as a crash leaves it.
  func afterCrash(_ survival: Survival, inode: Int, model: CrashModel) -> SimulatedFile {
    var survivor = SimulatedFile(mode: mode, now: modified)
    survivor.durable = durable
    let kept = FileSurvival(survival, changes: pending, inode: inode, atomicBytes: model.atomicBytes)
    // New blocks begin after the last one that was there; the rest of that one has no order.
    let pageBytes = SparseBytes.pageBytes
    let firstNewBlock = (durable.size + pageBytes - 1) / pageBytes * pageBytes
    survivor.persist(
      pending, kept, metadataKept: kept.metadataKept, atomicBytes: model.atomicBytes,
      firstOrderedByte: model.dataBeforeSize ? firstNewBlock : .max)
    survivor.durable.trim()
    survivor.content = survivor.durable
    return survivor
  }

  /// Puts on the disk what survives of `changes`.
  ///
  /// - Parameters:
  ///   - metadataKept: how many of them count for size and blocks.
  ///   - firstOrderedByte: from here on data is there whenever the size that covers it is.
  private mutating func persist(
    _ changes: [FileChange], _ kept: FileSurvival, metadataKept: Int, atomicBytes: Int, firstOrderedByte: Int
  ) {
    // Where blocks were exchanged by a change that is lost, later bytes went to blocks nobody finds again.
    var unreachable: [Range<Int>] = []
    for (index, change) in changes.enumerated() {
      switch change {
      case .write(let offset, let bytes):
        var done = 0
        while done < bytes.count {
          let place = offset + done
          let unit = place / atomicBytes
          let count = min(bytes.count - done, (unit + 1) * atomicBytes - place)
          let seen =
            place >= firstOrderedByte
            ? max(kept.dataKept(unit: unit), metadataKept) : kept.dataKept(unit: unit)
          if index < seen, !unreachable.contains(where: { $0.contains(place) }) {
            bytes.withUnsafeBytes {
              durable.write(UnsafeRawBufferPointer(rebasing: $0[done..<done + count]), at: place)
            }
          }
          done += count
        }
      case .grow(let size):
        if index < metadataKept { durable.setSize(size) }
      case .shrink(let size):
        if index < metadataKept { durable.setSize(size) } else { unreachable.append(size..<Int.max) }
      case .zero(let range, let reserving):
        if index < metadataKept {
          durable.zero(range, reserving: reserving)
        } else {
          unreachable.append(range)
        }
      case .reserve(let range):
        if index < metadataKept { durable.reserve(range) }
      }
    }
  }
}

/// Who holds a simulated lock.
enum FileLockOwner: Hashable, Sendable {
  case descriptor(FileDescriptor)
  case anotherProcess
}
