// `varve log cat` and `tail` on a running node: the same records, over the network.

import CommandLine
import Log
import LogTools
import Records
import RemoteLog
import Runtime

/// Reads partitions of a node's topic and prints them.
struct RemoteReading {
  /// How often in a row a reading may be cut that is not told to follow.
  private static let lossesMaximum = 3

  private let options: ReadOptions
  private let log: RemoteLog
  private let output: RecordOutput

  init(_ options: ReadOptions, _ log: RemoteLog, _ console: Console) throws {
    self.options = options
    self.log = log
    output = RecordOutput(
      console, form: try options.form(), filter: options.filter, limit: options.limit)
  }

  /// Prints the records from where `from` says of each partition's extent.
  func run(from: @Sendable (LogExtent) -> ReadBound) async throws {
    guard let text = options.selection.topic else {
      throw CommandFailure(.usage, "which topic?", hint: "name a TOPIC: --node knows no directories")
    }
    let topic = try await log.topic(LogSelection.name(text))
    var wanted = Array(topic.partitions.indices)
    if let partition = options.selection.partition {
      guard wanted.contains(partition) else {
        throw LogError.unknownPartition(PartitionID(topic.name, partition))
      }
      wanted = [partition]
    }
    let places = wanted.map { (PartitionID(topic.name, $0), topic.partitions[$0].extent) }
    if options.isFollowing && places.count > 1 {
      try await withThrowingTaskGroup { group in
        for (partition, extent) in places {
          let start = from(extent)
          group.addTask { try await read(partition, extent, from: start) }
        }
        // The first that ends ends all: it was the last record that was asked for.
        for try await goesOn in group where !goesOn { group.cancelAll() }
      }
    } else {
      for (partition, extent) in places where try await !read(partition, extent, from: from(extent)) { break }
    }
    try output.flush()
  }

  /// - Returns: whether more records are wanted.
  private func read(_ partition: PartitionID, _ extent: LogExtent, from place: ReadBound) async throws -> Bool
  {
    let start = try await log.offset(of: place, in: partition)
    var end = LogOffset(.max)
    if let to = options.to?.readEnd(now: SystemTime().wall) {
      switch to {
      case .offset(let offset): end = offset
      case .time(let time): end = try await log.offset(notBefore: time, in: partition)
      }
    }
    if !options.isFollowing { end = min(end, extent.end) }
    if start < extent.first || start > extent.end {
      throw LogError.offsetOutOfRange(partition, requested: start, first: extent.first, end: extent.end)
    }
    if start >= end { return true }
    var batches = try await log.subscribe(
      to: partition, from: start, lossesMaximum: options.isFollowing ? nil : Self.lossesMaximum)
    while batches.nextOffset < end {
      let batch = try await batches.next()
      let records: [StoredRecord]
      do throws(RecordError) {
        records = try batch.records()
      } catch {
        throw LogError.record(partition, LogOffset(batch.header.baseOffset), error)
      }
      for record in records where record.offset >= start.value && record.offset < end.value {
        if try !output.take(record, partition) { return false }
      }
      try output.flush()
    }
    return true
  }
}
