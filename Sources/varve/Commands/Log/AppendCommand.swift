// `varve log append`: one record from the arguments, or one from each line of standard input.

import Bytes
import CommandLine
import Configuration
import Log
import Records

/// `varve log append`.
struct AppendCommand: LogCommand {
  enum DurabilityChoice: String, CaseIterable, Sendable {
    case durable, written
  }

  static let about = CommandDescription(
    "append", "Append records to a topic.",
    purpose: """
      The record is the argument VALUE or, without it, each line of standard input. With --acks each record's \
      partition and offset is written on a line of its own as soon as the record is durable: what stands there \
      survives the process, the kernel and the power. Needs the log's lock, or with --node the node that holds it.
      """,
    examples: [
      CommandExample("varve log append jobs 'first job' --key a --header source=shell", "One record."),
      CommandExample(
        "seq 1 100000 | varve log append jobs --rate 5000 --acks acks.txt", "A load that can be checked."),
      CommandExample("varve log append users --key-separator : < users.txt", "Lines of KEY:VALUE."),
      CommandExample("varve log append users --key anna --tombstone", "Says that a key is no more."),
    ],
    exitCodes: LogExitCodes.writing)

  var reach = LogReach()
  var topic = ""
  var value: String?
  var key: String?
  var keySeparator: String?
  var isTombstone = false
  var headers: [HeaderField] = []
  var partition: Int?
  var durability = DurabilityChoice.durable
  var batch = 100
  var rate: Int?
  var acks: String?
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.reach)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The topic.")
    arguments.argument("VALUE", \.value, .anyText, "The record's value; without it, lines are read.")
    arguments.option("key", short: "k", \.key, .anyText, "The key of every record.")
    arguments.option(
      "key-separator", \.keySeparator, .string(bytes: 1...64),
      "Takes the key from each line: it stands before the first separator. A tab is written \\t.")
    arguments.flag("tombstone", \.isTombstone, "Appends a record without a value: the key is no more.")
    arguments.repeatedOption("header", \.headers, .header, "A header of every record. May be repeated.")
    arguments.option(
      "partition", short: "p", \.partition, .integer(0...PartitionID.partitionsMaximum - 1),
      "The partition; else the key decides, and records without one go to each partition in turn.")
    arguments.option(
      "durability", \.durability, .choice,
      "What is waited for: durable, or written, which is faster and syncs once at the end.")
    arguments.option(
      "batch", \.batch, .integer(1...100_000), "The most lines that are appended together, as one batch.")
    arguments.option("rate", \.rate, .integer(1...100_000_000), "The most records a second.")
    arguments.option(
      "acks", \.acks, .path.placeholder("FILE"),
      "Where to write `PARTITION OFFSET` of each durable record, at once; - is standard output.")
    arguments.flag("json", \.isJSON, "Prints what was appended as a line of JSON.")
    arguments.rule("--key and --key-separator exclude each other") { $0.key == nil || $0.keySeparator == nil }
    arguments.rule("--key-separator is for lines: it does not go with VALUE") {
      $0.keySeparator == nil || $0.value == nil
    }
    arguments.rule("--tombstone needs --key and no VALUE") {
      !$0.isTombstone || ($0.key != nil && $0.value == nil)
    }
    arguments.rule("--acks promises durability: it does not go with --durability written") {
      $0.acks == nil || $0.durability == .durable
    }
  }

  func work(_ console: Console) async throws {
    let name = try TopicName(topic)
    let summary = try await reach.with(console) { log in
      let partitions = try await log.partitionCount(of: name)
      if let partition, partition >= partitions {
        throw LogError.unknownPartition(PartitionID(name, partition))
      }
      var appender = RecordAppender(
        log, name, partitions: partitions, partition: partition, isDurable: durability == .durable)
      appender.acks = try acks.map { try AckWriter(path: $0, console) }
      if value != nil || isTombstone {
        try await appender.append([record(value.map { ByteBuffer($0) }, key: key.map { ByteBuffer($0) })])
      } else {
        try await appendLines(with: &appender, console)
      }
      try await appender.finish()
      return appender.summary
    }
    // Offsets on standard output are for programs: nothing else goes there.
    if acks == "-" { return }
    if isJSON { return try console.printJSON(summary.write) }
    try console.print(summary.text)
  }

  private func record(_ value: ByteBuffer?, key: ByteBuffer?) -> Record {
    Record(key: key, value: value, headers: headers.map(\.header))
  }

  // MARK: Lines

  private func appendLines(with appender: inout RecordAppender, _ console: Console) async throws {
    var reader = LineReader.standardInput()
    let progress = ProgressReporter(
      ProgressState("append", unit: .items("records"), total: nil), console: console)
    let pace = rate.map { Pace($0) }
    let separator = keySeparator.map { ByteBuffer($0 == "\\t" ? "\t" : $0) }
    let batch = min(batch, pace?.stepMaximum ?? batch)
    var number = 0
    do {
      while let lines = try reader.next(batch) {
        var records: [Record] = []
        for line in lines {
          number += 1
          records.append(try self.record(line, number, separator))
        }
        try await appender.append(records)
        progress.advance(by: records.count)
        try await pace?.wait(after: number)
      }
    } catch {
      progress.stop()
      throw error
    }
    progress.stop()
  }

  private func record(
    _ line: ByteBuffer, _ number: Int, _ separator: ByteBuffer?
  ) throws(CommandFailure) -> Record {
    guard let separator else { return record(line, key: key.map { ByteBuffer($0) }) }
    guard let at = line.position(of: separator) else {
      throw CommandFailure(
        .data, "line \(number) has no separator, so no key",
        hint: "the lines before it are appended; go on from it once it is mended")
    }
    let after = at + separator.count
    return record(
      line.slice(from: after, count: line.count - after), key: line.slice(from: 0, count: at))
  }
}

extension ByteBuffer {
  /// Where `part` first stands; nil when it does not.
  fileprivate func position(of part: ByteBuffer) -> Int? {
    guard part.count <= count else { return nil }
    return withReadableBytes { bytes in
      part.withReadableBytes { part in
        (0...(bytes.count - part.count)).first { at in
          UnsafeRawBufferPointer(rebasing: bytes[at..<(at + part.count)]).elementsEqual(part)
        }
      }
    }
  }
}

extension ValueNotation where Value == String {
  /// Any text, of any length that a command line can have.
  static var anyText: ValueNotation {
    ValueNotation(
      name: "text", accepted: "text", placeholder: "TEXT", read: { text throws(NotationError) in text },
      write: { $0 })
  }
}
