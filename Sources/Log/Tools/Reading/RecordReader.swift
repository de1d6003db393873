// Reads the records of one partition one by one, from a start to an end that an offset or a time decides. A batch
// is read whole, so the records before the start in the first one are left out here.

public import Log
public import Records

/// Where reading ends.
public enum ReadEnd: Hashable, Sendable {
  /// Before this offset.
  case offset(LogOffset)
  /// Before the first record with this timestamp (milliseconds since 1970) or a later one.
  case time(Int64)
}

/// Reads records of one partition.
public struct RecordReader: Sendable {
  /// The partition.
  public let partition: PartitionID
  /// Whether the end was reached: there is nothing more to come.
  public private(set) var isFinished = false

  private var batches: BatchReader
  private let start: LogOffset
  private let ends: [ReadEnd]
  /// The records of the current batch that are left, the last one first.
  private var pending: [StoredRecord] = []

  /// - Parameters:
  ///   - batches: a reader that stands at the start.
  ///   - ends: whichever is reached first; none: there may always be more to come.
  public init(_ batches: BatchReader, of partition: PartitionID, ends: [ReadEnd] = []) {
    self.batches = batches
    self.partition = partition
    self.ends = ends
    start = batches.nextOffset
  }

  /// The offset of the next batch: everything before it was read.
  public var nextOffset: LogOffset { batches.nextOffset }

  /// The next record; nil at the end, and when there is none for now.
  public mutating func next() throws(LogError) -> StoredRecord? {
    while !isFinished {
      guard let record = pending.popLast() else {
        if isAtEndOffset(batches.nextOffset.value) {
          isFinished = true
          return nil
        }
        guard let batch = try batches.next() else { return nil }
        pending = try records(of: batch).reversed()
        continue
      }
      if record.offset < start.value { continue }
      if isAtEndOffset(record.offset) || isAtEndTime(record.timestamp) {
        isFinished = true
        return nil
      }
      return record
    }
    return nil
  }

  private func records(of batch: RecordBatch) throws(LogError) -> [StoredRecord] {
    do throws(RecordError) {
      return try batch.records()
    } catch {
      throw .record(partition, LogOffset(batch.header.baseOffset), error)
    }
  }

  private func isAtEndOffset(_ offset: Int64) -> Bool {
    ends.contains { if case .offset(let end) = $0 { offset >= end.value } else { false } }
  }

  private func isAtEndTime(_ timestamp: Int64) -> Bool {
    ends.contains { if case .time(let end) = $0 { timestamp >= end } else { false } }
  }
}
