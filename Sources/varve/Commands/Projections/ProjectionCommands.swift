// `varve projections list|skip|drop`.

import CommandLine
import Configuration
import Database
import Files
import Log
import Projections
import Runtime
import Wire

/// The group of commands.
enum ProjectionCommands {
  static let node = CommandNode.group(
    "projections", "Look at the read models, get one going again, drop old ones.",
    [
      .command(ProjectionListCommand.self), .command(ProjectionSkipCommand.self),
      .command(ProjectionDropCommand.self),
    ])
}

/// `varve projections list`.
struct ProjectionListCommand: ProjectionCommand {
  static let about = CommandDescription(
    "list", "List the read models, how far they are, and what keeps them.",
    purpose: "Works beside a running node. The lag is in offsets up to what is durable.",
    examples: [CommandExample("varve projections list --json", "A line of JSON for each partition.")],
    exitCodes: ProjectionExitCodes.all)

  var access: ReadModelSchemas.Access { .reading }
  var place = LogPlace()
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each partition.")
  }

  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws {
    var lines = TextTable(
      .text("PROJECTION"), .number("VERSION"), .number("GENERATION"), .text("PARTITION"), .number("POSITION"),
      .number("LAG"), .text("STATE"))
    for projection in try ProjectionCatalogue.all() {
      guard let status = try await Self.status(of: projection, workplace) else { continue }
      for part in status.parts {
        if isJSON {
          try console.printJSON { Self.write(part, status, to: &$0) }
        } else {
          lines.append(
            projection.name.text, String(status.generation.version), String(status.generation.number),
            part.partition.description, part.position.description, String(part.lag), Self.state(part, status))
        }
      }
    }
    if !isJSON { try console.print(lines) }
  }

  /// How a projection's tables stand; nil when it has none.
  static func status(
    of projection: some Projection, _ workplace: ProjectionWorkplace
  ) async throws -> ProjectionStatus? {
    guard let generation = try await workplace.readModels.current(of: projection.name) else { return nil }
    let store = try await workplace.readModels.openForReading(
      generation, on: workplace.loop, isPatient: false)
    let outcome: Result<ProjectionStatus, EngineError>
    do throws(EngineError) {
      outcome = .success(
        try await ProjectionStatus(of: projection, generation, in: store, log: workplace.source))
    } catch {
      outcome = .failure(error)
    }
    try await store.close()
    return try outcome.get()
  }

  private static func state(_ part: ProjectionStatus.Part, _ status: ProjectionStatus) -> String {
    if let failure = part.failure { return "stopped at offset \(failure.offset): \(failure.cause)" }
    if status.generation.version != status.programVersion {
      return "of version \(status.generation.version): `varve replay` builds version \(status.programVersion)"
    }
    return "ok"
  }

  private static func write(
    _ part: ProjectionStatus.Part, _ status: ProjectionStatus, to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.key("projection")
    writer.string(status.generation.projection.text)
    writer.key("version")
    writer.integer(status.generation.version)
    writer.key("generation")
    writer.integer(status.generation.number)
    writer.key("topic")
    writer.string(part.partition.topic.text)
    writer.key("partition")
    writer.integer(part.partition.index)
    writer.key("position")
    writer.integer(part.position.value)
    writer.key("lag")
    writer.integer(part.lag)
    if let failure = part.failure {
      writer.key("stopped_at")
      writer.integer(failure.offset.value)
      writer.key("cause")
      writer.string(failure.cause)
    }
    writer.endObject()
  }
}

/// `varve projections skip`.
struct ProjectionSkipCommand: ProjectionCommand {
  static let about = CommandDescription(
    "skip", "Have a projection go past the event that it has stopped at.",
    purpose: """
      The decision is written down as an event, with the reason, so that a rebuild passes over the same event. Only the \
      event that the projection has stopped at can be passed over. Needs the log's lock.
      """,
    examples: [
      CommandExample(
        "varve projections skip cluster --offset 4711 --reason 'made by a test'", "Goes past that one event.")
    ],
    exitCodes: ProjectionExitCodes.all)

  var access: ReadModelSchemas.Access { .reading }
  var place = LogPlace()
  var name = ""
  var offset = 0
  var partition = 0
  var reason = ""

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("NAME", \.name, .string(bytes: 1...ProjectionName.bytesMaximum), "The projection.")
    arguments.requiredOption("offset", \.offset, .integer(0...Int.max), "The offset of the event.")
    arguments.option(
      "partition", short: "p", \.partition, .integer(0...PartitionID.partitionsMaximum - 1), "Its partition.")
    arguments.requiredOption("reason", \.reason, .string(bytes: 1...1000), "Why, for those who come later.")
  }

  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws {
    guard let projection = try ProjectionCatalogue.selected([name]).first,
      let status = try await ProjectionListCommand.status(of: projection, workplace)
    else { throw CommandFailure(.data, "\(name) has no tables yet") }
    guard partition < status.parts.count else {
      throw CommandFailure(.data, "\(name) has no partition \(partition)")
    }
    let part = status.parts[partition]
    guard let failure = part.failure, failure.offset.value == Int64(offset) else {
      let state = part.failure.map { "it has stopped at offset \($0.offset)" } ?? "it has not stopped"
      throw CommandFailure(
        .data, "\(name) has not stopped at offset \(offset) of \(part.partition): \(state)")
    }
    try await WritableLog.with(place, console) { log in
      try await log.skip(
        past: failure.offset, of: part.partition, in: projection.name, reason: reason, cause: failure.cause)
    }
    try console.print("\(name) goes past offset \(offset) of \(part.partition) from its next start on")
  }
}

/// `varve projections drop`.
struct ProjectionDropCommand: ProjectionCommand {
  static let about = CommandDescription(
    "drop", "Delete tables that are no longer in use.",
    purpose: "Rebuilding keeps the old tables; this deletes them. The current ones are not deleted.",
    examples: [
      CommandExample("varve projections drop cluster 1", "Generation 1, after a rebuild made generation 2.")
    ],
    exitCodes: ProjectionExitCodes.all)

  var access: ReadModelSchemas.Access { .full }
  var place = LogPlace()
  var name = ""
  var generation = 0

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("NAME", \.name, .string(bytes: 1...ProjectionName.bytesMaximum), "The projection.")
    arguments.argument("GENERATION", \.generation, .integer(1...Int.max), "The number of the generation.")
  }

  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws {
    guard let projection = ProjectionName(name) else {
      throw CommandFailure(.data, "\(name) is no projection's name")
    }
    let models = workplace.readModels
    guard let found = try await models.generations(of: projection).first(where: { $0.number == generation })
    else {
      throw CommandFailure(.data, "\(name) has no generation \(generation)")
    }
    if try await models.current(of: projection) == found {
      throw CommandFailure(.data, "\(found) is in use", hint: "`varve replay` builds another one")
    }
    try await models.drop(found)
    try console.print("\(found) is deleted")
  }
}
