// The crash test of the log, as a program: `simulate` on a disk in memory that tears and forgets, `kill` with
// real processes on a real disk. ops/crash-test runs both for long, LogTests for a moment.

import Files
import Foundation
import Log
import Runtime

@main
struct CrashProbe {
  static let usage = """
    Usage: log-crash-probe simulate --seed S [--count N] [--repeat R]
           log-crash-probe kill --seed S [--count N] [--directory D]
    """

  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let options = try Options(arguments.dropFirst())
    switch arguments.first {
    case "simulate": try await simulate(options)
    case "kill": try KillRun.runAll(options)
    case "append": try await ChildProcess.append(options)
    case "list": try await ChildProcess.list(options)
    default:
      print(usage)
      exit(64)
    }
  }

  private static func simulate(_ options: Options) async throws {
    let pool = try BlockingPool(name: "crash", threads: 4, queueLimit: 256)
    for seed in options.seeds {
      for _ in 0..<options.repetitions {
        do {
          try await SimulatedRun(seed: seed, pool: pool).run()
        } catch {
          fail("\(error)\nrepeat it with: ops/crash-test simulate --seed \(seed) --repeat 200")
        }
      }
    }
    print("\(options.seeds.count) seeds on a simulated disk: every law held")
  }
}

/// Says on standard error why the test failed, and ends the process.
func fail(_ why: String) -> Never {
  FileHandle.standardError.write(Data("FAILED: \(why)\n".utf8))
  exit(1)
}

/// What the command line says.
struct Options {
  private(set) var seed: UInt64 = 1
  private(set) var count: UInt64 = 1
  private(set) var repetitions = 1
  private(set) var directory = "/tmp"
  private(set) var life = 0

  var seeds: Range<UInt64> { seed..<seed + count }

  init(_ arguments: ArraySlice<String>) throws {
    var rest = arguments
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Violation("\(name) needs a value\n\(CrashProbe.usage)") }
      if name == "--directory" {
        directory = value
        continue
      }
      guard let number = UInt64(value), number <= 1 << 53 else {
        throw Violation("\(name) takes a number, not \(value)")
      }
      switch name {
      case "--seed": seed = number
      case "--count": count = number
      case "--repeat": repetitions = Int(number)
      case "--life": life = Int(number)
      default: throw Violation("there is no option \(name)\n\(CrashProbe.usage)")
      }
    }
  }
}
