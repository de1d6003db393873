// `varve log topic list|describe`: what shows topics. Neither needs the lock.

import CommandLine
import Configuration
import Log
import RemoteLog
import Wire

/// `varve log topic list`.
struct TopicListCommand: LogCommand {
  static let about = CommandDescription(
    "list", "List the topics.",
    purpose: "Works beside a running node.",
    examples: [
      CommandExample("varve log topic list --data ./data", "A table."),
      CommandExample("varve log topic list --json", "A line of JSON for each topic."),
    ],
    exitCodes: LogExitCodes.reading)

  var selection = LogReach()
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each topic.")
  }

  func work(_ console: Console) async throws {
    let topics =
      try await selection.node.with(console) { log in
        try await log.topics().map(\.description)
      } ?? selection.directory(console).topics()
    if isJSON {
      for topic in topics { try console.printJSON { TopicDescribeCommand.write(topic, to: &$0) } }
      return
    }
    var table = TextTable(
      .text("TOPIC"), .number("PARTITIONS"), .text("CLEANUP"), .text("KEPT FOR"), .text("KEPT BYTES"),
      .text("COMPRESSION"))
    for topic in topics {
      let texts = Dictionary(
        uniqueKeysWithValues: TopicChange(topic.settings).texts.map { ($0.key, $0.text) })
      table.append(
        topic.name.text, String(topic.partitionCount), texts["cleanup"] ?? "", texts["retention_age"] ?? "",
        texts["retention_bytes"] ?? "", texts["compression"] ?? "")
    }
    try console.print(table)
  }
}

/// `varve log topic describe`.
struct TopicDescribeCommand: LogCommand {
  static let about = CommandDescription(
    "describe", "Show the settings of a topic, its partitions and its consumers.",
    purpose: "Works beside a running node.",
    examples: [CommandExample("varve log topic describe jobs", "Everything there is to say about it.")],
    exitCodes: LogExitCodes.reading)

  var selection = LogReach()
  var topic = ""
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The name.")
    arguments.flag("json", \.isJSON, "Prints one line of JSON.")
  }

  func work(_ console: Console) async throws {
    let name = try LogSelection.name(topic)
    let (described, extents, all) =
      try await selection.node.with(console) { log in try await Self.look(at: name, in: log) }
      ?? Self.look(at: name, in: selection.directory(console))
    let consumers = all.filter { $0.position.partition.topic == described.name }
    if isJSON {
      return try console.printJSON { writer in
        Self.write(described, extents, consumers, to: &writer)
      }
    }
    try console.print("topic \(described.name)\nid    \(described.id)\n")
    var settings = TextTable(.text("SETTING"), .text("VALUE"))
    for (key, text) in TopicChange(described.settings).texts { settings.append(key, text) }
    try console.print(settings)
    var partitions = TextTable(.number("PARTITION"), .number("FIRST"), .number("END"), .number("OFFSETS"))
    for (id, extent) in extents {
      partitions.append(
        String(id.index), extent.first.description, extent.end.description, String(extent.count))
    }
    try console.write("\n")
    try console.print(partitions)
    if consumers.isEmpty { return }
    try console.write("\n")
    try console.print(ConsumerStanding.table(consumers))
  }

  /// A topic, how far its partitions reach, and every consumer.
  private typealias Look = (
    topic: TopicDescription, extents: [(id: PartitionID, extent: LogExtent)], consumers: [ConsumerStanding]
  )

  private static func look(at name: TopicName, in log: LogDirectory) throws(LogError) -> Look {
    let described = try log.topic(name)
    let extents = try described.partitions.map { id throws(LogError) in
      (id: id, extent: try log.partition(id).extent())
    }
    return (described, extents, try ConsumerStanding.all(in: log))
  }

  private static func look(at name: TopicName, in log: RemoteLog) async throws(LogError) -> Look {
    let topic = try await log.topic(name)
    let extents = topic.partitions.enumerated().map {
      (id: PartitionID(name, $0.offset), extent: $0.element.extent)
    }
    return (topic.description, extents, try await ConsumerStanding.all(in: log))
  }

  /// A topic as an object; with partitions and consumers when they are given.
  static func write(
    _ topic: TopicDescription, _ partitions: [(id: PartitionID, extent: LogExtent)]? = nil,
    _ consumers: [ConsumerStanding] = [], to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.key("topic")
    writer.string(topic.name.text)
    writer.key("id")
    writer.string(topic.id.description)
    writer.key("settings")
    writer.beginObject()
    for (key, text) in TopicChange(topic.settings).texts {
      writer.key(key)
      // Numbers that are counts; sizes and durations are written as the configuration takes them.
      if let number = Int(text) { writer.integer(number) } else { writer.string(text) }
    }
    writer.endObject()
    if let partitions {
      writer.key("partitions")
      writer.beginArray()
      for (id, extent) in partitions {
        writer.beginObject()
        writer.key("partition")
        writer.integer(id.index)
        writer.key("first_offset")
        writer.integer(extent.first.value)
        writer.key("end_offset")
        writer.integer(extent.end.value)
        writer.endObject()
      }
      writer.endArray()
      writer.key("consumers")
      writer.beginArray()
      for consumer in consumers { consumer.write(to: &writer) }
      writer.endArray()
    }
    writer.endObject()
  }
}
