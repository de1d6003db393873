// The options by which every command that needs a configuration is told where to find it.

import CommandLine
import Configuration

/// `--config`, `--data`, `--set`.
struct ConfigurationOptions: ArgumentGroup {
  /// The variable that stands in for `--config`.
  static let fileVariable = "VARVE_CONFIG"

  var file: String?
  var data: String?
  var settings: [String] = []

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option(
      "config", short: "c", \.file, .path, environment: fileVariable, "The configuration file, in YAML.")
    arguments.option("data", short: "d", \.data, .directory, "The data directory; the same as --set data=….")
    arguments.repeatedOption(
      "set", short: "s", \.settings, .string(bytes: 1...65_536).placeholder("KEY=VALUE"),
      "Sets one key; `varve config schema` lists them. May be repeated.")
  }

  /// Reads the configuration from the file, the environment and the flags.
  func load(_ environment: [String: String]) throws -> LoadedConfiguration<NodeConfiguration> {
    var flags = settings.map { ConfigurationFlag(setting: $0) }
    if let data { flags.append(ConfigurationFlag("--data", key: "data", value: data)) }
    do {
      let file = try file.map { try ConfigurationFile.read($0) }
      return try NodeConfiguration.schema.load(file: file, environment: environment, flags: flags)
    } catch let error as ConfigurationError {
      throw CommandFailure(
        .configuration, messages: error.lines,
        hint: "`varve config schema` lists every key and what it accepts")
    }
  }
}
