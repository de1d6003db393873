// Reads a partition batch by batch, forwards, across segments. Blocks are read into memory that the batches
// then share, so a record is not copied unless its reader copies it; memory is bounded by one block and what
// the reader keeps. Synchronous: for threads that may block. `LogSubscription` is the form for tasks.

import Bytes
import Files
public import Records

/// A reader of one partition.
public struct BatchReader: Sendable {
  /// How a reader reads.
  public struct Options: Hashable, Sendable {
    /// How far it may see.
    public var isolation = ReadIsolation.durable
    /// How many bytes are read at once, and kept in memory.
    public var blockBytes = 256 << 10
    /// Whether each batch's checksum is computed.
    public var checksums = true
    /// Whether control batches, which hold no records of users, are given too.
    public var controlBatches = false

    /// Durable batches of records, checked, 256 KiB at once.
    public init() {}
  }

  let source: any BatchSource
  /// How it reads.
  public let options: Options
  /// The offset of the next batch, or inside it: a batch is given whole, so its first records may be before
  /// the offset that was asked for.
  public private(set) var nextOffset: LogOffset

  /// The source's count of retractions at the last look; only who sees what is written must know.
  private var retractions: Int
  private var segment: OpenSegment?
  private var block = ByteBuffer()
  /// Where in the segment the block's first readable byte stands.
  private var position = 0
  /// Up to here the last look found records.
  private var knownEnd: LogOffset

  private struct OpenSegment {
    let info: ReadableSegment
    let file: File
    /// Which file it is, whatever has its name by now.
    let inode: UInt64
  }

  /// How often a segment that went away between the look and the opening is looked for again.
  private static let openAttemptsMaximum = 16

  /// A reader that begins at `offset`, which must not be past the end or before the first record kept.
  init(_ source: any BatchSource, from offset: LogOffset, options: Options) throws(LogError) {
    self.source = source
    self.options = options
    nextOffset = offset
    retractions = source.retractions
    let extent = try source.extent(options.isolation)
    guard offset >= extent.first && offset <= extent.end else {
      throw .offsetOutOfRange(
        source.directory.partition, requested: offset, first: extent.first, end: extent.end)
    }
    knownEnd = extent.end
  }

  /// The next batch; nil when the end, as far as the isolation sees, is reached. Asking again later gives
  /// what was appended meanwhile.
  public mutating func next() throws(LogError) -> RecordBatch? {
    while true {
      if wasRetracted { try beginAgain() }
      if nextOffset >= knownEnd {
        knownEnd = try source.extent(options.isolation).end
        if nextOffset >= knownEnd { return nil }
        // What the block holds past the old end was not there yet when it was read.
        if segment?.info.bytes == nil { block = ByteBuffer() }
      }
      if segment == nil { try open(source.segment(of: nextOffset.value)) }
      let found: RecordBatch?
      do throws(LogError) {
        found = try readBatch()
      } catch {
        if wasRetracted { continue }
        throw error
      }
      guard let batch = found else {
        // The segment is at its end.
        if try !openFollowing() { return nil }
        continue
      }
      // An index leads to a batch at or before the wanted one.
      if batch.header.nextOffset <= nextOffset.value { continue }
      nextOffset = LogOffset(batch.header.nextOffset)
      if batch.header.attributes.isControl && !options.controlBatches { continue }
      return batch
    }
  }

  // MARK: What was taken back

  /// Whether bytes that this reader may have read, or may be reading, were cut.
  private var wasRetracted: Bool {
    options.isolation == .written && retractions != source.retractions
  }

  /// Forgets what was read ahead. Records that were given already and are no more cannot be taken back.
  private mutating func beginAgain() throws(LogError) {
    retractions = source.retractions
    try closeSegment()
    block = ByteBuffer()
    let extent = try source.extent(options.isolation)
    knownEnd = extent.end
    if nextOffset > knownEnd {
      throw .offsetOutOfRange(
        source.directory.partition, requested: nextOffset, first: extent.first, end: extent.end)
    }
  }

  // MARK: Reading without waiting for a disk

  /// Whether the next batch, if there is one, is in memory or was written so lately that the page cache has it.
  func canReadInline(_ table: SegmentTable) -> Bool {
    guard let segment else { return false }
    if nextOffset < knownEnd {
      if block.count >= RecordBatchHeader.byteCount { return hasWholeBatch }
    } else if table.extent(options.isolation).end <= nextOffset {
      return true
    }
    guard segment.info.bytes == nil else { return false }
    return table.activeBytes(of: segment.info.base).map { $0 - position <= Self.inlineBytes } ?? false
  }

  /// How close to the end of the active segment reads are taken for cached.
  private static let inlineBytes = 1 << 20

  private var hasWholeBatch: Bool {
    block.withReadableBytes { bytes in
      do throws(RecordError) {
        return try RecordBatchHeader(parsing: bytes).totalBytes <= bytes.count
      } catch {
        return false
      }
    }
  }

  // MARK: Segments

  private mutating func open(_ looked: ReadableSegment?) throws(LogError) {
    var looked = looked
    var attempts = 0
    while true {
      guard let found = looked else {
        let extent = try source.extent(options.isolation)
        throw .offsetOutOfRange(
          source.directory.partition, requested: nextOffset, first: extent.first, end: extent.end)
      }
      do throws(FileError) {
        return try openFile(of: found)
      } catch {
        // Retention or compaction may have taken it between the look and the opening.
        let extent = try source.extent(options.isolation)
        if error.isNotFound && extent.first > nextOffset {
          throw .offsetOutOfRange(
            source.directory.partition, requested: nextOffset, first: extent.first, end: extent.end)
        }
        attempts += 1
        guard error.isNotFound && attempts < Self.openAttemptsMaximum else { throw .file(error) }
        looked = try source.segment(of: nextOffset.value)
      }
    }
  }

  private mutating func openFile(of found: ReadableSegment) throws(FileError) {
    let file = try source.directory.files.open(found.path(in: source.directory), .read)
    let status = try file.status()
    // A sealed segment is as long as its file; the one that was looked at may have been rewritten since.
    let info = ReadableSegment(
      base: found.base, bytes: found.bytes == nil ? nil : status.bytes, activeIndex: found.activeIndex,
      version: found.version, isSwap: found.isSwap)
    segment = OpenSegment(info: info, file: file, inode: status.inode)
    block = ByteBuffer()
    do throws(FileError) {
      position = try startPosition(in: info)
    } catch {
      // Who asks again must not go on at the position in the file before.
      segment = nil
      throw error
    }
  }

  /// Where to begin in a segment; 0 when its index does not lead to a batch.
  private func startPosition(in found: ReadableSegment) throws(FileError) -> Int {
    if nextOffset.value <= found.base { return 0 }
    if let active = found.activeIndex { return active.position(of: nextOffset.value) }
    // The index beside it is that of what it replaces.
    if found.isSwap { return 0 }
    let position = try SegmentIndexReader(directory: source.directory, base: found.base)
      .position(of: nextOffset.value)
    return try isBatch(at: position, in: found) ? position : 0
  }

  private func isBatch(at position: Int, in found: ReadableSegment) throws(FileError) -> Bool {
    if position == 0 { return true }
    if let bytes = found.bytes, position >= bytes { return false }
    guard let segment else { return false }
    var bytes = ByteBuffer()
    try segment.file.read(into: &bytes, count: RecordBatchHeader.byteCount, at: position)
    let header: RecordBatchHeader
    do throws(RecordError) {
      header = try bytes.withReadableBytes { bytes throws(RecordError) in
        try RecordBatchHeader(parsing: bytes)
      }
    } catch {
      return false
    }
    guard header.baseOffset >= found.base && header.baseOffset <= nextOffset.value else { return false }
    try segment.file.read(
      into: &bytes, count: header.totalBytes - bytes.count, at: position + bytes.count)
    let whole = bytes
    return whole.count == header.totalBytes
      && whole.withReadableBytes { RecordBatch.checksumIsRight(header, $0) }
  }

  private mutating func openFollowing() throws(LogError) -> Bool {
    guard let current = segment else { return false }
    // Behind it records are missing: going on would skip them in silence.
    if let damage = source.damage(inSegment: current.info.base), position >= damage.position {
      throw .damaged(damage)
    }
    // In this order: if the open file still stands for its offsets after the look at what follows it, nothing
    // was put in between.
    guard let following = try source.segment(after: current.info.base) else {
      // The segment was the active one when it was opened and may have been sealed since; look again.
      return false
    }
    let holder = try source.segment(of: nextOffset.value)
    let isCurrent = try holder.map { holder throws(LogError) in try isOpen(holder) } ?? false
    try closeSegment()
    if isCurrent {
      // Compaction took the records up to the next segment.
      nextOffset = max(nextOffset, LogOffset(following.base))
      try open(following)
    } else {
      // The next segment, or one that was compacted together with the open one; none when it was deleted.
      try open(holder)
    }
    return true
  }

  /// Whether a segment is the open one, in the same file.
  private func isOpen(_ other: ReadableSegment) throws(LogError) -> Bool {
    guard let segment, other.isSameFile(as: segment.info) else { return false }
    do throws(FileError) {
      // Another process gives no versions; the file itself tells.
      let path = other.path(in: source.directory)
      return try source.directory.files.status(of: path).inode == segment.inode
    } catch {
      // It is under way to another name, or gone: a new look tells.
      if error.isNotFound { return false }
      throw .file(error)
    }
  }

  private mutating func closeSegment() throws(LogError) {
    guard let open = segment else { return }
    segment = nil
    do throws(FileError) { try open.file.close() } catch { throw .file(error) }
  }

  // MARK: Batches

  /// The batch at the current position; nil at the end of the segment.
  private mutating func readBatch() throws(LogError) -> RecordBatch? {
    guard let segment else { return nil }
    let end = segment.info.bytes ?? .max
    if position >= end { return nil }
    if try !makeReadable(RecordBatchHeader.byteCount, in: segment) {
      return try endOfSegment(
        segment, because: .truncated(needed: RecordBatchHeader.byteCount, got: block.count))
    }
    let header: RecordBatchHeader
    do throws(RecordError) {
      header = try block.withReadableBytes { bytes throws(RecordError) in
        try RecordBatchHeader(parsing: bytes)
      }
    } catch {
      return try endOfSegment(segment, because: error)
    }
    guard try makeReadable(header.totalBytes, in: segment) else {
      return try endOfSegment(segment, because: .truncated(needed: header.totalBytes, got: block.count))
    }
    if options.checksums {
      let isRight = block.withReadableBytes {
        RecordBatch.checksumIsRight(header, UnsafeRawBufferPointer(rebasing: $0[..<header.totalBytes]))
      }
      if !isRight { throw damaged(segment, .malformedHeader("the checksum does not fit the bytes")) }
    }
    if header.baseOffset < segment.info.base {
      throw damaged(segment, .malformedHeader("base offset \(header.baseOffset) before the segment's first"))
    }
    position += header.totalBytes
    return RecordBatch(trusted: header, bytes: block.split(header.totalBytes))
  }

  /// What stands at the current position is no batch: damage, when something should be there, or the end.
  private func endOfSegment(_ segment: OpenSegment, because error: RecordError) throws(LogError)
    -> RecordBatch?
  {
    // A growing segment that was sealed meanwhile ends here, and another one has the wanted offset.
    if segment.info.bytes == nil, try source.segment(after: segment.info.base) != nil {
      let holder = try source.segment(of: nextOffset.value)
      if try !(holder.map { holder throws(LogError) in try isOpen(holder) } ?? false) { return nil }
    }
    throw damaged(segment, error)
  }

  private func damaged(_ segment: OpenSegment, _ error: RecordError) -> LogError {
    let damage = Damage(
      partition: source.directory.partition, segment: segment.file.path, position: position,
      expected: "a batch with offset \(nextOffset) or after", found: error.description)
    if !wasRetracted { source.note(damage) }
    return .damaged(damage)
  }

  /// Sees to it that the block has `count` bytes; false when the file has fewer.
  private mutating func makeReadable(_ count: Int, in segment: OpenSegment) throws(LogError) -> Bool {
    if block.count >= count { return true }
    let wanted = max(count, options.blockBytes)
    let room = min(wanted, (segment.info.bytes ?? .max) - position)
    if room < count { return false }
    do throws(FileError) {
      try segment.file.extend(&block, to: room, at: position)
    } catch {
      throw .file(error)
    }
    return block.count >= count
  }
}
