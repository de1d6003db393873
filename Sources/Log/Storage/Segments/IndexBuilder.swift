// What a segment's two index files hold, as batches are appended or scanned: sparse, one entry for about every
// 4 KiB of batches, as Kafka makes them. An I/O-free state machine.

public import Files
public import Records

/// Builds the index of one segment.
public struct IndexBuilder: Sendable {
  /// The segment's base offset.
  public let base: Int64
  private(set) var offsets: ContiguousArray<OffsetIndexEntry> = []
  private(set) var times: ContiguousArray<TimeIndexEntry> = []
  /// The largest timestamp so far, and the offset it was met at; nil before the first batch.
  private(set) var latest: (timestamp: Int64, offset: Int64)?
  private var bytesSinceEntry = 0

  /// How many bytes of batches there are between two entries.
  static let intervalBytes = 4096

  /// The index of an empty segment.
  public init(base: Int64) { self.base = base }

  /// The index as its files held it; nil when that cannot be: entries out of order, or past the segment.
  init?(
    base: Int64, offsets: ContiguousArray<OffsetIndexEntry>, times: ContiguousArray<TimeIndexEntry>,
    segmentBytes: Int
  ) {
    let offsetsRise = zip(offsets, offsets.dropFirst()).allSatisfy {
      $0.relativeOffset < $1.relativeOffset && $0.position < $1.position
    }
    let timesRise = zip(times, times.dropFirst()).allSatisfy {
      $0.timestamp < $1.timestamp && $0.relativeOffset <= $1.relativeOffset
    }
    guard offsetsRise, timesRise, Int(offsets.last?.position ?? 0) <= segmentBytes else { return nil }
    // Without batches there is no time, and with them there is one.
    guard times.isEmpty == (segmentBytes == 0) else { return nil }
    self.base = base
    self.offsets = offsets
    self.times = times
    latest = times.last.map { ($0.timestamp, base + Int64($0.relativeOffset)) }
    // As if the last entry had just been made, which makes the next one come a little late.
    bytesSinceEntry = 0
  }

  /// Notes a batch that begins at `position`.
  public mutating func note(_ header: RecordBatchHeader, at position: Int) {
    let offset = header.lastOffset
    if header.maxTimestamp > latest?.timestamp ?? .min { latest = (header.maxTimestamp, offset) }
    if bytesSinceEntry > Self.intervalBytes {
      offsets.append(
        OffsetIndexEntry(
          relativeOffset: UInt32(truncatingIfNeeded: offset - base),
          position: UInt32(truncatingIfNeeded: position)))
      noteTime()
      bytesSinceEntry = 0
    }
    bytesSinceEntry += header.totalBytes
  }

  /// Ends the segment: the last entry of its time index says how late its records are.
  public mutating func seal() { noteTime() }

  /// Writes the index files of the segment anew, in place of what is there, durably.
  public func store(in directory: SegmentDirectory) throws(FileError) {
    try IndexFiles.replace(directory, with: self)
  }

  private mutating func noteTime() {
    guard let latest, latest.timestamp > times.last?.timestamp ?? .min else { return }
    times.append(
      TimeIndexEntry(
        timestamp: latest.timestamp, relativeOffset: UInt32(truncatingIfNeeded: latest.offset - base)))
  }

  /// Where to begin looking for `offset`: at or before the batch that has it.
  func position(of offset: Int64) -> Int {
    let index = offsets.partitionPoint { Int64($0.relativeOffset) + base <= offset }
    return index == 0 ? 0 : Int(offsets[index - 1].position)
  }

  /// The offset to begin at when looking for the first record at or after a time: nothing before is as late.
  func offset(before timestamp: Int64) -> Int64 {
    let index = times.partitionPoint { $0.timestamp < timestamp }
    return index == 0 ? base : base + Int64(times[index - 1].relativeOffset)
  }
}

extension RandomAccessCollection where Index == Int {
  /// The first index whose element does not satisfy `isBefore`; the elements that do come first.
  func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
