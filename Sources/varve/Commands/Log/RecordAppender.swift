// Appends records to a topic in the order they come: decides the partition of each, acknowledges, and counts.

import Bytes
import CommandLine
import Files
import Log
import Records
import Runtime
import Wire

/// Appends to one topic.
struct RecordAppender {
  private let log: any ReachedLog
  private let topic: TopicName
  private let partitions: Int
  private let partition: Int?
  private let options: AppendOptions
  /// Where acknowledged offsets are written.
  var acks: AckWriter?
  private(set) var summary: AppendSummary
  /// Which partition the next records without keys go to.
  private var turn = 0

  /// - Parameters:
  ///   - partitions: how many the topic has.
  ///   - partition: the only one; nil: the key decides.
  init(_ log: any ReachedLog, _ topic: TopicName, partitions: Int, partition: Int?, isDurable: Bool) {
    self.log = log
    self.topic = topic
    self.partitions = partitions
    self.partition = partition
    options = isDurable ? .durable : .written
    summary = AppendSummary(topic: topic)
  }

  /// Appends records, those of one partition as one batch.
  mutating func append(_ records: [Record]) async throws {
    var groups: [Int: [Record]] = [:]
    for record in records { groups[index(for: record), default: []].append(record) }
    turn += 1
    for (index, group) in groups.sorted(by: { $0.key < $1.key }) {
      let receipt = try await log.append(group, to: PartitionID(topic, index), options)
      summary.note(index, receipt)
      try acks?.write(index, receipt)
    }
  }

  private func index(for record: Record) -> Int {
    if let partition { return partition }
    guard let key = record.key else { return turn % partitions }
    return KeyPartitioning.index(of: key, partitions: partitions)
  }

  /// Makes durable what is not yet.
  func finish() async throws(LogError) {
    if options.durability == .durable { return }
    for index in summary.ranges.keys { try await log.sync(PartitionID(topic, index)) }
  }
}

/// What was appended where.
struct AppendSummary: Sendable {
  /// Offsets from `first` up to, not including, `next`; all of them ours, for nobody else has the lock.
  struct Range: Sendable {
    let first: LogOffset
    var next: LogOffset
  }

  let topic: TopicName
  private(set) var records = 0
  private(set) var ranges: [Int: Range] = [:]

  init(topic: TopicName) { self.topic = topic }

  mutating func note(_ partition: Int, _ receipt: AppendReceipt) {
    records += receipt.count
    ranges[partition, default: Range(first: receipt.first, next: receipt.next)].next = receipt.next
  }

  /// For people: `2 records appended to jobs: partition 0 at 4 to 5`.
  var text: String {
    let places = ranges.sorted { $0.key < $1.key }.map { index, range in
      let last = LogOffset(range.next.value - 1)
      return "partition \(index) at \(range.first == last ? "\(last)" : "\(range.first) to \(last)")"
    }
    let count = "\(records) \(records == 1 ? "record" : "records") appended to \(topic)"
    return places.isEmpty ? count : "\(count): \(places.joined(separator: ", "))"
  }

  /// For programs.
  func write(_ writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("topic")
    writer.string(topic.text)
    writer.key("records")
    writer.integer(records)
    writer.key("partitions")
    writer.beginArray()
    for (index, range) in ranges.sorted(by: { $0.key < $1.key }) {
      writer.beginObject()
      writer.key("partition")
      writer.integer(index)
      writer.key("first_offset")
      writer.integer(range.first.value)
      writer.key("next_offset")
      writer.integer(range.next.value)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }
}

/// Writes the offsets of durable records, unbuffered.
struct AckWriter {
  private enum Target {
    case console(Console)
    case file(File)
  }

  private let target: Target
  private var position = 0

  /// - Parameter path: a file, which is emptied first; `-` is the console's output.
  init(path: String, _ console: Console) throws(FileError) {
    target =
      path == "-"
      ? .console(console) : .file(try LocalFiles().open(FilePath(path), [.write, .create, .truncate]))
  }

  mutating func write(_ partition: Int, _ receipt: AppendReceipt) throws {
    var lines = ByteBuffer()
    for offset in receipt.first.value..<receipt.next.value { lines.append("\(partition) \(offset)\n") }
    switch target {
    case .console(let console): try console.write(lines.readable)
    case .file(let file):
      try file.write(lines, at: position)
      position += lines.count
    }
  }
}

/// Keeps a rate.
struct Pace {
  private let perSecond: Int
  private let time = SystemTime()
  private let start: MonotonicInstant

  init(_ perSecond: Int) {
    self.perSecond = perSecond
    start = time.monotonic
  }

  /// The most records to append at once, so that the rate holds within tenths of a second.
  var stepMaximum: Int { max(1, perSecond / 10) }

  /// Waits until `count` records are due.
  func wait(after count: Int) async throws(CancellationError) {
    try await time.sleep(until: start.advanced(by: .seconds(Double(count) / Double(perSecond))))
  }
}
