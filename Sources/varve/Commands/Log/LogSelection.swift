// Which partitions a reading command is about: those of a topic of a log, or a directory that holds one.

import CommandLine
import Configuration
import Files
import Log

/// A topic, perhaps one partition of it; or a partition's directory.
struct LogSelection: ArgumentGroup {
  var place = LogPlace()
  var topic: String?
  var partition: Int?
  var partitionDirectory: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.place)
    arguments.argument("TOPIC", \.topic, .string(bytes: 1...249), "The topic; __varve is the log's own.")
    arguments.option(
      "partition", short: "p", \.partition, .integer(0...PartitionID.partitionsMaximum - 1),
      "One partition; else all of the topic's.")
    arguments.option(
      "partition-dir", \.partitionDirectory, .directory,
      "The directory of a partition, as Kafka lays it out, instead of a topic.")
    arguments.rule("--partition-dir stands for a topic: neither TOPIC nor --partition goes with it") {
      $0.partitionDirectory == nil || ($0.topic == nil && $0.partition == nil)
    }
  }

  /// Finds the partitions; every one of the log when no topic is named and `allowsAll`.
  func inspectors(_ console: Console, allowsAll: Bool = false) throws -> [PartitionInspector] {
    if let partitionDirectory {
      return [try PartitionInspector(path: FilePath(partitionDirectory), files: LocalFiles())]
    }
    if topic == nil && !allowsAll {
      throw CommandFailure(.usage, "which topic?", hint: "name a TOPIC, or a directory by --partition-dir")
    }
    let log = try Self.directory(place, console)
    guard let topic else {
      return try ([.metadata] + log.topics().map(\.name)).flatMap { name throws(LogError) in
        try log.topic(name).partitions.map { id throws(LogError) in try log.partition(id) }
      }
    }
    let found = try log.topic(Self.name(topic))
    if let partition { return [try log.partition(PartitionID(found.name, partition))] }
    return try found.partitions.map { id throws(LogError) in try log.partition(id) }
  }

  /// The log to look into.
  static func directory(_ place: LogPlace, _ console: Console) throws -> LogDirectory {
    let files = LocalFiles()
    let path = try place.directories(console).log
    try WritableLog.requireLog(files, at: path)
    return try LogDirectory(path: path, files: files)
  }

  /// A topic's name as it is typed; the log's own is known by its name too.
  static func name(_ text: String) throws(LogError) -> TopicName {
    text == TopicName.metadata.text ? .metadata : try TopicName(text)
  }
}
