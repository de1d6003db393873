// `varve serve`: composes a node of its parts and runs it until it is told to stop.

import AdminGateway
import CommandLine
import Configuration
import Files
import Lifecycle
import Runtime
import Telemetry

/// `varve serve`.
struct ServeCommand: Command {
  static let about = CommandDescription(
    "serve", "Run a node on a data directory.",
    purpose: """
      Creates the data directory if it is missing and locks it, so that no second node can use it. SIGTERM or \
      SIGINT lets requests in flight finish and then ends the node; a second signal ends it at once. SIGHUP \
      reopens the log file and reads certificates and keys again.
      """,
    examples: [
      CommandExample("varve serve --data ./data", "A node with the defaults."),
      CommandExample(
        "varve serve -c /etc/varve.yaml --set log.level=info,net=debug", "From a file, with one change."),
      CommandExample(
        "varve serve --set admin.listen=unix:/run/varve.sock", "The admin port on a Unix socket."),
    ],
    exitCodes: [.unavailable, .internalError, .cannotCreate, .temporary, .configuration])

  var options = ConfigurationOptions()
  var quiet = false

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.group(\.options)
    arguments.flag("quiet", short: "q", \.quiet, "Print no banner.")
  }

  func run(_ console: Console) async throws {
    let configuration = try options.load(console.environment).value
    let data = try openDataDirectory(configuration)
    let parts = try NodeParts(configuration)
    parts.logger.info(
      "starting",
      [
        "version": .string(VarveVersion.text), "data": .string(data.path.string),
        "loops": .int(parts.group.loops.count),
      ])
    let node = try parts.node(stopWithin: configuration.shutdown.deadline)
    if !quiet { greetWhenReady(console, node, parts, data: data.path, isNew: data.isNew) }
    // `run` holds the main thread, which is where the signals arrive, until the node has ended.
    let end = try node.run()
    try data.release()
    node.exit(with: end)
  }

  private func greetWhenReady(
    _ console: Console, _ node: Node, _ parts: NodeParts, data: FilePath, isNew: Bool
  ) {
    node.onReady {
      let banner = Banner(
        data: data, isNew: isNew, admin: parts.admin.addresses, isEncrypted: parts.admin.isEncrypted,
        loops: parts.group.loops.count)
      do throws(CommandLineError) {
        try console.write(banner.text(for: console))
      } catch {
        // Nobody reads our output; the node has better things to do than to end for that.
        parts.logger.debug("the banner could not be written", ["cause": .error(error)])
      }
    }
  }

  private func openDataDirectory(_ configuration: NodeConfiguration) throws(CommandFailure) -> DataDirectory {
    do throws(FileError) {
      return try DataDirectory(LocalFiles(), at: FilePath(configuration.data), time: SystemTime())
    } catch .locked(let path, let holder) {
      throw CommandFailure(
        .cannotCreate, FileError.locked(path: path, holder: holder).description,
        hint: "stop that process, or give this one another directory with --data")
    } catch {
      throw CommandFailure(.cannotCreate, "the data directory cannot be used: \(error)")
    }
  }
}
