// `varve log cat` and `varve log tail`.

import CommandLine
import Configuration
import Log
import LogTools
import Runtime

/// `varve log cat`.
struct CatCommand: LogCommand {
  static let about = CommandDescription(
    "cat", "Print the records of a topic.",
    purpose: """
      Prints what is durable, partition after partition, and works beside a running node. Events whose type is \
      known are shown as JSON. Without --to or --follow it ends where the topic ends when it begins.
      """,
    examples: [
      CommandExample("varve log cat jobs --data ./data", "Everything, a line for each record."),
      CommandExample("varve log cat jobs --from 15m --json", "The last fifteen minutes, for programs."),
      CommandExample("varve log cat jobs -p 0 --from 1000 --to 2000 --value-only", "A thousand values."),
      CommandExample("varve log cat __varve --event varve.log.TopicSet.v1", "How topics were changed."),
      CommandExample("varve log cat --partition-dir /backup/jobs-0", "A copy of a partition's directory."),
    ],
    exitCodes: LogExitCodes.reading)

  var options = ReadOptions()

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) { arguments.group(\.options) }

  func work(_ console: Console) async throws {
    try await LogReading.run(options, console) { _ in options.from ?? .beginning }
  }
}

/// `varve log tail`.
struct TailCommand: LogCommand {
  static let about = CommandDescription(
    "tail", "Print the last records of a topic, and those that come.",
    purpose: """
      Prints the last records of each partition, and with --follow every one that becomes durable. Works beside a \
      running node and does not disturb it. Ctrl-C ends it.
      """,
    examples: [
      CommandExample("varve log tail jobs --follow", "What happens now."),
      CommandExample("varve log tail jobs -n 100 --json", "The last hundred of each partition."),
      CommandExample("varve log tail jobs -f --from 1h --key-prefix user/", "An hour back, and on."),
    ],
    exitCodes: LogExitCodes.reading)

  var options = ReadOptions()
  var count = 10

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.options)
    arguments.option(
      "count", short: "n", \.count, .integer(0...1_000_000_000),
      "How many offsets before the end to begin, in each partition; --from says it otherwise.")
  }

  func work(_ console: Console) async throws {
    try await LogReading.run(options, console) { extent in
      options.from ?? .offset(max(extent.first.value, extent.end.value - Int64(count)))
    }
  }
}

/// Reads the partitions that are asked for and prints them.
struct LogReading {
  /// How many partitions can be followed at once: each has a thread that waits for it.
  static let followedMaximum = 256
  /// How long a follower sleeps at most, in case the file system tells of no changes.
  private static let patience = Duration.seconds(1)

  private let options: ReadOptions
  private let partitions: [PartitionInspector]
  private let output: RecordOutput

  init(_ options: ReadOptions, _ console: Console) throws {
    self.options = options
    partitions = try options.selection.inspectors(console)
    output = RecordOutput(
      console, form: try options.form(), filter: options.filter, limit: options.limit)
  }

  /// Prints the records from where `from` says of each partition's extent, in files or at a node.
  static func run(
    _ options: ReadOptions, _ console: Console, from: @Sendable (LogExtent) -> ReadBound
  ) async throws {
    let wasRemote: Void? = try await options.node.with(console) { log in
      try await RemoteReading(options, log, console).run(from: from)
    }
    if wasRemote == nil { try LogReading(options, console).run(from: from) }
  }

  /// Prints the records from where `from` says of each partition's extent.
  private func run(from: (LogExtent) -> ReadBound) throws {
    let now = SystemTime().wall
    var readers = try partitions.map { partition throws(LogError) in
      let extent = try partition.extent()
      var ends = options.to?.readEnd(now: now).map { [$0] } ?? []
      if !options.isFollowing { ends.append(.offset(extent.end)) }
      return RecordReader(
        try partition.reader(from: from(extent).start(now: now)), of: partition.id, ends: ends)
    }
    if options.isFollowing && partitions.count > 1 { return try follow(readers) }
    for index in readers.indices {
      while try output.drain(&readers[index]) {
        guard options.isFollowing else { break }
        try Self.wait(partitions[index], readers[index])
      }
    }
    try output.flush()
  }

  private static func wait(_ partition: PartitionInspector, _ reader: RecordReader) throws(LogError) {
    _ = try partition.waitForMore(from: reader.nextOffset, timeout: patience)
  }

  /// Follows several partitions, each on a thread. The first that fails ends all, as does the limit: the threads
  /// that still wait end with the process.
  private func follow(_ readers: [RecordReader]) throws {
    guard readers.count <= Self.followedMaximum else {
      throw CommandFailure(
        .usage, "\(readers.count) partitions are more than the \(Self.followedMaximum) that can be followed",
        hint: "follow one with --partition")
    }
    let failure = Locked<(any Error)?>(nil)
    let isLimitReached = Locked(false)
    let ended = ThreadSemaphore()
    for (partition, reader) in zip(partitions, readers) {
      _ = try SystemThread.start(name: "follow-\(partition.id.index)") { [output] in
        var reader = reader
        do {
          while try output.drain(&reader) { try Self.wait(partition, reader) }
          if !reader.isFinished { isLimitReached.withLock { $0 = true } }
        } catch {
          failure.withLock { $0 = error }
        }
        ended.signal()
      }
    }
    for _ in readers {
      ended.wait()
      if let failure = failure.withLock({ $0 }) { throw failure }
      if isLimitReached.withLock({ $0 }) { return }
    }
  }
}
