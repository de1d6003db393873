// `varve log stat`: what a log holds, in numbers.

import CommandLine
import Configuration
import Log
import LogTools
import Wire

/// `varve log stat`.
struct StatCommand: LogCommand {
  static let about = CommandDescription(
    "stat", "Count what is in a log: records, batches, bytes, times.",
    purpose: """
      Reads the partitions through, beside a running node if there is one. The ratio is the size of the records \
      before compression to what they take.
      """,
    examples: [
      CommandExample("varve log stat --data ./data", "Every partition of every topic."),
      CommandExample(
        "varve log stat jobs --segments --keys", "Each segment of a topic, and how many keys it has."),
      CommandExample("varve log stat jobs --json", "For programs."),
    ],
    exitCodes: LogExitCodes.reading)

  var selection = LogSelection()
  var showsSegments = false
  var countsKeys = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.flag("segments", \.showsSegments, "Shows each segment too.")
    arguments.flag("keys", \.countsKeys, "Counts different keys; takes about 16 bytes of memory for each.")
    arguments.flag(
      "json", \.isJSON, "Prints a line of JSON for each partition and, with --segments, segment.")
  }

  func work(_ console: Console) async throws {
    var options = PartitionStatistics.Options()
    options.countsKeys = countsKeys
    var table = TextTable(
      .text("PARTITION"), .number("SEGMENT"), .number("RECORDS"), .number("KEYS"), .number("BATCHES"),
      .number("BYTES"), .number("RATIO"), .number("OFFSETS"), .text("TIME"))
    for partition in try selection.inspectors(console, allowsAll: true) {
      let statistics = try LongWork.run("stat \(partition.id)", console) { progress in
        try PartitionStatistics.collect(partition, options: options, progress: progress)
      }
      if showsSegments {
        for segment in statistics.segments {
          if isJSON {
            try console.printJSON { Self.write(segment.counts, partition.id, base: segment.base, to: &$0) }
          } else {
            Self.append(segment.counts, partition.id, String(segment.base), to: &table)
          }
        }
      }
      if isJSON {
        try console.printJSON {
          Self.write(statistics.total, partition.id, base: nil, damage: statistics.damage, to: &$0)
        }
      } else {
        Self.append(statistics.total, partition.id, "all", to: &table)
        if let damage = statistics.damage { try console.note("varve: \(damage)") }
      }
    }
    if !isJSON { try console.print(table) }
  }

  private static func append(
    _ counts: RecordCounts, _ partition: PartitionID, _ segment: String, to table: inout TextTable
  ) {
    let offsets = counts.firstOffset.flatMap { first in counts.lastOffset.map { "\(first) to \($0)" } }
    let times = counts.firstTimestamp.flatMap { first in
      counts.lastTimestamp.map { "\(RecordForm.time(first)) to \(RecordForm.time($0))" }
    }
    let ratio = Int((counts.compressionRatio * 100).rounded())
    table.append(
      partition.description, segment, String(counts.records), counts.keys.map { String($0) } ?? "-",
      String(counts.batches), ByteSize(bytes: counts.bytes).approximate,
      "\(ratio / 100).\(ratio % 100 < 10 ? "0" : "")\(ratio % 100)", offsets ?? "-", times ?? "-")
  }

  private static func write(
    _ counts: RecordCounts, _ partition: PartitionID, base: Int64?, damage: Damage? = nil,
    to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.key("topic")
    writer.string(partition.topic.text)
    writer.key("partition")
    writer.integer(partition.index)
    writer.key("segment")
    writer.integer(orNull: base)
    writer.key("records")
    writer.integer(counts.records)
    writer.key("keyed")
    writer.integer(counts.keyed)
    writer.key("keys")
    writer.integer(orNull: counts.keys)
    writer.key("tombstones")
    writer.integer(counts.tombstones)
    writer.key("batches")
    writer.integer(counts.batches)
    writer.key("bytes")
    writer.integer(counts.bytes)
    writer.key("record_bytes")
    writer.integer(counts.recordBytes)
    writer.key("record_bytes_stored")
    writer.integer(counts.recordBytesStored)
    writer.key("first_offset")
    writer.integer(orNull: counts.firstOffset)
    writer.key("last_offset")
    writer.integer(orNull: counts.lastOffset)
    writer.key("first_timestamp")
    writer.integer(orNull: counts.firstTimestamp)
    writer.key("last_timestamp")
    writer.integer(orNull: counts.lastTimestamp)
    if base == nil {
      writer.key("damage")
      if let damage { writer.string(damage.description) } else { writer.null() }
    }
    writer.endObject()
  }
}
