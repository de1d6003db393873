// The crash test of the projection engine, as a program: `projections` starts a process that gives commands, has it
// die, and holds log and tables to what it had acknowledged. ops/crash-test runs it for long, ProjectionsTests for a
// moment.

import AccountsDomain
import Foundation
import Peers

@main
struct CrashProbe {
  static let usage = """
    Usage: projection-crash-probe projections [--seed S] [--count N] [--store sqlite|postgres]
                                              [--postgres URL] [--directory D]
    """

  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var options = try Options(arguments.dropFirst())
    switch arguments.first {
    case "projections":
      var server: PostgresServer?
      if options.store == .postgres && options.postgres.isEmpty {
        let started = try PostgresServer()
        options.postgres = started.address()
        server = started
      }
      await KillRun.runAll(options)
      // It stops with the last reference.
      withExtendedLifetime(server) {}
    case "command": try await ChildProcess.run(options)
    default:
      print(usage)
      exit(64)
    }
  }
}

/// Says on standard error why the test failed, and ends the process.
func fail(_ why: String) -> Never {
  FileHandle.standardError.write(Data("FAILED: \(why)\n".utf8))
  exit(1)
}

/// What the command line says.
struct Options {
  /// Where the tables are.
  enum StoreKind: String {
    case sqlite, postgres
  }

  private(set) var seed: UInt64 = 1
  private(set) var count: UInt64 = 1
  private(set) var directory = "/tmp"
  private(set) var store = StoreKind.sqlite
  /// The server's address; without one, a server is started.
  var postgres = ""
  /// The schemas of a run begin so.
  private(set) var schema = ""
  private(set) var life = 0
  private(set) var death = Death.none
  /// The process dies instead of saying its acknowledgement of this number.
  private(set) var silent: Int?

  var seeds: Range<UInt64> { seed..<seed + count }

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Violation("\(name) needs a value\n\(CrashProbe.usage)") }
      switch name {
      case "--directory": directory = value
      case "--postgres": postgres = value
      case "--schema": schema = value
      case "--store":
        guard let kind = StoreKind(rawValue: value) else {
          throw Violation("there is no store \(value)\n\(CrashProbe.usage)")
        }
        store = kind
      default: try take(name, value)
      }
    }
  }

  private mutating func take(_ name: String, _ value: String) throws {
    guard let number = UInt64(value), number <= 1 << 53 else {
      throw Violation("\(name) takes a number, not \(value)")
    }
    switch name {
    case "--seed": seed = number
    case "--count": count = number
    case "--life": life = Int(number)
    case "--before": death = .before(Int(number))
    case "--after": death = .after(Int(number))
    case "--silent": silent = Int(number)
    default: throw Violation("there is no option \(name)\n\(CrashProbe.usage)")
    }
  }
}
