// The seam's calls on a simulated disk: each asks the fault plan, then changes the disk under one lock. The
// calls on paths are in SimulatedCalls+Paths.swift.

import CLinux
import Glibc
import Runtime

final class SimulatedCalls: FileCalls {
  let disk: Locked<SimulatedDisk>
  let plan: FaultPlan
  let model: CrashModel
  let time: any TimeSource
  private let random: any RandomSource

  init(
    disk: SimulatedDisk, plan: FaultPlan, model: CrashModel, time: any TimeSource, random: any RandomSource
  ) {
    self.disk = Locked(disk)
    self.plan = plan
    self.model = model
    self.time = time
    self.random = random
  }

  /// What the descriptor was opened as, for rules and the record.
  func path(of descriptor: FileDescriptor) -> FilePath {
    disk.withLock { $0.handles[descriptor]?.path } ?? FilePath("a descriptor that is not open")
  }

  /// Asks the plan about a call on an open file and makes it.
  private func perform<Result: ~Copyable>(
    _ operation: FileOperation, _ descriptor: FileDescriptor, at offset: Int? = nil, length: Int? = nil,
    _ body: (inout SimulatedDisk, FaultPlan.Verdict) throws(ErrorNumber) -> Result
  ) throws(ErrorNumber) -> Result {
    let verdict = try plan.judge(operation, path(of: descriptor), at: offset, length: length)
    return try disk.withLock { disk throws(ErrorNumber) in try body(&disk, verdict) }
  }

  private func checkDirect(
    _ handle: SimulatedHandle, _ address: UnsafeRawPointer?, _ count: Int, _ offset: Int
  ) throws(ErrorNumber) {
    guard handle.options.contains(.direct) else { return }
    let sector = SimulatedDisk.sectorBytes
    guard offset % sector == 0, count % sector == 0, Int(bitPattern: address) % sector == 0 else {
      throw .invalid
    }
  }

  // MARK: Bytes

  func read(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try perform(.read, descriptor, at: offset, length: bytes.count) { disk, verdict throws(ErrorNumber) in
      try self.read(&disk, descriptor, into: bytes, at: offset, verdict)
    }
  }

  private func read(
    _ disk: inout SimulatedDisk, _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer,
    at offset: Int, _ verdict: FaultPlan.Verdict
  ) throws(ErrorNumber) -> Int {
    guard offset >= 0 else { throw .invalid }
    let handle = try disk.file(descriptor, for: .read)
    try checkDirect(handle, bytes.baseAddress, bytes.count, offset)
    let count = min(bytes.count, verdict.bytesMaximum)
    let wanted = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
    let got = disk.file(handle.inode).content.read(into: wanted, at: offset)
    verdict.spoil(UnsafeMutableRawBufferPointer(rebasing: wanted[..<got]), readAt: offset)
    return got
  }

  func read(
    _ descriptor: FileDescriptor, scattering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let length = pieces.reduce(0) { $0 + $1.iov_len }
    return try perform(.read, descriptor, at: offset, length: length) { disk, verdict throws(ErrorNumber) in
      var rest = verdict
      var done = 0
      for piece in pieces {
        rest.bytesMaximum = verdict.bytesMaximum - done
        if rest.bytesMaximum == 0 { break }
        let memory = UnsafeMutableRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
        let got = try self.read(&disk, descriptor, into: memory, at: offset.saturatingAdd(done), rest)
        done += got
        if got < memory.count { break }
      }
      return done
    }
  }

  func readCached(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int? {
    try perform(.readCached, descriptor, at: offset, length: bytes.count) {
      disk, verdict throws(ErrorNumber) in
      guard verdict.isCached else { return nil }
      return try self.read(&disk, descriptor, into: bytes, at: offset, verdict)
    }
  }

  func write(
    _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    try perform(.write, descriptor, at: offset, length: bytes.count) { disk, verdict throws(ErrorNumber) in
      try self.write(&disk, descriptor, bytes, at: offset, verdict.bytesMaximum)
    }
  }

  private func write(
    _ disk: inout SimulatedDisk, _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer,
    at offset: Int, _ bytesMaximum: Int
  ) throws(ErrorNumber) -> Int {
    guard offset >= 0 else { throw .invalid }
    let handle = try disk.file(descriptor, for: .write)
    try checkDirect(handle, bytes.baseAddress, bytes.count, offset)
    // Linux ignores the offset of a file that appends.
    let place = handle.options.contains(.append) ? disk.file(handle.inode).content.size : offset
    let taken = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, bytesMaximum)])
    return try disk.write(handle.inode, taken, at: place, now: time.wall)
  }

  func write(
    _ descriptor: FileDescriptor, gathering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let length = pieces.reduce(0) { $0 + $1.iov_len }
    return try perform(.write, descriptor, at: offset, length: length) { disk, verdict throws(ErrorNumber) in
      var done = 0
      for piece in pieces where done < verdict.bytesMaximum {
        let memory = UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
        let taken: Int
        do throws(ErrorNumber) {
          taken = try self.write(
            &disk, descriptor, memory, at: offset.saturatingAdd(done), verdict.bytesMaximum - done)
        } catch {
          // What the earlier pieces put in place counts; the error comes with the next call.
          if done > 0 { return done }
          throw error
        }
        done += taken
        if taken < memory.count { break }
      }
      return done
    }
  }

  func append(_ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) -> Int {
    try perform(.append, descriptor, length: bytes.count) { disk, verdict throws(ErrorNumber) in
      try self.write(&disk, descriptor, bytes, at: 0, verdict.bytesMaximum)
    }
  }

  func copy(
    from source: FileDescriptor, at sourceOffset: Int, to target: FileDescriptor, at targetOffset: Int,
    length: Int
  ) throws(ErrorNumber) -> Int {
    try perform(.copy, source, at: sourceOffset, length: length) { disk, verdict throws(ErrorNumber) in
      guard sourceOffset >= 0, targetOffset >= 0 else { throw .invalid }
      // Here Linux looks at the kind before the access; reads and writes look at the access first.
      let kinds = (try disk.handle(source).isDirectory, try disk.handle(target).isDirectory)
      if kinds.0 || kinds.1 { throw .isDirectory }
      let from = try disk.file(source, for: .read)
      let to = try disk.file(target, for: .write)
      guard !to.options.contains(.append) else { throw .badDescriptor }
      let available = max(0, disk.file(from.inode).content.size - sourceOffset)
      let wanted = min(length, available)
      if from.inode == to.inode, sourceOffset < targetOffset.saturatingAdd(wanted),
        targetOffset < sourceOffset.saturatingAdd(wanted)
      {
        throw .invalid
      }
      var bytes = disk.file(from.inode).content.bytes(
        in: sourceOffset..<sourceOffset + min(wanted, verdict.bytesMaximum))
      bytes.withUnsafeMutableBytes { verdict.spoil($0, readAt: sourceOffset) }
      return try disk.write(to.inode, bytes, at: targetOffset, now: time.wall)
    }
  }

  func map(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) -> FileMapping {
    try perform(.map, descriptor, at: offset, length: length) { disk, verdict throws(ErrorNumber) in
      guard offset >= 0, length > 0 else { throw .invalid }
      let handle = try disk.file(descriptor, for: .read)
      // Part of the range is unreadable: a read of the mapping would end the process.
      guard verdict.bytesMaximum >= length else { throw .inputOutput }
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
      _ = memory.initializeMemory(as: UInt8.self, repeating: 0)
      _ = disk.file(handle.inode).content.read(into: memory, at: offset)
      verdict.spoil(memory, readAt: offset)
      let number = disk.nextMapping
      disk.nextMapping += 1
      disk.change(handle.inode) { $0.mappings[number] = offset + length }
      guard let base = memory.baseAddress else { throw .invalid }
      return FileMapping(
        base: UnsafeRawPointer(base), count: length,
        release: .deallocate(base) { [self] in
          self.disk.withLock { disk in
            if disk.files[handle.inode] != nil { disk.change(handle.inode) { $0.mappings[number] = nil } }
          }
        })
    }
  }

  // MARK: Durability, size, blocks

  func syncData(_ descriptor: FileDescriptor) throws(ErrorNumber) { try sync(.syncData, descriptor) }

  func sync(_ descriptor: FileDescriptor) throws(ErrorNumber) { try sync(.sync, descriptor) }

  private func sync(_ operation: FileOperation, _ descriptor: FileDescriptor) throws(ErrorNumber) {
    let path = self.path(of: descriptor)
    do throws(ErrorNumber) {
      _ = try plan.judge(operation, path)
    } catch {
      // Interrupted or without power it did nothing; any other failure loses pages.
      if error != .interrupted, !plan.isOff {
        let survival = Survival.random(seed: random.next())
        disk.withLock { $0.failSync(descriptor, survival, model: model, with: error) }
      }
      throw error
    }
    // Data cannot be made durable without its size, and times are not modelled: both syncs do the same.
    try disk.withLock { disk throws(ErrorNumber) in try disk.sync(descriptor, model: model) }
  }

  func startWriteBack(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) {
    try perform(.writeBack, descriptor, at: offset, length: length) { disk, _ throws(ErrorNumber) in
      guard offset >= 0, length >= 0 else { throw .invalid }
      _ = try disk.handle(descriptor)
    }
  }

  func allocate(
    _ descriptor: FileDescriptor, _ allocation: Allocation, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    try perform(.allocate, descriptor, at: offset, length: length) { disk, _ throws(ErrorNumber) in
      guard offset >= 0, length > 0 else { throw .invalid }
      let handle = try disk.file(descriptor, for: .write)
      try disk.allocate(handle.inode, allocation, at: offset, length: length, now: time.wall)
    }
  }

  func truncate(_ descriptor: FileDescriptor, to bytes: Int) throws(ErrorNumber) {
    try perform(.truncate, descriptor, length: bytes) { disk, _ throws(ErrorNumber) in
      let handle = try disk.file(descriptor, for: .write, otherwise: .invalid)
      guard bytes >= 0 else { throw .invalid }
      guard bytes <= SimulatedDisk.fileBytesMaximum else { throw .fileTooBig }
      disk.change(handle.inode) { $0.truncate(to: bytes, now: time.wall) }
    }
  }

  func advise(
    _ descriptor: FileDescriptor, _ advice: ReadAdvice, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    try perform(.advise, descriptor, at: offset, length: length) { disk, _ throws(ErrorNumber) in
      guard length >= 0 else { throw .invalid }
      _ = try disk.handle(descriptor)
    }
  }

  func lock(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    try perform(.lock, descriptor) { disk, _ throws(ErrorNumber) in
      let handle = try disk.handle(descriptor)
      guard !handle.isDirectory else { throw .notSupported }
      let owner = disk.file(handle.inode).lock
      guard owner == nil || owner == .descriptor(descriptor) else { throw .wouldBlock }
      disk.change(handle.inode) { $0.lock = .descriptor(descriptor) }
    }
  }

  func status(_ descriptor: FileDescriptor) throws(ErrorNumber) -> FileStatus {
    try perform(.status, descriptor) { disk, _ throws(ErrorNumber) in
      disk.status(inode: try disk.handle(descriptor).inode)
    }
  }
}
