// `varve log import`.

import Bytes
import CommandLine
import Configuration
import Log
import LogTools
import Wire

/// `varve log import`.
struct ImportCommand: LogCommand {
  static let about = CommandDescription(
    "import", "Append the records of an export to a topic.",
    purpose: """
      Records keep their keys, headers, timestamps and partitions, and get new offsets. An import that was \
      interrupted is repeated with the same file: what is there already is recognised, as long as the topic \
      remembers the import among its producers and nothing about placement was changed. The same export is \
      imported into a topic once. Needs the log's lock.
      """,
    examples: [
      CommandExample("varve log import jobs.jsonl", "Into the topic it is from, which must be there."),
      CommandExample("varve log import jobs.jsonl --topic jobs2 --create", "Into another, made for it."),
      CommandExample("zstd -dc jobs.zst | varve log import", "From standard input."),
    ],
    exitCodes: LogExitCodes.writing)

  var place = LogPlace()
  var file: String?
  var topic: String?
  var creates = false
  var isByKey = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("FILE", \.file, .path, "The export; standard input without it, or when it is -.")
    arguments.option("topic", \.topic, .string(bytes: 1...249), "The topic, when it is not the export's.")
    arguments.flag("create", \.creates, "Makes the topic, with the settings it had, where there is none.")
    arguments.flag(
      "by-key", \.isByKey, "Chooses partitions by keys again: for a topic with another number of them.")
    arguments.flag("json", \.isJSON, "Prints what came of it as a line of JSON.")
  }

  func work(_ console: Console) async throws {
    do {
      try await importLines(console)
    } catch let error as ExportError {
      throw CommandFailure(.data, error.description, hint: Self.hint(for: error))
    }
  }

  private func importLines(_ console: Console) async throws {
    var lines = ExportReader(try LineReader(path: file ?? "-"))
    guard case .header(let header) = try lines.next() else {
      throw CommandFailure(.data, "\(lines.name) is no export: its first line is no header")
    }
    let name = try topic.map { text throws(LogError) in try TopicName(text) } ?? header.topic
    if name.isInternal { throw LogError.internalTopic(name) }
    let progress = ProgressReporter(
      ProgressState("import", unit: .items("records"), total: nil), console: console)
    let (creates, isByKey) = (creates, isByKey)
    let summary: LogImport.Summary
    do {
      summary = try await WritableLog.with(place, console, mayCreate: creates) { log in
        if creates { try await Self.create(name, header, in: log) }
        var work = try LogImport(
          of: header, into: try log.topic(name), placement: isByKey ? .byKey : .samePartition)
        try await Self.add(&lines, to: &work, progress)
        return work.summary
      }
    } catch {
      progress.stop()
      throw error
    }
    progress.stop()
    try report(summary, into: name, console)
  }

  /// Imports up to the last line, and checks that it is the last. Batches that are not full are appended only
  /// then: cut at another place, they would not be recognised when the import is repeated.
  private static func add(
    _ lines: inout ExportReader, to work: inout LogImport, _ progress: ProgressReporter
  ) async throws {
    var records = 0
    while let line = try lines.next() {
      switch line {
      case .record(let record):
        try await work.add(record)
        records += 1
        progress.advance(to: records)
      case .end(let expected):
        guard expected == records else { throw ExportError.wrongCount(expected: expected, got: records) }
        guard try lines.next() == nil else {
          throw ExportError.malformed(line: lines.number, reason: "follows the last line of the export")
        }
        return try await work.finish()
      case .header: throw ExportError.malformed(line: lines.number, reason: "is a second header")
      }
    }
    throw ExportError.endsEarly(records: records)
  }

  private static func create(_ name: TopicName, _ header: ExportHeader, in log: EventLog) async throws {
    if log.topics.contains(where: { $0.name == name }) { return }
    var settings = TopicSettings()
    do throws(NotationError) {
      let texts = Dictionary(header.settings.map { ($0.key, $0.value) }) { _, last in last }
      try TopicChange(texts: texts).apply(to: &settings)
    } catch {
      throw CommandFailure(.data, "the export's settings of the topic: a value \(error.phrase)")
    }
    settings.partitions = max(settings.partitions, header.partitions)
    try await log.createTopic(name, settings)
  }

  private static func hint(for error: ExportError) -> String? {
    switch error {
    case .endsEarly, .wrongCount:
      "import the whole file: what is there by now is left out then"
    case .fewerPartitions: "give the topic more partitions with `varve log topic alter`, or use --by-key"
    case .unknownVersion: "use the version that wrote it, or a newer one"
    case .notJSON, .malformed:
      "mend the line and import the file again: what is there by now is left out then"
    }
  }

  private func report(_ summary: LogImport.Summary, into name: TopicName, _ console: Console) throws {
    if isJSON {
      return try console.printJSON { writer in
        writer.beginObject()
        writer.key("topic")
        writer.string(name.text)
        writer.key("appended")
        writer.integer(summary.appended)
        writer.key("already_there")
        writer.integer(summary.alreadyThere)
        writer.endObject()
      }
    }
    let there = summary.alreadyThere == 0 ? "" : ", \(summary.alreadyThere) were there already"
    try console.print("\(summary.appended) records imported into \(name)\(there)")
  }
}

/// The lines of an export, read.
private struct ExportReader {
  private var lines: LineReader
  private var pending: ArraySlice<ByteBuffer> = []
  private(set) var number = 0

  private static let linesAtOnce = 256

  init(_ lines: LineReader) { self.lines = lines }

  var name: String { lines.name }

  /// The next line; nil after the last.
  mutating func next() throws -> ExportLine? {
    if pending.isEmpty {
      guard let more = try lines.next(Self.linesAtOnce) else { return nil }
      pending = more[...]
    }
    number += 1
    return try ExportLine(parsing: pending.removeFirst(), line: number)
  }
}
