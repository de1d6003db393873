// `varve replay`: builds read models from the log, verifies them against it, or shows them as of a moment.

import Bytes
import CommandLine
import Configuration
import Database
import Files
import Log
import LogTools
import Projections
import Runtime
import Wire

/// `varve replay`.
struct ReplayCommand: ProjectionCommand {
  static let about = CommandDescription(
    "replay", "Build read models from the log, or verify them against it.",
    purpose: """
      Reads the log and builds the tables anew, beside those in use, which are kept. A running node goes on with the \
      new ones; with --verify nothing is replaced, and the tables in use are compared with what the log makes, \
      row by row where they differ. Needs no lock and works beside a running node. Interrupted, it goes on where it \
      stopped when it is run again.
      """,
    examples: [
      CommandExample("varve replay --verify", "Checks that every read model is what the log makes of it."),
      CommandExample("varve replay --projection cluster", "Builds one anew."),
      CommandExample(
        "varve replay --projection cluster --to 2026-03-01T12:00:00Z --output then.sqlite",
        "The tables as they were then, to look into with sqlite3."),
    ],
    exitCodes: ProjectionExitCodes.all)

  var access: ReadModelSchemas.Access { isVerification || end != nil ? .reading : .full }
  var place = LogPlace()
  var projections: [String] = []
  var isVerification = false
  var end: ReadBound?
  var output: String?
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.repeatedOption(
      "projection", \.projections, .string(bytes: 1...ProjectionName.bytesMaximum),
      "This one; may be repeated. Else all.")
    arguments.flag("verify", \.isVerification, "Compares the tables in use with what the log makes.")
    arguments.option("to", \.end, .readBound, "Builds them as of this place or moment, into --output.")
    arguments.option(
      "output", \.output, .path, "The SQLite file for the tables of --to; it must not be there yet.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each projection or table.")
    arguments.rule("--to and --output go together") { ($0.end == nil) == ($0.output == nil) }
    arguments.rule("--to is for one --projection, and not for --verify") {
      $0.end == nil || ($0.projections.count == 1 && !$0.isVerification)
    }
  }

  func work(_ workplace: ProjectionWorkplace, _ console: Console) async throws {
    var holds = true
    for projection in try ProjectionCatalogue.selected(projections) {
      let progress = ReplayProgressLine(projection.name.text, console)
      do {
        holds = try await replay(projection, workplace, progress, console) && holds
      } catch {
        progress.stop()
        throw error
      }
    }
    if !holds {
      throw CommandFailure(
        .data, "the tables are not what the log makes of them",
        hint: "`varve replay` builds them anew; the difference is worth a look first")
    }
  }

  /// Does one projection; false when it was verified and differs.
  private func replay(
    _ projection: some Projection, _ workplace: ProjectionWorkplace, _ progress: ReplayProgressLine,
    _ console: Console
  ) async throws -> Bool {
    let models = workplace.readModels
    if isVerification {
      guard try await models.current(of: projection.name) != nil else {
        try console.print("\(projection.name): no tables yet")
        return true
      }
      let verification = try await models.verify(projection, from: workplace.source, on: workplace.loop) {
        progress.show($0)
      }
      progress.stop()
      try report(verification, of: projection.name, console)
      return verification.holds
    }
    if let end, let output {
      if try LocalFiles().exists(FilePath(output)) {
        throw CommandFailure(.data, "\(output) is there already", hint: "name another file with --output")
      }
      let replay = try await Replay(projection, from: workplace.source)
      let positions = try await replay.build(
        FilePath(output), to: end.replayEnd(now: SystemTime().wall), on: workplace.loop
      ) { progress.show($0) }
      progress.stop()
      try report(positions, "built \(output)", of: projection.name, console)
      return true
    }
    let rebuilt = try await models.rebuild(projection, from: workplace.source, on: workplace.loop) {
      progress.show($0)
    }
    progress.stop()
    try report(
      rebuilt.positions, "rebuilt as generation \(rebuilt.generation.number)", of: projection.name, console)
    if let old = rebuilt.replaced, !isJSON {
      try console.print(
        "generation \(old.number) is kept: `varve projections drop \(projection.name) \(old.number)` deletes it"
      )
    }
    return true
  }

  private func report(
    _ positions: [PartitionID: LogOffset], _ what: String, of projection: ProjectionName, _ console: Console
  ) throws {
    let events = positions.values.reduce(0) { $0 + $1.value }
    if !isJSON { return try console.print("\(projection): \(what) from \(events) offsets") }
    try console.printJSON { writer in
      writer.beginObject()
      writer.key("projection")
      writer.string(projection.text)
      writer.key("done")
      writer.string(what)
      writer.key("offsets")
      writer.integer(events)
      writer.endObject()
    }
  }

  private func report(_ verification: Verification, of projection: ProjectionName, _ console: Console) throws
  {
    if isJSON {
      for table in verification.tables {
        try console.printJSON { Self.write(table, of: projection, to: &$0) }
      }
      return
    }
    var lines = TextTable(.text("TABLE"), .number("ROWS"), .text("DIGEST"), .text("LIVE EQUALS REPLAYED"))
    for table in verification.tables {
      lines.append(
        "\(projection).\(table.live.table)", String(table.live.rows), String(table.live.hash.prefix(16)),
        table.isSame ? "yes" : "NO, replayed: \(table.replayed.rows) rows, \(table.replayed.hash.prefix(16))")
    }
    try console.print(lines)
    for difference in verification.tables.compactMap(\.difference) {
      try console.print("first difference, in \(projection).\(difference.table):")
      try console.print("  live:     \(Self.row(difference.left, difference.columns))")
      try console.print("  replayed: \(Self.row(difference.right, difference.columns))")
    }
  }

  private static func row(_ values: [SQLValue]?, _ columns: [String]) -> String {
    guard let values else { return "no such row" }
    return zip(columns, values).map { "\($0)=\(text($1))" }.joined(separator: " ")
  }

  private static func text(_ value: SQLValue) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let text): "'\(text)'"
    case .bytes(let bytes): "x'\(Hex.encode(bytes.readable))'"
    }
  }

  private static func write(
    _ table: Verification.Table, of projection: ProjectionName, to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.key("projection")
    writer.string(projection.text)
    writer.key("table")
    writer.string(table.live.table)
    writer.key("holds")
    writer.bool(table.isSame)
    writer.key("rows")
    writer.integer(table.live.rows)
    writer.key("rows_replayed")
    writer.integer(table.replayed.rows)
    writer.key("digest")
    writer.string(table.live.hash)
    writer.key("digest_replayed")
    writer.string(table.replayed.hash)
    if let difference = table.difference {
      writer.key("live")
      writer.string(row(difference.left, difference.columns))
      writer.key("replayed")
      writer.string(row(difference.right, difference.columns))
    }
    writer.endObject()
  }
}

extension ReadBound {
  /// Up to where a replay goes.
  func replayEnd(now: Timestamp) -> ReplayEnd {
    switch readEnd(now: now) {
    case nil: .newest
    case .offset(let offset): .offset(offset)
    case .time(let time): .time(time)
    }
  }
}

/// The progress of a replay, shown once its extent is known.
final class ReplayProgressLine: Sendable {
  private let label: String
  private let console: Console
  private let reporter = Locked<ProgressReporter?>(nil)

  init(_ label: String, _ console: Console) {
    self.label = label
    self.console = console
  }

  func show(_ progress: ReplayProgress) {
    let total = progress.resumedAt + progress.done + progress.left
    let current = reporter.withLock { reporter in
      let current =
        reporter
        ?? ProgressReporter(ProgressState(label, unit: .items("events"), total: total), console: console)
      reporter = current
      return current
    }
    current.advance(to: progress.resumedAt + progress.done)
  }

  func stop() { reporter.withLock { $0 }?.stop() }
}
