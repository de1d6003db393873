// `varve log topic create|alter|delete`: what changes topics. What shows them is in TopicListCommands.swift.

import CommandLine
import Configuration
import Log

/// `varve log topic create`.
struct TopicCreateCommand: LogCommand {
  static let about = CommandDescription(
    "create", "Make a topic.",
    purpose: """
      Makes the log too where there is none. Needs the log's lock, so no node may be running on it, or the node \
      itself with --node; a node makes the topics of its configuration (section `topics`) when it starts.
      """,
    examples: [
      CommandExample("varve log topic create jobs --data ./data", "One partition, kept for ever."),
      CommandExample(
        "varve log topic create clicks --partitions 4 --retention-age 30d --compression zstd",
        "Four partitions whose records go after a month."),
      CommandExample(
        "varve log topic create users --cleanup compact", "Keeps the latest record of each key."),
    ],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var change = TopicChange()
  var topic = ""
  var isQuiet = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.group(\.change)
    arguments.flag(
      "if-missing", \.isQuiet, "Succeeds when there is such a topic already, and leaves it alone.")
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The name.")
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    var settings = TopicSettings()
    change.apply(to: &settings)
    let (wanted, isQuiet) = (settings, isQuiet)
    let isNew = try await reach.with(console, mayCreate: true) { log in
      do {
        try await log.createTopic(name, wanted)
        return true
      } catch LogError.topicExists where isQuiet {
        return false
      }
    }
    let count = settings.partitions
    try console.print(
      isNew
        ? "topic \(name) created with \(count) \(count == 1 ? "partition" : "partitions")"
        : "topic \(name) is there already")
  }
}

/// `varve log topic alter`.
struct TopicAlterCommand: LogCommand {
  static let about = CommandDescription(
    "alter", "Change the settings of a topic.",
    purpose: """
      Only the settings that are named change. The number of partitions may grow: keys are spread over the new \
      number from then on, and records stay where they are. Needs the log's lock.
      """,
    examples: [
      CommandExample("varve log topic alter jobs --retention-age 7d", "Records go after a week."),
      CommandExample("varve log topic alter jobs --retention-age forever", "They stay again."),
    ],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var change = TopicChange()
  var topic = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.group(\.change)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The name.")
    arguments.rule("alter needs at least one setting to change") { $0.change != TopicChange() }
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    let change = change
    try await reach.with(console) { log in try await log.alterTopic(name, change) }
    try console.print("topic \(name) altered")
  }
}

/// `varve log topic delete`.
struct TopicDeleteCommand: LogCommand {
  static let about = CommandDescription(
    "delete", "Delete a topic with all of its records.",
    purpose: """
      The records and the positions of the topic's consumers are gone for good. A topic that the node's \
      configuration names is made again, empty, when the node starts. Needs the log's lock.
      """,
    examples: [CommandExample("varve log topic delete jobs --yes", "Deletes without asking.")],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var isSure = false
  var topic = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.flag("yes", short: "y", \.isSure, "Says that you mean it; nothing is deleted without.")
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The name.")
    arguments.rule("delete removes every record of the topic: add --yes when you mean it", holds: \.isSure)
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    try await reach.with(console) { log in try await log.deleteTopic(name) }
    try console.print("topic \(name) deleted")
  }
}

/// How the commands under `varve log` may end.
enum LogExitCodes {
  static let reading: [ExitCode] = [.data, .inputOutput, .permission, .configuration]
  static let writing: [ExitCode] = [.data, .inputOutput, .temporary, .permission, .configuration]
}
