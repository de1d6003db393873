// The seam's calls with a fault plan in front of other calls. Those on paths are in FaultyCalls+Paths.swift.

import Glibc
import Runtime

final class FaultyCalls: FileCalls {
  let inner: any FileCalls
  let plan: FaultPlan
  private let paths = Locked<[FileDescriptor: FilePath]>([:])
  /// How many bytes may still be written; nil when there is no limit.
  private let room: Locked<Int?>

  init(_ inner: any FileCalls, _ plan: FaultPlan, capacityBytes: Int?) {
    self.inner = inner
    self.plan = plan
    room = Locked(capacityBytes)
  }

  func judge(
    _ operation: FileOperation, _ descriptor: FileDescriptor, at offset: Int? = nil, length: Int? = nil
  ) throws(ErrorNumber) -> FaultPlan.Verdict {
    let path = paths.withLock { $0[descriptor] } ?? FilePath("a descriptor that is not open")
    return try plan.judge(operation, path, at: offset, length: length)
  }

  func remember(_ descriptor: FileDescriptor, _ path: FilePath) {
    paths.withLock { $0[descriptor] = path }
  }

  func close(_ descriptor: FileDescriptor) -> ErrorNumber? {
    var fault: ErrorNumber?
    do throws(ErrorNumber) {
      _ = try judge(.close, descriptor)
    } catch {
      // The descriptor is given back all the same, as the kernel does.
      fault = plan.isOff ? nil : error
    }
    paths.withLock { $0[descriptor] = nil }
    return inner.close(descriptor) ?? fault
  }

  // MARK: Room

  /// Takes room for up to `bytes`, at least one of them, and answers how many there is room for.
  private func takeRoom(_ bytes: Int) throws(ErrorNumber) -> Int {
    try room.withLock { room throws(ErrorNumber) in
      guard let left = room else { return bytes }
      if left <= 0, bytes > 0 { throw .noSpace }
      let taken = min(left, bytes)
      room = left - taken
      return taken
    }
  }

  func giveRoomBack(_ bytes: Int) {
    room.withLock { room in room = room.map { $0.saturatingAdd(max(0, bytes)) } }
  }

  /// Whether removed bytes have to be counted.
  var countsRoom: Bool { room.withLock { $0 != nil } }

  /// Writes as much as the verdict and the room allow, and gives back room that was not needed.
  private func writing(
    _ wanted: Int, _ verdict: FaultPlan.Verdict, _ body: (Int) throws(ErrorNumber) -> Int
  ) throws(ErrorNumber) -> Int {
    let granted = try takeRoom(min(wanted, verdict.bytesMaximum))
    do throws(ErrorNumber) {
      let written = try body(granted)
      giveRoomBack(granted - written)
      return written
    } catch {
      giveRoomBack(granted)
      throw error
    }
  }

  // MARK: Bytes

  func read(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let verdict = try judge(.read, descriptor, at: offset, length: bytes.count)
    let wanted = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(bytes.count, verdict.bytesMaximum)])
    let got = try inner.read(descriptor, into: wanted, at: offset)
    verdict.spoil(UnsafeMutableRawBufferPointer(rebasing: wanted[..<got]), readAt: offset)
    return got
  }

  func read(
    _ descriptor: FileDescriptor, scattering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let verdict = try judge(
      .read, descriptor, at: offset, length: pieces.reduce(0) { $0 + $1.iov_len })
    return try withFirst(verdict.bytesMaximum, of: pieces) { front throws(ErrorNumber) in
      let got = try inner.read(descriptor, scattering: front, at: offset)
      var done = 0
      for piece in front where done < got {
        let part = UnsafeMutableRawBufferPointer(start: piece.iov_base, count: min(piece.iov_len, got - done))
        verdict.spoil(part, readAt: offset + done)
        done += part.count
      }
      return got
    }
  }

  func readCached(
    _ descriptor: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int? {
    let verdict = try judge(.readCached, descriptor, at: offset, length: bytes.count)
    guard verdict.isCached else { return nil }
    let wanted = UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(bytes.count, verdict.bytesMaximum)])
    guard let got = try inner.readCached(descriptor, into: wanted, at: offset) else { return nil }
    verdict.spoil(UnsafeMutableRawBufferPointer(rebasing: wanted[..<got]), readAt: offset)
    return got
  }

  func write(
    _ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let verdict = try judge(.write, descriptor, at: offset, length: bytes.count)
    return try writing(bytes.count, verdict) { count throws(ErrorNumber) in
      try inner.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset)
    }
  }

  func write(
    _ descriptor: FileDescriptor, gathering pieces: UnsafeBufferPointer<iovec>, at offset: Int
  ) throws(ErrorNumber) -> Int {
    let length = pieces.reduce(0) { $0 + $1.iov_len }
    let verdict = try judge(.write, descriptor, at: offset, length: length)
    return try writing(length, verdict) { count throws(ErrorNumber) in
      try withFirst(count, of: pieces) { front throws(ErrorNumber) in
        try inner.write(descriptor, gathering: front, at: offset)
      }
    }
  }

  func append(_ descriptor: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(ErrorNumber) -> Int {
    let verdict = try judge(.append, descriptor, length: bytes.count)
    return try writing(bytes.count, verdict) { count throws(ErrorNumber) in
      try inner.append(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  /// Hands the first `bytes` bytes of the pieces to a call.
  private func withFirst(
    _ bytes: Int, of pieces: UnsafeBufferPointer<iovec>,
    _ body: (UnsafeBufferPointer<iovec>) throws(ErrorNumber) -> Int
  ) throws(ErrorNumber) -> Int {
    var front: [iovec] = []
    var left = bytes
    for piece in pieces where left > 0 {
      front.append(iovec(iov_base: piece.iov_base, iov_len: min(left, piece.iov_len)))
      left -= min(left, piece.iov_len)
    }
    return try front.withUnsafeBufferPointer { front throws(ErrorNumber) in try body(front) }
  }

  func copy(
    from source: FileDescriptor, at sourceOffset: Int, to target: FileDescriptor, at targetOffset: Int,
    length: Int
  ) throws(ErrorNumber) -> Int {
    let verdict = try judge(.copy, source, at: sourceOffset, length: length)
    // Bits can be flipped only in memory: the caller then copies through it, by reads that are spoiled.
    guard verdict.flips.isEmpty else { throw .notSupported }
    return try writing(length, verdict) { count throws(ErrorNumber) in
      try inner.copy(
        from: source, at: sourceOffset, to: target, at: targetOffset, length: count)
    }
  }

  func map(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) -> FileMapping {
    let verdict = try judge(.map, descriptor, at: offset, length: length)
    guard verdict.bytesMaximum >= length else { throw .inputOutput }
    if verdict.flips.isEmpty { return try inner.map(descriptor, at: offset, length: length) }
    // A copy stands in for the mapping, since the mapping itself is read-only.
    let mapping = try inner.map(descriptor, at: offset, length: length)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
    mapping.withBytes { memory.copyMemory(from: $0) }
    verdict.spoil(memory, readAt: offset)
    guard let base = memory.baseAddress else { throw .invalid }
    return FileMapping(base: UnsafeRawPointer(base), count: length, release: .deallocate(base) {})
  }

  // MARK: Durability, size, blocks

  func syncData(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    _ = try judge(.syncData, descriptor)
    try inner.syncData(descriptor)
  }

  func sync(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    _ = try judge(.sync, descriptor)
    try inner.sync(descriptor)
  }

  func startWriteBack(_ descriptor: FileDescriptor, at offset: Int, length: Int) throws(ErrorNumber) {
    _ = try judge(.writeBack, descriptor, at: offset, length: length)
    try inner.startWriteBack(descriptor, at: offset, length: length)
  }

  func allocate(
    _ descriptor: FileDescriptor, _ allocation: Allocation, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    _ = try judge(.allocate, descriptor, at: offset, length: length)
    try inner.allocate(descriptor, allocation, at: offset, length: length)
  }

  func truncate(_ descriptor: FileDescriptor, to bytes: Int) throws(ErrorNumber) {
    _ = try judge(.truncate, descriptor, length: bytes)
    let before = countsRoom ? try inner.status(descriptor).bytes : 0
    try inner.truncate(descriptor, to: bytes)
    giveRoomBack(before - bytes)
  }

  func advise(
    _ descriptor: FileDescriptor, _ advice: ReadAdvice, at offset: Int, length: Int
  ) throws(ErrorNumber) {
    _ = try judge(.advise, descriptor, at: offset, length: length)
    try inner.advise(descriptor, advice, at: offset, length: length)
  }

  func lock(_ descriptor: FileDescriptor) throws(ErrorNumber) {
    _ = try judge(.lock, descriptor)
    try inner.lock(descriptor)
  }

  func status(_ descriptor: FileDescriptor) throws(ErrorNumber) -> FileStatus {
    _ = try judge(.status, descriptor)
    return try inner.status(descriptor)
  }
}
