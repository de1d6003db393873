// The command: a tree of subcommands, and nothing else. What each does is in Commands/.

import CommandLine
import Configuration
import Glibc
import Lifecycle

@main
struct Varve {
  static func main() async {
    // Before anything starts a thread: every thread inherits which signals are blocked.
    ProcessSignals.block()
    exit(await program.run().rawValue)
  }

  static let program = Program(
    name: "varve", version: VarveVersion.text,
    summary: "An event-sourced storage and sync platform.",
    purpose: """
      Every change of metadata is an event in a log; everything that answers a question is a projection of \
      that log and can be rebuilt from it.
      """,
    environmentPrefix: NodeConfiguration.schema.environmentPrefix,
    commands: [
      .command(ServeCommand.self),
      LogCommands.node,
      .command(ReplayCommand.self),
      ProjectionCommands.node,
      ClusterCommands.node,
      .group(
        "config", "Show the configuration and what it may hold.",
        [.command(ConfigShowCommand.self), .command(ConfigSchemaCommand.self)]),
    ])
}
