// Where the log is that a command is about: in the data directory of a node, or a directory of its own.

import CommandLine
import Configuration
import Files

/// `--config`, `--data`, `--set`, or `--log`.
struct LogPlace: ArgumentGroup {
  /// The log's directory in the data directory.
  static let directoryName = "log"

  var configuration = ConfigurationOptions()
  var log: String?

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.configuration)
    arguments.option(
      "log", \.log, .directory, "The directory of a log that belongs to no node, instead of --data.")
    arguments.rule("--log and --data exclude each other") { $0.log == nil || $0.configuration.data == nil }
  }

  /// A log's directory, and the data directory around it when there is one.
  struct Directories {
    let log: FilePath
    let data: FilePath?
  }

  /// Finds the directories.
  func directories(_ console: Console) throws -> Directories {
    if let log { return Directories(log: FilePath(log), data: nil) }
    let data = FilePath(try configuration.load(console.environment).value.data)
    return Directories(log: data / Self.directoryName, data: data)
  }
}
