// What the projection engine costs: rebuilding tables, deciding commands, reading while others write, each beside the
// store or the log alone doing the same work in the same run, on the same disk.

import Files
import Glibc
import Measure

@main
enum BenchProjections {
  static func main() async {
    do {
      let options = try Options(Swift.CommandLine.arguments.dropFirst())
      let files = LocalFiles()
      let directory = try files.createTemporaryDirectory(
        in: FilePath(options.directory), prefix: ".build-bench-projections-")
      let result: Result<Void, any Error>
      do { result = .success(try await run(options, directory)) } catch { result = .failure(error) }
      try files.removeTree(directory)
      try result.get()
    } catch {
      print("bench-projections: \(error)")
      exit(1)
    }
  }

  private static func run(_ options: Options, _ directory: FilePath) async throws {
    for part in options.parts {
      switch part {
      case .rebuild: try await Rebuilds(options, directory).run()
      case .memory: try await RebuildMemory(options, directory).run()
      case .postgres: try await PostgresRebuilds(options, directory).run()
      case .commands: try await Commands(options, directory).run()
      case .read: try await PointReads(options, directory).run()
      }
    }
  }
}

/// What stops a benchmark: something it needs is not there, or something that must work does not.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The choices of one run of the program.
struct Options {
  /// The parts of the benchmark, in the order they run.
  enum Part: String, CaseIterable {
    case rebuild, commands, read, postgres, memory
  }

  var parts = Part.allCases
  /// Where logs and tables are; a directory of the run's own is made in it.
  var directory = "."
  var isShort = false

  /// How often each measurement is repeated, in turns with its peer.
  var runs: Int { isShort ? 3 : 5 }
  /// How many events are replayed.
  var events: Int { isShort ? 500_000 : 2_000_000 }
  var eventsForPostgres: Int { isShort ? 100_000 : 400_000 }
  var eventsForMemory: Int { isShort ? 2_000_000 : 10_000_000 }
  /// How long one measurement of commands or reads lasts.
  var seconds: Double { isShort ? 1 : 3 }

  static let usage = """
    usage: bench-projections [--short] [--dir DIRECTORY] [\(Part.allCases.map(\.rawValue).joined(separator: "|")) ...]
    """

  init(_ arguments: some Sequence<String>) throws {
    var named: [Part] = []
    var rest = arguments.makeIterator()
    while let argument = rest.next() {
      if argument == "--short" {
        isShort = true
      } else if argument == "--dir", let value = rest.next() {
        directory = value
      } else if let part = Part(rawValue: argument) {
        named.append(part)
      } else {
        throw BenchmarkFailure("\(argument) is not understood\n\(Self.usage)")
      }
    }
    if !named.isEmpty { parts = named }
  }
}
