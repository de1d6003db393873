// A small process for LifecycleTests to start, signal and watch: the argument names what its services do.
// Its log goes to standard error, where the tests read it.

import Glibc
import Lifecycle
import Runtime
import Telemetry

struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// A service that says on the log what is done with it, and does as its name tells.
struct ProbeService: Service {
  let name: String
  let log: Logger

  func start() async throws {
    if name == "start-fails" { throw Broken(description: "port 80 is taken") }
    if name == "start-hangs" { try await Task.sleep(for: .seconds(3600)) }
  }

  func run() async throws {
    switch name {
    case "crashes": throw Broken(description: "disk 3 is gone")
    case "ends": return
    case "traps":
      log.error("the last queued line")
      let none: [Int] = []
      print(none[none.count])
    case "aborts": abort()
    case "segfaults":
      await withUnsafeContinuation { (done: UnsafeContinuation<Void, Never>) in
        // On a thread of the house: those are started with signals blocked, but not these.
        do {
          _ = try SystemThread.start(name: "faulty") {
            UnsafeMutablePointer<Int>(bitPattern: 16)?.pointee = 1
            done.resume()
          }
        } catch {
          preconditionFailure("\(error)")
        }
      }
    default:
      do { try await Task.sleep(for: .seconds(3600)) } catch { return }
    }
  }

  func stop(deadline: MonotonicInstant) async {
    log.info("asked to stop", ["service": .string(name)])
    if name == "never-stops" {
      // Blocks its thread, as a badly behaved service would.
      while true { pause() }
    }
  }
}

@main
struct Probe {
  static func main() throws {
    // Should a test wait for a line that never comes, this ends the wait.
    alarm(60)
    ProcessSignals.block()
    let arguments = CommandLine.arguments.dropFirst()
    let options = arguments.filter { $0.hasPrefix("--") }
    let sink: any LogSink =
      if let file = options.first(where: { $0.hasPrefix("--file=") }) {
        try FileSink(path: String(file.dropFirst("--file=".count)))
      } else {
        DescriptorSink.standardError()
      }
    let logs = try LogPipeline(sink: sink, levels: LogLevels(.debug))
    try CrashReport.install(logs: logs)
    let log = logs.logger("probe")
    var limits = Node.Limits()
    if options.contains("--short-deadline") { limits.stopWithin = .milliseconds(50) }
    let node = try Node(
      services: arguments.filter { !$0.hasPrefix("--") }.map { ProbeService(name: $0, log: log) },
      logs: logs, limits: limits)
    node.onReload("fails") { throw Broken(description: "no such file") }
    node.onReload("works") { log.info("read again") }
    // The tests see this on standard error wherever the log goes.
    node.onReload("echo") {
      let line: StaticString = "reloaded\n"
      _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    }
    try node.runAndExit()
  }
}
