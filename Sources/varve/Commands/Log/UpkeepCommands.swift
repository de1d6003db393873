// `varve log retention` and `varve log compact`: what a running node does by itself now and then.

import CommandLine
import Configuration
import Log
import Wire

/// `varve log retention`.
struct RetentionCommand: LogCommand {
  static let about = CommandDescription(
    "retention", "Delete the old segments of a topic, as its settings say.",
    purpose: """
      A running node does this by itself. Whole segments go, never the one that is written; what a consumer or a \
      snapshot has not read stays, unless --force. Needs the log's lock.
      """,
    examples: [
      CommandExample("varve log retention clicks", "Deletes what may go, and says what was held back."),
      CommandExample("varve log retention clicks --force", "Past the consumers too."),
    ],
    exitCodes: LogExitCodes.writing)

  var place = LogPlace()
  var topic = ""
  var isForced = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The topic.")
    arguments.flag("force", \.isForced, "Deletes what consumers and snapshots have not read, too.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each partition.")
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    let isForced = isForced
    let report = try await WritableLog.with(place, console) { log in
      try await log.applyRetention(name, force: isForced)
    }
    if isJSON {
      for part in report.partitions { try console.printJSON { Self.write(part, to: &$0) } }
      return
    }
    var table = TextTable(
      .number("PARTITION"), .number("SEGMENTS DELETED"), .number("BYTES"), .number("FIRST"),
      .text("HELD BACK BY"))
    for part in report.partitions {
      let held = part.heldBack.map { "\($0) (\(part.heldBackSegments) segments)" } ?? "-"
      table.append(
        String(part.partition.index), String(part.segments), ByteSize(bytes: part.bytes).approximate,
        part.first.description, held)
    }
    try console.print(table)
  }

  private static func write(_ part: RetentionReport.Part, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("topic")
    writer.string(part.partition.topic.text)
    writer.key("partition")
    writer.integer(part.partition.index)
    writer.key("segments_deleted")
    writer.integer(part.segments)
    writer.key("bytes_deleted")
    writer.integer(part.bytes)
    writer.key("first_offset")
    writer.integer(part.first.value)
    writer.key("held_back_by")
    if let held = part.heldBack { writer.string(held.name.text) } else { writer.null() }
    writer.key("segments_held_back")
    writer.integer(part.heldBackSegments)
    writer.key("bytes_held_back")
    writer.integer(part.heldBackBytes)
    writer.endObject()
  }
}

/// `varve log compact`.
struct CompactCommand: LogCommand {
  static let about = CommandDescription(
    "compact", "Keep only the latest record of each key in a compacted topic.",
    purpose: """
      A running node does this by itself once enough is new. The segment that is written is left alone. Needs the \
      log's lock.
      """,
    examples: [CommandExample("varve log compact users", "Compacts what may be, however little.")],
    exitCodes: LogExitCodes.writing)

  var place = LogPlace()
  var topic = ""
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The topic.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each partition.")
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    let report = try await WritableLog.with(place, console) { log in
      guard try log.topic(name).settings.cleanup.compacts else {
        throw CommandFailure(
          .data, "topic \(name) is not compacted", hint: "`varve log topic alter \(name) --cleanup compact`")
      }
      return try await log.compact(name)
    }
    if isJSON {
      for part in report.partitions { try console.printJSON { Self.write(part, to: &$0) } }
      return
    }
    var table = TextTable(
      .number("PARTITION"), .number("SEGMENTS"), .number("RECORDS"), .number("BYTES"), .number("KEYS"),
      .text("HELD BACK BY"))
    for part in report.partitions {
      let held = part.heldBack.map { "\($0) (\(part.heldBackTombstones) deletions)" } ?? "-"
      table.append(
        String(part.partition.index), "\(part.before.segments) to \(part.after.segments)",
        "\(part.before.records) to \(part.after.records)",
        "\(ByteSize(bytes: part.before.bytes).approximate) to \(ByteSize(bytes: part.after.bytes).approximate)",
        String(part.keys), held)
    }
    try console.print(table)
  }

  private static func write(_ part: CompactionReport.Part, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("topic")
    writer.string(part.partition.topic.text)
    writer.key("partition")
    writer.integer(part.partition.index)
    write("before", part.before, to: &writer)
    write("after", part.after, to: &writer)
    writer.key("keys")
    writer.integer(part.keys)
    writer.key("compacted_end")
    writer.integer(part.compactedEnd.value)
    writer.key("held_back_by")
    if let held = part.heldBack { writer.string(held.name.text) } else { writer.null() }
    writer.key("tombstones_held_back")
    writer.integer(part.heldBackTombstones)
    writer.key("is_partial")
    writer.bool(part.isPartial)
    writer.endObject()
  }

  private static func write(
    _ name: StaticString, _ amount: CompactionReport.Amount, to writer: inout JSONWriter
  ) {
    writer.key(name)
    writer.beginObject()
    writer.key("segments")
    writer.integer(amount.segments)
    writer.key("records")
    writer.integer(amount.records)
    writer.key("bytes")
    writer.integer(amount.bytes)
    writer.endObject()
  }
}
