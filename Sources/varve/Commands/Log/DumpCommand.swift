// `varve log dump`: the files of a partition, part by part.

import Bytes
import CommandLine
import Configuration
import Files
import Log
import LogTools
import Records

/// `varve log dump`.
struct DumpCommand: LogCommand {
  static let about = CommandDescription(
    "dump", "Show what stands in the files of a partition.",
    purpose: """
      Shows each batch with its header, each row of the indexes and each line of the other files, with their \
      positions, right or wrong. For looking at damage: it reads beside anything, believes nothing, and goes on \
      where it can. The formats are described in docs/formats.
      """,
    examples: [
      CommandExample("varve log dump jobs -p 0", "Every file of a partition."),
      CommandExample("varve log dump jobs -p 0 --segment 0 --records", "One segment, with its records."),
      CommandExample("varve log dump --file 00000000000000000000.log --hex", "One file, wherever it is."),
    ],
    exitCodes: LogExitCodes.reading)

  var selection = LogSelection()
  var files: [String] = []
  var segment: Int64?
  var showsRecords = false
  var showsHex = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.repeatedOption(
      "file", \.files, .path.placeholder("FILE"), "A file instead of a partition. May be repeated.")
    arguments.option(
      "segment", \.segment, .integer(0...Int64.max), "Only the segment that begins at this offset.")
    arguments.flag("records", \.showsRecords, "Shows the records of each batch.")
    arguments.flag("hex", \.showsHex, "Shows the bytes of each batch's header.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each part.")
    arguments.rule("--file stands for a partition: no TOPIC, --partition-dir or --segment goes with it") {
      $0.files.isEmpty
        || ($0.selection.topic == nil && $0.selection.partitionDirectory == nil && $0.segment == nil)
    }
  }

  func work(_ console: Console) async throws {
    var options = PartitionDump.Options()
    options.records = showsRecords
    let dump = PartitionDump(LocalFiles(), options: options)
    let form = DumpForm(isJSON: isJSON, showsHex: showsHex)
    for path in try paths(dump, console) {
      var buffer = ByteBuffer()
      try dump.run(path) { row in
        form.append(row, to: &buffer)
        if buffer.count >= Self.blockBytes {
          try console.write(buffer.readable)
          buffer.clear()
        }
      }
      try console.write(buffer.readable)
    }
  }

  private static let blockBytes = 64 << 10

  private func paths(_ dump: PartitionDump, _ console: Console) throws -> [FilePath] {
    if !files.isEmpty { return files.map { FilePath($0) } }
    let found = try selection.inspectors(console).flatMap {
      try dump.contents(of: $0.directory.path, base: segment)
    }
    if found.isEmpty, let segment {
      throw CommandFailure(
        .data, "no segment begins at \(segment)", hint: "`varve log stat` shows the segments")
    }
    return found
  }
}
