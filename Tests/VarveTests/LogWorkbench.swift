// A folder with a log in it, and the built `varve` run on it. Outputs go to files, so no command ever waits for
// somebody to read them; what runs beside the test is a LogProcess.

import Foundation
import Peers
import Testing

/// How a command ended and what it said.
struct CommandOutcome {
  let code: Int32
  let output: String
  let errors: String

  /// The lines of its output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Each line of its output as an object.
  func objects() throws -> [[String: Any]] {
    try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }
}

/// A log of a test's own.
struct LogWorkbench {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The data directory.
  var data: String { folder.path("data") }

  /// Runs `varve log` with these arguments and `--data`, to its end.
  func log(_ arguments: String..., input: Data = Data()) throws -> CommandOutcome {
    try run(["log"] + arguments + ["--data", data], input: input)
  }

  /// The same, which must succeed.
  @discardableResult
  func must(
    _ arguments: String..., input: Data = Data(), at location: SourceLocation = #_sourceLocation
  ) throws -> CommandOutcome {
    let outcome = try run(["log"] + arguments + ["--data", data], input: input)
    try #require(outcome.code == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
    return outcome
  }

  /// Runs `varve`, to its end.
  func run(_ arguments: [String], input: Data = Data()) throws -> CommandOutcome {
    let name = UUID().uuidString
    let files = ["in", "out", "err"].map { folder.url("\(name).\($0)") }
    try input.write(to: files[0])
    for file in files[1...] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = NodeProcess.executable
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "TERM": "dumb"].merging(
      ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
    ) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try ForeignProgram.start(process)
    process.waitUntilExit()
    let texts = try files[1...].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return CommandOutcome(code: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}

/// A `varve` that runs beside the test: lines in, lines out.
final class LogProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errorFile: URL
  private var pending = Data()

  /// - Parameter file: what it reads; nil: what the test writes.
  init(_ arguments: [String], in folder: TemporaryFolder, reading file: URL? = nil) throws {
    errorFile = folder.url("\(UUID().uuidString).err")
    try Data().write(to: errorFile)
    process.executableURL = NodeProcess.executable
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "TERM": "dumb"].merging(
      ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
    ) { $1 }
    if let file {
      process.standardInput = try FileHandle(forReadingFrom: file)
    } else {
      process.standardInput = input
    }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try ForeignProgram.start(process)
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  var pid: pid_t { process.processIdentifier }
  var errors: String {
    do {
      return String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    } catch {
      return "standard error cannot be read: \(error)"
    }
  }

  func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }
  func stopReading() throws { try output.fileHandleForReading.close() }
  func closeInput() throws { try input.fileHandleForWriting.close() }

  /// The next line of its output; nil at the end. Waits for it.
  func nextLine() -> String? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: pending[pending.startIndex..<end], as: UTF8.self)
        pending = Data(pending[(end + 1)...])
        return line
      }
      let more = output.fileHandleForReading.available()
      if more.isEmpty { return nil }
      pending.append(more)
    }
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end, and returns the exit code, or the signal's number below zero.
  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
