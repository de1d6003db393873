// `varve log export`.

import Bytes
import CommandLine
import Configuration
import Files
import Log
import LogTools
import Records
import Runtime
import Wire

/// `varve log export`.
struct ExportCommand: LogCommand {
  static let about = CommandDescription(
    "export", "Write the records of a topic as lines of JSON, to be imported elsewhere.",
    purpose: """
      The first line says where the records are from, the last how many there are; docs/log.md has the members. \
      Works beside a running node and takes what is durable when it begins. Values of events stay as they are.
      """,
    examples: [
      CommandExample("varve log export jobs --output jobs.jsonl", "To a file."),
      CommandExample("varve log export jobs --from 1d | zstd > jobs.zst", "The last day, compressed."),
      CommandExample(
        "varve log export jobs --data a | varve log import --data b --create", "From one log to another."),
    ],
    exitCodes: LogExitCodes.reading + [.cannotCreate])

  var selection = LogSelection()
  var from = ReadBound.beginning
  var to: ReadBound?
  var output: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.option("from", \.from, .readBound, "Begins there.")
    arguments.option("to", \.to, .readBound, "Ends before it.")
    arguments.option(
      "output", short: "o", \.output, .path.placeholder("FILE"),
      "Writes to a new file, which appears once it is whole, instead of standard output.")
  }

  private static let blockBytes = 256 << 10

  func work(_ console: Console) async throws {
    let partitions = try selection.inspectors(console)
    let now = SystemTime().wall
    var readers: [RecordReader] = []
    var total = 0
    for partition in partitions {
      let extent = try partition.extent()
      let ends = (to?.readEnd(now: now).map { [$0] } ?? []) + [.offset(extent.end)]
      let reader = RecordReader(
        try partition.reader(from: from.start(now: now)), of: partition.id, ends: ends)
      total += Int(max(0, extent.end.value - reader.nextOffset.value))
      readers.append(reader)
    }
    let progress = ProgressReporter(
      ProgressState("export", unit: .items("records"), total: to == nil ? total : nil), console: console)
    do {
      let header = header(of: partitions, at: now)
      if let output {
        try write(header, readers, toFile: FilePath(output), progress)
      } else {
        _ = try write(header, readers, progress) { try console.write($0.readable) }
      }
    } catch {
      progress.stop()
      throw error
    }
    progress.finish()
  }

  private func header(of partitions: [PartitionInspector], at now: Timestamp) -> ExportHeader {
    var random = SystemRandomNumberGenerator()
    let settings = partitions.first?.settings.map { TopicChange($0).texts } ?? []
    return ExportHeader(
      id: UUID(version4: &random), topic: partitions.first?.id.topic ?? .metadata,
      partitions: (partitions.map(\.id.index).max() ?? 0) + 1, exportedAt: now.milliseconds,
      settings: settings.map { ExportHeader.Setting(key: $0.key, value: $0.text) })
  }

  /// Writes beside the file and gives it its name at the end: a name that is there stands for a whole export.
  private func write(
    _ header: ExportHeader, _ readers: [RecordReader], toFile path: FilePath, _ progress: ProgressReporter
  ) throws {
    let files = LocalFiles()
    if try files.exists(path) {
      throw CommandFailure(.cannotCreate, "\(path) is there already", hint: "name a new file")
    }
    let (file, temporary) = try files.createTemporaryFile(in: path.parent, for: path.name, mode: .file)
    do {
      var position = 0
      _ = try write(header, readers, progress) { bytes in
        try file.write(bytes, at: position)
        position += bytes.count
      }
      try file.sync()
      try file.close()
      try files.renameDurably(temporary, to: path)
    } catch {
      try files.remove(temporary)
      throw error
    }
  }

  private func write(
    _ header: ExportHeader, _ readers: [RecordReader], _ progress: ProgressReporter,
    to sink: (ByteBuffer) throws -> Void
  ) throws -> Int {
    var buffer = ByteBuffer()
    var (records, shown) = (0, 0)
    ExportLine.header(header).append(to: &buffer)
    for var reader in readers {
      while let record = try reader.next() {
        ExportLine.record(ExportedRecord(partition: reader.partition.index, stored: record))
          .append(to: &buffer)
        records += 1
        if buffer.count >= Self.blockBytes {
          try sink(buffer)
          buffer.clear()
          progress.advance(by: records - shown)
          shown = records
        }
      }
    }
    ExportLine.end(records: records).append(to: &buffer)
    try sink(buffer)
    progress.advance(by: records - shown)
    return records
  }
}
