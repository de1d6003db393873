// How records come out of a partition.

import Bytes
import Files
import Records
import Runtime

/// Where to begin reading.
public enum ReadStart: Hashable, Sendable {
  /// At the first record kept.
  case beginning
  /// At an offset, which must be kept, or be the next to come.
  case offset(LogOffset)
  /// At the first record with this timestamp (milliseconds since 1970) or a later one; the end, when there is
  /// none.
  case time(Int64)
  /// After the last record.
  case end
}

extension Partition {
  /// The offsets that can be read.
  public func extent(_ isolation: ReadIsolation = .durable) -> LogExtent { table.extent(isolation) }

  /// The offset that the next record gets; records before it may not be durable yet.
  public var nextOffset: LogOffset { queue.withLock { LogOffset($0.nextOffset) } }

  /// A reader for a thread that may block.
  public func reader(
    from start: ReadStart, options: BatchReader.Options = BatchReader.Options()
  ) throws(LogError) -> BatchReader {
    try BatchReader(table, from: start, options: options)
  }

  /// A reader for a task, which waits at the end for more.
  public func subscribe(
    from start: ReadStart, options: BatchReader.Options = BatchReader.Options()
  ) async throws(LogError) -> LogSubscription {
    let table = table
    let reader = try await shared.pool.perform {
      () throws(LogError) in try BatchReader(table, from: start, options: options)
    }
    return LogSubscription(reader, of: self)
  }
}

extension BatchReader {
  /// A reader that begins where `start` says.
  init(_ source: any BatchSource, from start: ReadStart, options: Options) throws(LogError) {
    switch start {
    case .offset(let offset): try self.init(source, from: offset, options: options)
    case .beginning:
      try self.init(source, from: source.extent(options.isolation).first, options: options)
    case .end: try self.init(source, from: source.extent(options.isolation).end, options: options)
    case .time(let timestamp):
      try self.init(source, from: Self.offset(at: timestamp, in: source, options), options: options)
    }
  }

  /// The offset of the first record at or after a time, or the end.
  private static func offset(
    at timestamp: Int64, in source: any BatchSource, _ options: Options
  ) throws(LogError) -> LogOffset {
    let extent = try source.extent(options.isolation)
    guard let segment = try source.segment(notBefore: timestamp) else { return extent.end }
    let start: Int64
    if let active = segment.activeIndex {
      start = active.offset(before: timestamp)
    } else {
      do throws(FileError) {
        start = try SegmentIndexReader(directory: source.directory, base: segment.base)
          .offset(before: timestamp)
      } catch {
        throw .file(error)
      }
    }
    var reader = try BatchReader(
      source, from: min(max(LogOffset(start), extent.first), extent.end), options: options)
    while let batch = try reader.next() {
      if batch.header.maxTimestamp < timestamp { continue }
      do throws(RecordError) {
        let payload = try batch.payload()
        var records = RecordIterator(batch.header, payload: payload.readable)
        while let record = try records.next() {
          if record.timestamp >= timestamp { return max(LogOffset(record.offset), extent.first) }
        }
      } catch {
        throw .record(source.directory.partition, LogOffset(batch.header.baseOffset), error)
      }
    }
    return extent.end
  }
}
