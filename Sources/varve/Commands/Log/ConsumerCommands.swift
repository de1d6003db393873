// `varve log consumers list|commit|remove`.

import CommandLine
import Configuration
import Log
import RemoteLog
import Runtime
import Wire

/// A consumer's position, and how far behind the end it is.
struct ConsumerStanding: Sendable {
  let position: ConsumerPosition
  /// nil: the partition cannot be read.
  let lag: Int?

  /// Every one in a log.
  static func all(in log: LogDirectory) throws(LogError) -> [ConsumerStanding] {
    try log.consumers().map { position throws(LogError) in
      let extent = try log.partition(position.partition).extent()
      return ConsumerStanding(
        position: position, lag: Int(max(0, extent.end.value - max(position.position, extent.first).value)))
    }
  }

  /// Every one at a node.
  static func all(in log: RemoteLog) async throws(LogError) -> [ConsumerStanding] {
    try await log.consumers().map { ConsumerStanding(position: $0.position, lag: $0.lag) }
  }

  static func table(_ standings: [ConsumerStanding]) -> TextTable {
    var table = TextTable(
      .text("CONSUMER"), .text("KIND"), .text("TOPIC"), .number("PARTITION"), .number("POSITION"),
      .number("LAG"), .text("COMMITTED"))
    for standing in standings {
      let position = standing.position
      table.append(
        position.name.text, position.kind.rawValue, position.partition.topic.text,
        String(position.partition.index), position.position.description,
        standing.lag.map { String($0) } ?? "?", RecordForm.time(position.committedAt))
    }
    return table
  }

  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("consumer")
    writer.string(position.name.text)
    writer.key("kind")
    writer.string(position.kind.rawValue)
    writer.key("topic")
    writer.string(position.partition.topic.text)
    writer.key("partition")
    writer.integer(position.partition.index)
    writer.key("position")
    writer.integer(position.position.value)
    writer.key("lag")
    writer.integer(orNull: lag)
    writer.key("committed_at")
    writer.integer(position.committedAt)
    writer.endObject()
  }
}

/// `varve log consumers list`.
struct ConsumerListCommand: LogCommand {
  static let about = CommandDescription(
    "list", "List the consumers, their positions and how far behind they are.",
    purpose: "Works beside a running node. The lag is in offsets up to what is durable.",
    examples: [CommandExample("varve log consumers list --json", "A line of JSON for each position.")],
    exitCodes: LogExitCodes.reading)

  var selection = LogReach()
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each position.")
  }

  func work(_ console: Console) async throws {
    let standings =
      try await selection.node.with(console) { log in try await ConsumerStanding.all(in: log) }
      ?? ConsumerStanding.all(in: selection.directory(console))
    if isJSON {
      for standing in standings { try console.printJSON { standing.write(to: &$0) } }
    } else {
      try console.print(ConsumerStanding.table(standings))
    }
  }
}

/// `varve log consumers commit`.
struct ConsumerCommitCommand: LogCommand {
  static let about = CommandDescription(
    "commit", "Set how far a consumer has come in a partition.",
    purpose: """
      Makes the consumer when there is none of that name. The position is the offset of the first record that it \
      has not dealt with; it may go back. Retention keeps what a consumer has not read. Needs the log's lock.
      """,
    examples: [
      CommandExample("varve log consumers commit billing jobs 1200", "Everything before 1200 is done."),
      CommandExample("varve log consumers commit billing jobs beginning -p 3", "Reads partition 3 again."),
    ],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var name = ""
  var topic = ""
  var position = ReadBound.end
  var partition = 0
  var kind = ConsumerKind.consumer

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.argument("NAME", \.name, .string(bytes: 1...ConsumerName.bytesMaximum), "The consumer.")
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The topic.")
    arguments.argument("POSITION", \.position, .readBound, "Where it goes on.")
    arguments.option(
      "partition", short: "p", \.partition, .integer(0...PartitionID.partitionsMaximum - 1), "The partition.")
    arguments.option("kind", \.kind, .choice, "Who remembers the position.")
  }

  func work(_ console: Console) async throws {
    let (consumer, id) = (try ConsumerName(name), PartitionID(try TopicName(topic), partition))
    let committed = try await reach.with(console) { log in
      let offset = try await log.offset(of: position, in: id)
      try await log.commit(consumer, id, position: offset, kind: kind)
      return offset
    }
    try console.print("\(kind.rawValue) \(consumer) goes on at \(committed) of \(id)")
  }
}

/// `varve log consumers remove`.
struct ConsumerRemoveCommand: LogCommand {
  static let about = CommandDescription(
    "remove", "Forget a consumer, so that retention no longer waits for it.",
    purpose: "Needs the log's lock.",
    examples: [
      CommandExample("varve log consumers remove billing", "In all partitions."),
      CommandExample("varve log consumers remove billing --topic jobs -p 3", "In one."),
    ],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var name = ""
  var topic: String?
  var partition: Int?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.argument("NAME", \.name, .string(bytes: 1...ConsumerName.bytesMaximum), "The consumer.")
    arguments.option("topic", \.topic, .string(bytes: 1...249), "Only in this topic.")
    arguments.option(
      "partition", short: "p", \.partition, .integer(0...PartitionID.partitionsMaximum - 1),
      "Only in this partition of the topic.")
    arguments.rule("--partition needs --topic") { $0.partition == nil || $0.topic != nil }
  }

  func work(_ console: Console) async throws {
    let consumer = try ConsumerName(name)
    let named = try topic.map { text throws(LogError) in try TopicName(text) }
    let count = try await reach.with(console) { log in
      try await log.removeConsumer(consumer, topic: named, partition: partition)
    }
    try console.print("\(consumer) forgotten in \(count) \(count == 1 ? "partition" : "partitions")")
  }
}
