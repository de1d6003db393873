// Opens a partition's directory: what a crash left is swept away, a torn tail is cut at the last whole batch,
// indexes that are missing or cannot be right are made anew, and anything else that is wrong makes the
// partition one that can only be read. A partition that was closed is opened without looking at its records.

import Bytes
import Files
import Records
import Runtime
import Telemetry

/// A partition as it was found.
struct RecoveredPartition {
  var segments: ContiguousArray<SegmentInfo>
  /// nil when the partition can only be read.
  var writer: SegmentWriter?
  var first: Int64
  var end: Int64
  var producers: ProducerTable
  var damage: Damage?
  /// Whether the marker of a closed partition is there, which the first write removes.
  var hasMarker: Bool
}

/// Opens the directory of one partition for writing.
struct PartitionRecovery {
  let directory: SegmentDirectory
  let settings: TopicSettings
  let logger: Logger
  /// What is at or after this offset is cut although it is whole: it was never acknowledged, and the sync that
  /// should have made it durable failed. nil when a new process opens the partition.
  var cutAt: Int64?

  private var files: any FileSystem { directory.files }

  /// Brings the directory in order and says what is there.
  func run() throws(LogError) -> RecoveredPartition {
    do throws(FileError) {
      let swept = try files.removeTemporaryFiles(in: directory.path)
      if swept > 0 { logger.info("temporary files removed", ["partition": name, "files": .int(swept)]) }
      try SegmentSwaps(directory: directory).finish()
      let recovered = try open(try listSegments())
      // Before the first append: from then on what other processes may see is what this file says.
      if recovered.writer != nil { try DurableEnd.publish(recovered.end, directory) }
      return recovered
    } catch {
      throw .file(error)
    }
  }

  private func open(_ segments: ContiguousArray<SegmentInfo>) throws(FileError) -> RecoveredPartition {
    if cutAt == nil, let clean = try CleanShutdown.read(directory), isCredible(clean, segments) {
      if let recovered = try openClean(clean, segments) { return recovered }
    }
    return try openByLooking(segments)
  }

  private var name: LogValue { .string(directory.partition.description) }

  private func listSegments() throws(FileError) -> ContiguousArray<SegmentInfo> {
    var segments: ContiguousArray<SegmentInfo> = []
    for entry in try files.list(directory.path) {
      guard let parsed = SegmentFileName.parse(entry.name), parsed.kind == .log else { continue }
      let bytes = try files.status(of: directory.path / entry.name).bytes
      segments.append(SegmentInfo(base: parsed.base, bytes: bytes))
    }
    return segments
  }

  // MARK: After a clean shutdown

  private func isCredible(_ clean: CleanShutdown, _ segments: ContiguousArray<SegmentInfo>) -> Bool {
    guard let first = segments.first, let last = segments.last else { return false }
    return clean.segments == segments.count && clean.firstOffset >= first.base
      && clean.activeBase == last.base && clean.activeBytes == last.bytes
      && clean.nextOffset >= last.base
  }

  private func openClean(
    _ clean: CleanShutdown, _ segments: ContiguousArray<SegmentInfo>
  ) throws(FileError) -> RecoveredPartition? {
    guard
      let index = try IndexFiles.load(directory, base: clean.activeBase, segmentBytes: clean.activeBytes),
      let snapshot = try producerSnapshot(at: clean.nextOffset)
    else { return nil }
    let file = try files.open(directory.log(clean.activeBase), [.read, .write])
    let writer = SegmentWriter(
      directory, file: file, index: ActiveIndex(index), bytes: clean.activeBytes, roomEnd: clean.activeBytes)
    return RecoveredPartition(
      segments: segments, writer: writer, first: clean.firstOffset, end: clean.nextOffset,
      producers: ProducerTable(snapshot, entriesMaximum: settings.producersMaximum), damage: nil,
      hasMarker: true)
  }

  private func producerSnapshot(at offset: Int64) throws(FileError) -> ProducerSnapshot? {
    do {
      let bytes = try files.contents(
        of: directory.snapshot(offset), bytesMaximum: ProducerSnapshots.bytesMaximum)
      return try ProducerSnapshot.parse(bytes.readable)
    } catch let error as FileError {
      if error.isNotFound { return nil }
      throw error
    } catch {
      logger.warning(
        "a snapshot of producers cannot be read and is made anew",
        [
          "partition": name, "offset": .int(Int(offset)), "cause": .error(error),
        ])
      return nil
    }
  }

  // MARK: By looking

  private func openByLooking(
    _ found: ContiguousArray<SegmentInfo>
  ) throws(FileError) -> RecoveredPartition {
    var segments = found
    // A marker that did not hold is worth nothing, and must not be believed some other time.
    if try files.exists(directory.cleanShutdown) { try files.removeDurably(directory.cleanShutdown) }
    let floor = try DurableEnd.read(directory) ?? 0
    guard let active = segments.last else { return try openEmpty(floor) }
    let gaps = try acceptedGaps()
    if let damage = try damageBefore(active, in: segments, gaps) { return try openDamaged(segments, damage) }

    var builder = IndexBuilder(base: active.base)
    let file = try files.open(directory.log(active.base), [.read, .write])
    let cut = cutAt
    var cutPosition: Int?
    // A repair may leave a segment that was compacted as the last one.
    let scan = SegmentScan(isContiguous: !settings.cleanup.compacts, acceptedGaps: gaps)
    var end = try scan.run(file, offset: active.base) { header, position in
      if let cut, header.nextOffset > cut {
        if cutPosition == nil { cutPosition = position }
      } else {
        builder.note(header, at: position)
      }
    }
    if let cutPosition, let cut {
      end = SegmentScan.End(position: cutPosition, nextOffset: cut, rest: .zeros)
    }
    if end.nextOffset < floor {
      let damage = Damage(
        partition: directory.partition, segment: directory.log(active.base), position: end.position,
        expected: "a batch with offset \(end.nextOffset), since everything before \(floor) was durable",
        found: end.rest.description)
      try file.close()
      segments[segments.count - 1].bytes = end.position
      return try openDamaged(segments, damage, end: end.nextOffset)
    }
    let writer: SegmentWriter
    if end.position == 0 {
      try file.close()
      writer = try beginAgain(active)
    } else {
      try mendTail(file, end, fileBytes: active.bytes)
      writer = SegmentWriter(
        directory, file: file, index: ActiveIndex(builder), bytes: end.position, roomEnd: end.position)
    }
    segments[segments.count - 1].bytes = end.position
    return RecoveredPartition(
      segments: segments, writer: writer, first: segments[0].base, end: end.nextOffset,
      producers: try producers(segments, end: end.nextOffset), damage: nil, hasMarker: false)
  }

  private func acceptedGaps() throws(FileError) -> AcceptedGaps {
    let look = try AcceptedGaps.look(directory)
    if look == .malformed {
      logger.warning(
        "the file of accepted gaps cannot be read: gaps are taken for damage", ["partition": name])
    }
    return look.gaps
  }

  private func openEmpty(_ floor: Int64) throws(FileError) -> RecoveredPartition {
    let producers = ProducerTable(entriesMaximum: settings.producersMaximum)
    if floor > 0 {
      let damage = Damage(
        partition: directory.partition, segment: directory.log(0), position: 0,
        expected: "segments with everything before offset \(floor)", found: "no segment at all")
      return RecoveredPartition(
        segments: [], writer: nil, first: 0, end: 0, producers: producers, damage: damage, hasMarker: false)
    }
    let writer = try SegmentWriter.begin(directory, base: 0, prepared: nil)
    if settings.preallocation == .segment { try writer.makeRoom(settings.segmentBytes) }
    return RecoveredPartition(
      segments: [SegmentInfo(base: 0, bytes: 0)], writer: writer, first: 0, end: 0, producers: producers,
      damage: nil, hasMarker: false)
  }

  private func openDamaged(
    _ segments: ContiguousArray<SegmentInfo>, _ damage: Damage, end: Int64? = nil
  ) throws(FileError) -> RecoveredPartition {
    logger.error(
      "a partition is damaged and can only be read",
      [
        "partition": name, "damage": .string(damage.description),
      ])
    var last = end ?? segments[segments.count - 1].base
    if end == nil, let active = segments.last {
      // Readers are let up to where the last segment's batches are whole.
      let file = try files.open(directory.log(active.base), .read)
      last = try SegmentScan(isContiguous: !settings.cleanup.compacts, acceptedGaps: try acceptedGaps())
        .run(file, offset: active.base) { _, _ in }.nextOffset
      try file.close()
    }
    return RecoveredPartition(
      segments: segments, writer: nil, first: segments[0].base, end: last,
      producers: ProducerTable(entriesMaximum: settings.producersMaximum), damage: damage, hasMarker: false)
  }

  /// Puts a new file in place of a segment without a batch. Its beginning may have failed when the directory
  /// was synced, after which the kernel takes for durable a name that is not; a new name is written again.
  private func beginAgain(_ empty: SegmentInfo) throws(FileError) -> SegmentWriter {
    let (file, path) = try files.createTemporaryFile(in: directory.path, for: "segment", mode: .file)
    try file.close()
    return try SegmentWriter.begin(
      directory, base: empty.base, prepared: PreparedSegment(path: path, bytes: 0))
  }

  /// Cuts what is behind the last whole batch, and makes durable what is before it.
  private func mendTail(_ file: File, _ end: SegmentScan.End, fileBytes: Int) throws(FileError) {
    if case .broken(let error) = end.rest {
      logger.warning(
        "a torn tail was cut",
        [
          "partition": name, "segment": .string(file.path.name), "position": .int(end.position),
          "bytes": .int(fileBytes - end.position), "found": .error(error),
        ])
    }
    if fileBytes > end.position { try file.truncate(to: end.position) }
    // After a failed sync the kernel holds bytes that it takes for written and that are not on the disk.
    // Writing the last of them again makes the sync below mean what it says.
    try rewriteTail(file, end: end.position)
    try file.sync()
    try files.syncDirectory(directory.path)
  }

  /// More than one group commit is never unsynced behind the durable end, and written records not more than
  /// `flushBytes`.
  private func rewriteTail(_ file: File, end: Int) throws(FileError) {
    var position = max(0, end - settings.flushBytes - settings.queueBytesMaximum) & ~4095
    var block = ByteBuffer(capacity: 1 << 20)
    while position < end {
      block.clear()
      try file.read(exactly: min(1 << 20, end - position), into: &block, at: position)
      try file.write(block, at: position)
      position += block.count
    }
  }

  // MARK: Sealed segments

  /// Looks at every sealed segment's index and end; the first thing that is wrong.
  private func damageBefore(
    _ active: SegmentInfo, in segments: ContiguousArray<SegmentInfo>, _ gaps: AcceptedGaps
  ) throws(FileError) -> Damage? {
    for (segment, following) in zip(segments, segments.dropFirst()) {
      let check = SealedSegmentCheck(
        directory: directory, segment: segment, isCompacted: settings.cleanup.compacts, acceptedGaps: gaps)
      if let damage = try check.run(nextBase: following.base) { return damage }
    }
    return nil
  }

  // MARK: Producers

  private func producers(
    _ segments: ContiguousArray<SegmentInfo>, end: Int64
  ) throws(FileError) -> ProducerTable {
    var table = ProducerTable(entriesMaximum: settings.producersMaximum)
    var from = segments[0].base
    for offset in try ProducerSnapshots(directory: directory).offsets().reversed() where offset <= end {
      if let snapshot = try producerSnapshot(at: offset) {
        table = ProducerTable(snapshot, entriesMaximum: settings.producersMaximum)
        from = offset
        break
      }
    }
    let scan = SegmentScan(checksums: false, isContiguous: false)
    for (index, segment) in segments.enumerated() {
      let nextBase = index + 1 < segments.count ? segments[index + 1].base : end
      if nextBase <= from { continue }
      let file = try files.open(directory.log(segment.base), .read)
      _ = try scan.run(file, offset: segment.base) { header, _ in
        if header.baseOffset >= from && header.nextOffset <= end { table.note(header) }
      }
      try file.close()
    }
    return table
  }
}
