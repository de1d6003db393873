// `varve config`: what a node would run with, and everything it could be told.

import CommandLine
import Configuration

/// `varve config show`.
struct ConfigShowCommand: Command {
  enum Format: String, CaseIterable, Sendable {
    case text, yaml, json
  }

  static let about = CommandDescription(
    "show", "Print the effective configuration and where each value comes from.",
    purpose: """
      Values come, from lowest to highest, from defaults, the file, VARVE_… variables and flags. \
      Secrets are masked. With --format yaml the output can be used as a file.
      """,
    examples: [
      CommandExample("varve config show -c varve.yaml", "What a node started with this file would run with."),
      CommandExample("varve config show --format json", "The same for programs."),
    ],
    exitCodes: [.configuration])

  var options = ConfigurationOptions()
  var format = Format.text

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.options)
    arguments.option("format", short: "f", \.format, .choice, "How to print it.")
  }

  func run(_ console: Console) async throws {
    let loaded = try options.load(console.environment)
    switch format {
    case .text: try console.write(loaded.text)
    case .yaml: try console.write(loaded.yaml)
    case .json: try console.write(loaded.json)
    }
  }
}

/// `varve config schema`.
struct ConfigSchemaCommand: Command {
  enum Format: String, CaseIterable, Sendable {
    case text, markdown, json
  }

  static let about = CommandDescription(
    "schema", "Print every key with its type, default and meaning.",
    examples: [
      CommandExample("varve config schema --format markdown", "The table in docs/configuration-keys.md.")
    ])

  var format = Format.text

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option("format", short: "f", \.format, .choice, "How to print it.")
  }

  func run(_ console: Console) async throws {
    let schema = NodeConfiguration.schema
    switch format {
    case .text: try console.write(schema.text)
    case .markdown: try console.write(schema.markdown)
    case .json: try console.write(schema.json)
    }
  }
}
