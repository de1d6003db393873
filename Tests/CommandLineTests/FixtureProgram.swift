// A small program with arguments of every kind, as `varve` would declare them.

import CommandLine

enum FixtureFormat: String, CaseIterable, Sendable { case table, yaml, json }

struct FixtureCommon: ArgumentGroup, Equatable {
  var configuration = ""
  var settings: [String] = []

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option(
      "config", short: "c", \.configuration, .path, environment: "VARVE_CONFIG", "The configuration file.")
    arguments.repeatedOption(
      "set", \.settings, .string(bytes: 1...100).placeholder("KEY=VALUE"), "Sets a key of the configuration.")
  }
}

struct FixtureShow: Command, Equatable {
  static let about = CommandDescription(
    "show", "Print the effective configuration.",
    purpose: "Every key is printed with its value and where that came from. Secrets are masked.",
    examples: [
      CommandExample("varve config show --format yaml", "Prints a file that could be loaded again.")
    ],
    exitCodes: [.configuration])

  var common = FixtureCommon()
  var format = FixtureFormat.table
  var isQuiet = false
  var isPaged = true

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.common)
    arguments.option("format", short: "f", \.format, .choice, "How to print it.")
    arguments.flag("quiet", short: "q", \.isQuiet, "Leaves out defaults.")
    arguments.flag("pager", \.isPaged, negatable: true, "Shows it page by page.")
  }

  func run(_ console: Console) async throws { try console.print("format \(format.rawValue)") }
}

struct FixtureCopy: Command, Equatable {
  static let about = CommandDescription("copy", "Copy files.", exitCodes: [.inputOutput])

  var limit: ByteSize?
  var retries = 3
  var offset = 0
  var password: Int = 0
  var isVerbose = false
  var isForced = false
  var from = ""
  var to: [String] = []

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option("limit", short: "l", \.limit, .byteSize(.bytes(1) ... .gibibytes(1)), "Bytes a second.")
    arguments.option("retries", \.retries, .integer(0...10), "How often to try again.")
    arguments.option("offset", short: "o", \.offset, .integer(-100...100), "Where to start.")
    arguments.requiredOption(
      "password", \.password, .integer(1...9), environment: "VARVE_PASSWORD", "A digit.")
    arguments.flag("verbose", short: "v", \.isVerbose, "Tells more.")
    arguments.flag("force", short: "x", \.isForced, "Overwrites.")
    arguments.argument("FROM", \.from, .path, "What to copy.")
    arguments.arguments("TO", \.to, .directory, countMinimum: 1, "Where to.")
    arguments.rule("--verbose needs --retries above zero") { !$0.isVerbose || $0.retries > 0 }
  }

  func run(_ console: Console) async throws {
    throw CommandFailure(.inputOutput, messages: ["a: no space", "b: no space"], hint: "delete something")
  }
}

struct FixtureCrash: Command {
  struct Oops: Error {}
  static let about = CommandDescription("crash", "Fail in an unexpected way.")
  func run(_ console: Console) async throws { throw Oops() }
}

let fixture = Program(
  name: "varve", version: "1.2.3", summary: "An event-sourced store.", purpose: "It keeps everything.",
  environmentPrefix: "VARVE_", environment: [EnvironmentDescription("VARVE_ANY_KEY", "Sets a key.")],
  commands: [
    .group("config", "Check and print the configuration.", [.command(FixtureShow.self)]),
    .command(FixtureCopy.self),
    .command(FixtureCrash.self),
  ])
