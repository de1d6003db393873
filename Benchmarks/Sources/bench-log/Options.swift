// What the command line asks for.

import Files
import Glibc

/// What stops a benchmark: something it needs is not there, or something that must work does not.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// The choices of one run of the program.
struct Options {
  /// The parts of the benchmark, in the order they run.
  enum Part: String, CaseIterable {
    case durable, cached, read, wake, open
  }

  var parts = Part.allCases
  /// Where logs and servers keep their files; a directory of the run's own is made in it.
  var directory: FilePath = "."
  /// Where peers from PyPI are installed; need not be there.
  var environment: FilePath = "../.venv"
  var isShort = false

  /// How often each measurement is repeated, in turns with its peers.
  var runs: Int { 5 }
  /// How long one measurement of durable appends lasts.
  var seconds: Double { isShort ? 0.25 : 1 }
  /// How large the log of the open measurement is.
  var openBytes: Int { isShort ? 2 << 30 : 10 << 30 }
  /// How large the log of the read measurement is.
  var readBytes: Int { isShort ? 512 << 20 : 2 << 30 }

  static let usage = """
    usage: bench-log [--short] [--dir DIRECTORY] [--venv DIRECTORY] [durable|cached|read|wake|open ...]
    """

  init(_ arguments: some Sequence<String>) throws {
    var named: [Part] = []
    var rest = arguments.makeIterator()
    func value(of option: String) throws -> FilePath {
      guard let value = rest.next() else { throw BenchmarkFailure("\(option) wants a directory") }
      return FilePath(value)
    }
    while let argument = rest.next() {
      switch argument {
      case "--short": isShort = true
      case "--dir": directory = try value(of: argument)
      case "--venv": environment = try value(of: argument)
      default:
        guard let part = Part(rawValue: argument) else {
          throw BenchmarkFailure("\(argument) is not understood\n\(Self.usage)")
        }
        named.append(part)
      }
    }
    if !named.isEmpty { parts = named }
    // Peers run in directories of their own.
    guard let found = Self.absolute(directory) else {
      throw BenchmarkFailure("\(directory): no such directory")
    }
    directory = found
    environment = Self.absolute(environment) ?? environment
  }

  private static func absolute(_ path: FilePath) -> FilePath? {
    guard let resolved = realpath(path.string, nil) else { return nil }
    defer { free(resolved) }
    return FilePath(String(cString: resolved))
  }
}
