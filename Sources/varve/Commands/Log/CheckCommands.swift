// `varve log verify` and `varve log repair`.

import CommandLine
import Configuration
import Files
import Log
import LogTools
import Wire

/// `varve log verify`.
struct VerifyCommand: LogCommand {
  static let about = CommandDescription(
    "verify", "Check every batch, every record and every index of a log.",
    purpose: """
      Reads everything and says what is wrong, where, what should be there and what is. Works beside a running \
      node, on what is durable. Damage, which means that records are missing or unreadable, ends the command with \
      code 65; indexes that can be made anew, leftovers, and the unfinished tail of a log that was not closed do \
      not. With --acks it also checks that every record is there that `varve log append --acks` acknowledged.
      """,
    examples: [
      CommandExample("varve log verify --data ./data", "The whole log."),
      CommandExample("varve log verify jobs -p 0 --json", "One partition, for programs."),
      CommandExample(
        "varve log verify jobs --acks acks.txt", "After a crash: is all there that was promised?"),
    ],
    exitCodes: LogExitCodes.reading)

  var selection = LogSelection()
  var acks: String?
  var skipsRecords = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.option(
      "acks", \.acks, .path.placeholder("FILE"), "What `varve log append --acks FILE` wrote of this topic.")
    arguments.flag(
      "batches-only", \.skipsRecords, "Checks headers and checksums, and does not look into the batches.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each finding and each partition.")
    arguments.rule("--acks needs a TOPIC") { $0.acks == nil || $0.selection.topic != nil }
  }

  func work(_ console: Console) async throws {
    var acknowledged = try acks.map { try AcknowledgedOffsets(path: $0) }
    var (damaged, missing) = (0, 0)
    for partition in try selection.inspectors(console, allowsAll: true) {
      let report = try verify(partition, console)
      if report.isDamaged { damaged += 1 }
      try show(report, console)
      guard let offsets = acknowledged?.take(partition.id.index) else { continue }
      let absent = try offsets.missing(from: partition)
      missing += absent.count
      try show(offsets.count, absent, partition.id, console)
    }
    if let stray = acknowledged?.partitions.first {
      throw CommandFailure(
        .data, "\(acks ?? "") has records of partition \(stray), which was not looked at",
        hint: "name the topic that was appended to, and all of its partitions")
    }
    if damaged > 0 {
      throw CommandFailure(
        .data, damaged == 1 ? "a partition is damaged" : "\(damaged) partitions are damaged",
        hint: "`varve log repair TOPIC --partition N --dry-run` says what can be done")
    }
    if missing > 0 { throw CommandFailure(.data, "\(missing) acknowledged records are missing") }
  }

  private func verify(_ partition: PartitionInspector, _ console: Console) throws -> VerificationReport {
    var options = PartitionVerification.Options()
    options.records = !skipsRecords
    return try LongWork.run("verify \(partition.id)", console) { progress in
      try PartitionVerification(partition, options: options).run(progress: progress)
    }
  }

  private func show(_ report: VerificationReport, _ console: Console) throws {
    for finding in report.findings {
      if isJSON {
        try console.printJSON { FindingForm.write(finding, report.partition, to: &$0) }
      } else {
        try console.print("  \(TerminalText.harmless(finding.description))")
      }
    }
    if isJSON { return try console.printJSON { Self.write(report, to: &$0) } }
    let omitted = report.findingsOmitted == 0 ? "" : ", and \(report.findingsOmitted) findings not shown"
    try console.print(
      "\(report.partition): \(report.isDamaged ? "DAMAGED" : "sound"), offsets \(report.extent.first) to "
        + "\(report.extent.end), \(report.records) records in \(report.batches) batches, "
        + "\(ByteSize(bytes: report.bytes).approximate) in \(report.segments) "
        + "\(report.segments == 1 ? "segment" : "segments")\(report.wasLive ? ", being written" : "")\(omitted)"
    )
  }

  private func show(
    _ count: Int, _ missing: [Int64], _ partition: PartitionID, _ console: Console
  ) throws {
    if isJSON {
      return try console.printJSON { writer in
        writer.beginObject()
        writer.key("acknowledged")
        writer.integer(count)
        writer.key("missing")
        writer.beginArray()
        for offset in missing { writer.integer(offset) }
        writer.endArray()
        writer.key("topic")
        writer.string(partition.topic.text)
        writer.key("partition")
        writer.integer(partition.index)
        writer.endObject()
      }
    }
    let shown = missing.prefix(10).map { String($0) }.joined(separator: ", ")
    try console.print(
      missing.isEmpty
        ? "\(partition): all \(count) acknowledged records are there"
        : "\(partition): \(missing.count) of \(count) acknowledged records are MISSING: offsets \(shown)"
          + (missing.count > 10 ? ", …" : ""))
  }

  private static func write(_ report: VerificationReport, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("topic")
    writer.string(report.partition.topic.text)
    writer.key("partition")
    writer.integer(report.partition.index)
    writer.key("damaged")
    writer.bool(report.isDamaged)
    writer.key("first_offset")
    writer.integer(report.extent.first.value)
    writer.key("end_offset")
    writer.integer(report.extent.end.value)
    writer.key("records")
    writer.integer(report.records)
    writer.key("batches")
    writer.integer(report.batches)
    writer.key("bytes")
    writer.integer(report.bytes)
    writer.key("segments")
    writer.integer(report.segments)
    writer.key("findings")
    writer.integer(report.findings.count + report.findingsOmitted)
    writer.key("was_live")
    writer.bool(report.wasLive)
    writer.endObject()
  }
}

/// `varve log repair`.
struct RepairCommand: LogCommand {
  static let about = CommandDescription(
    "repair", "Make a damaged partition writable again.",
    purpose: """
      Keeps every sound batch before the damage, makes indexes anew and removes leftovers. What it cuts, with the \
      whole segment it was in, is moved into the directory `aside` of the partition: nothing is deleted. With \
      --salvage sound batches after the damage stay too, with a gap before them. Needs the log's lock.
      """,
    examples: [
      CommandExample("varve log repair jobs -p 0 --dry-run", "Says what would be done."),
      CommandExample("varve log repair jobs -p 0", "Cuts at the damage."),
      CommandExample("varve log repair jobs -p 0 --salvage", "Keeps what is sound after it."),
    ],
    exitCodes: LogExitCodes.writing)

  var selection = LogSelection()
  var isDryRun = false
  var salvages = false
  var isJSON = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.selection)
    arguments.flag("dry-run", \.isDryRun, "Says what would be done, and does nothing; needs no lock.")
    arguments.flag("salvage", \.salvages, "Keeps sound batches after the damage, with a gap before them.")
    arguments.flag("json", \.isJSON, "Prints a line of JSON for each step and each partition.")
  }

  func work(_ console: Console) async throws {
    var options = PartitionRepair.Options()
    options.salvage = salvages
    for partition in try selection.inspectors(console) {
      let repair = PartitionRepair(partition, options: options)
      let plan = try LongWork.run("repair \(partition.id)", console) { progress in
        try isDryRun ? repair.plan(progress: progress) : repair.run(progress: progress)
      }
      if isJSON { try write(plan, console) } else { try show(plan, console) }
    }
  }

  private func show(_ plan: RepairPlan, _ console: Console) throws {
    if plan.isEmpty { return try console.print("\(plan.partition): nothing to repair") }
    for finding in plan.findings { try console.print("  \(TerminalText.harmless(finding.description))") }
    for step in plan.steps {
      try console.print("  \(isDryRun ? "would " : "")\(TerminalText.harmless(step.description))")
    }
    for lost in plan.lost { try console.print("  offsets \(lost.first) up to \(lost.end) are lost") }
    if let aside = plan.aside { try console.print("  what was taken out is in \(aside)") }
    try console.print(
      "\(plan.partition): \(isDryRun ? "would hold" : "repaired, holds") offsets \(plan.extent.first) to "
        + "\(plan.extent.end)")
  }

  private func write(_ plan: RepairPlan, _ console: Console) throws {
    for finding in plan.findings {
      try console.printJSON { FindingForm.write(finding, plan.partition, to: &$0) }
    }
    for step in plan.steps {
      try console.printJSON { writer in
        writer.beginObject()
        writer.key("step")
        writer.string(step.action.rawValue)
        writer.key("file")
        writer.string(step.file.string)
        writer.key("reason")
        writer.string(step.reason)
        writer.endObject()
      }
    }
    try console.printJSON { writer in
      writer.beginObject()
      writer.key("topic")
      writer.string(plan.partition.topic.text)
      writer.key("partition")
      writer.integer(plan.partition.index)
      writer.key("done")
      writer.bool(!isDryRun)
      writer.key("steps")
      writer.integer(plan.steps.count)
      writer.key("first_offset")
      writer.integer(plan.extent.first.value)
      writer.key("end_offset")
      writer.integer(plan.extent.end.value)
      writer.key("lost")
      writer.beginArray()
      for lost in plan.lost {
        writer.beginObject()
        writer.key("first_offset")
        writer.integer(lost.first.value)
        writer.key("end_offset")
        writer.integer(lost.end.value)
        writer.endObject()
      }
      writer.endArray()
      writer.key("aside")
      if let aside = plan.aside { writer.string(aside.string) } else { writer.null() }
      writer.endObject()
    }
  }
}

/// How findings are written for programs.
enum FindingForm {
  static func write(_ finding: Finding, _ partition: PartitionID, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("severity")
    writer.string(finding.severity.rawValue)
    writer.key("topic")
    writer.string(partition.topic.text)
    writer.key("partition")
    writer.integer(partition.index)
    writer.key("file")
    writer.string(finding.file.string)
    writer.key("position")
    writer.integer(orNull: finding.position)
    writer.key("expected")
    writer.string(finding.expected)
    writer.key("found")
    writer.string(finding.found)
    writer.endObject()
  }
}

/// Work that walks files: its progress is shown, and gone when it is done.
enum LongWork {
  static func run<Result>(
    _ label: String, _ console: Console, _ body: (@escaping (WorkProgress) -> Void) throws -> Result
  ) throws -> Result {
    var reporter: ProgressReporter?
    defer { reporter?.stop() }
    return try body { progress in
      let shown =
        reporter
        ?? ProgressReporter(
          ProgressState(label, unit: .bytes, total: progress.bytesTotal), console: console)
      reporter = shown
      shown.advance(to: progress.bytesDone)
    }
  }
}
