// Shows what stands in the files of a partition as it stands there, without believing more of it than the next
// step needs. Nothing is written, and no lock is taken: beside a writer the end of the last segment may look torn.

import Bytes
public import Files
import Log
import Records

/// Walks files of a partition.
public struct PartitionDump {
  /// What is shown of a segment.
  public struct Options: Hashable, Sendable {
    /// Whether the records of each batch are shown.
    public var records = false

    /// Batches only.
    public init() {}
  }

  private let files: any FileSystem
  private let options: Options

  /// The largest side file that is looked into.
  private static let sideFileBytesMaximum = 64 << 20
  /// The most that is read to find out where zeros end.
  private static let zeroBlockBytes = 1 << 20

  /// A dump of files in `files`.
  public init(_ files: any FileSystem, options: Options = Options()) {
    self.files = files
    self.options = options
  }

  /// The files in a partition's directory that a dump knows, segments first; of one segment when `base` is given.
  public func contents(of directory: FilePath, base: Int64? = nil) throws(FileError) -> [FilePath] {
    let names = try files.list(directory).filter { $0.kind == .file }.map(\.name)
    let order = SegmentFileName.Kind.allCases
    let segments = names.compactMap { name -> (base: Int64, place: Int, name: String)? in
      guard let file = SegmentFileName.parse(name), base == nil || file.base == base,
        let place = order.firstIndex(of: file.kind)
      else { return nil }
      return (file.base, place, name)
    }.sorted { ($0.base, $0.place) < ($1.base, $1.place) }.map(\.name)
    let own = [
      SegmentDirectory.durableEndName, SegmentDirectory.cleanShutdownName,
      SegmentDirectory.leaderEpochName, SegmentDirectory.metadataName,
    ].filter(names.contains)
    return (segments + (base == nil ? own : [])).map { directory / $0 }
  }

  /// Shows one file, whose name says what it is.
  public func run(_ path: FilePath, _ show: (DumpRow) throws -> Void) throws {
    let file = try files.open(path, .read)
    let bytes = try file.status().bytes
    try show(.file(path, bytes: bytes))
    if path.name == SegmentDirectory.durableEndName {
      try durableEnd(try contents(path), show)
    } else if let (base, kind) = SegmentFileName.parse(path.name) {
      switch kind {
      case .log: try segment(file, bytes, show)
      case .index: try offsetIndex(try contents(path), base, show)
      case .timeindex: try timeIndex(try contents(path), base, show)
      case .snapshot: try snapshot(try contents(path), show)
      case .keys: try show(.unreadable(position: 0, count: bytes, reason: "is not shown"))
      }
    } else {
      try text(try contents(path), show)
    }
    try file.close()
  }

  private func contents(_ path: FilePath) throws(FileError) -> ByteBuffer {
    try files.contents(of: path, bytesMaximum: Self.sideFileBytesMaximum)
  }

  // MARK: Segments

  private func segment(_ file: File, _ bytes: Int, _ show: (DumpRow) throws -> Void) throws {
    var position = 0
    while position < bytes {
      var head = ByteBuffer()
      try file.read(into: &head, count: RecordBatchHeader.byteCount, at: position)
      let header: RecordBatchHeader
      do throws(RecordError) {
        header = try RecordBatchHeader(parsing: head.readable)
      } catch {
        return try rest(file, from: position, to: bytes, because: error, show)
      }
      if header.totalBytes > bytes - position {
        let error = RecordError.truncated(needed: header.totalBytes, got: bytes - position)
        return try show(
          .unreadable(position: position, count: bytes - position, reason: error.description))
      }
      try batch(file, header, head, at: position, show)
      position += header.totalBytes
    }
  }

  private func batch(
    _ file: File, _ header: RecordBatchHeader, _ head: ByteBuffer, at position: Int,
    _ show: (DumpRow) throws -> Void
  ) throws {
    var whole = ByteBuffer(capacity: header.totalBytes)
    try file.read(exactly: header.totalBytes, into: &whole, at: position)
    let isRight = whole.withReadableBytes { RecordBatch.checksumIsRight(header, $0) }
    try show(.batch(position: position, header, headerBytes: head, isChecksumRight: isRight))
    guard options.records, isRight else { return }
    let records: [StoredRecord]
    do throws(RecordError) {
      records = try RecordBatch(trusted: header, bytes: whole).records()
    } catch {
      return try show(.unreadable(position: position, count: header.totalBytes, reason: error.description))
    }
    for record in records { try show(.record(record)) }
  }

  /// What is no batch: room made ahead, or something else, which cannot be walked.
  private func rest(
    _ file: File, from position: Int, to end: Int, because error: RecordError,
    _ show: (DumpRow) throws -> Void
  ) throws {
    var at = position
    while at < end {
      var block = ByteBuffer()
      try file.read(into: &block, count: min(Self.zeroBlockBytes, end - at), at: at)
      let zeros = block.withReadableBytes { BatchScanner.leadingZeros($0) }
      at += zeros
      if zeros < block.count || block.isEmpty { break }
    }
    if at > position { try show(.zeros(position: position, count: at - position)) }
    if at < end {
      try show(.unreadable(position: at, count: end - at, reason: error.description))
    }
  }

  // MARK: Side files

  private func offsetIndex(
    _ bytes: ByteBuffer, _ base: Int64, _ show: (DumpRow) throws -> Void
  ) throws {
    try rows(of: bytes, OffsetIndexEntry.byteCount, show) { row, memory in
      let entry = try OffsetIndexEntry(parsing: memory)
      return .offsetEntry(row: row, offset: base + Int64(entry.relativeOffset), position: Int(entry.position))
    }
  }

  private func timeIndex(_ bytes: ByteBuffer, _ base: Int64, _ show: (DumpRow) throws -> Void) throws {
    try rows(of: bytes, TimeIndexEntry.byteCount, show) { row, memory in
      let entry = try TimeIndexEntry(parsing: memory)
      return .timeEntry(row: row, timestamp: entry.timestamp, offset: base + Int64(entry.relativeOffset))
    }
  }

  private func rows(
    of bytes: ByteBuffer, _ each: Int, _ show: (DumpRow) throws -> Void,
    _ parse: (Int, UnsafeRawBufferPointer) throws -> DumpRow
  ) throws {
    for row in 0..<(bytes.count / each) {
      let slice = bytes.slice(from: row * each, count: each)
      do {
        try show(try slice.withReadableBytes { try parse(row, $0) })
      } catch let error as RecordError {
        try show(.unreadable(position: row * each, count: each, reason: error.description))
      }
    }
    let left = bytes.count % each
    if left > 0 {
      try show(.unreadable(position: bytes.count - left, count: left, reason: "is less than a row"))
    }
  }

  private func snapshot(_ bytes: ByteBuffer, _ show: (DumpRow) throws -> Void) throws {
    let snapshot: ProducerSnapshot
    do throws(RecordError) {
      snapshot = try ProducerSnapshot.parse(bytes.readable)
    } catch {
      return try show(.unreadable(position: 0, count: bytes.count, reason: error.description))
    }
    for entry in snapshot.entries { try show(.producer(entry)) }
  }

  /// "VDE1", the offset, a checksum: the offset is shown whatever the rest says.
  private func durableEnd(_ bytes: ByteBuffer, _ show: (DumpRow) throws -> Void) throws {
    var reader = ByteReader(bytes.readable)
    let offset: Int64
    do throws(ByteReaderError) {
      try reader.skip(4)
      offset = try reader.readBigEndian()
    } catch {
      return try show(.unreadable(position: 0, count: bytes.count, reason: "is shorter than an offset"))
    }
    try show(.durableEnd(offset))
  }

  private func text(_ bytes: ByteBuffer, _ show: (DumpRow) throws -> Void) throws {
    guard let text = String(validating: bytes) else {
      return try show(.unreadable(position: 0, count: bytes.count, reason: "is not text"))
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
      try show(.text(String(line)))
    }
  }
}
