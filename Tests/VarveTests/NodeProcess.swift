// The built `varve` as a child process: started with arguments, its output read line by line (so a test waits
// for what the node says, never for time), signalled by process id, reaped at the end.

import Foundation
import Glibc
import Peers

/// A running `varve`.
final class NodeProcess {
  /// How the process ended.
  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  private let process = Process()
  /// A file, because what is printed may be more than a pipe holds before anybody reads it.
  private let output: FileHandle
  private let errors = Pipe()
  private var pendingErrors = Data()
  /// Every line of standard error read so far.
  private(set) var errorLines: [String] = []

  var pid: pid_t { process.processIdentifier }

  /// Starts `varve` with `arguments`.
  init(_ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil) throws {
    output = try Self.unnamedFile()
    process.executableURL = Self.executable
    process.arguments = arguments
    // A clean environment: a developer's own VARVE_ variables must not change what is tested. Only what a
    // sanitizer was told holds for the child too.
    let inherited = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
    process.environment = ["PATH": "/usr/bin:/bin", "TERM": "dumb"].merging(inherited) { $1 }
      .merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = folder }
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try ForeignProgram.start(process)
  }

  deinit {
    if process.isRunning {
      kill(pid, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// The `varve` built beside this test bundle.
  static let executable: URL = {
    let test = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let folder = (test ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
    return folder.appendingPathComponent("varve")
  }()

  func signal(_ number: Int32) { kill(pid, number) }

  /// Reads standard error until a line contains `text`, and returns that line; nil when the process ended first.
  func waitForError(containing text: String) -> String? {
    while let line = nextErrorLine() {
      if line.contains(text) { return line }
    }
    return nil
  }

  private func nextErrorLine() -> String? {
    while true {
      if let end = pendingErrors.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: pendingErrors[pendingErrors.startIndex..<end], as: UTF8.self)
        pendingErrors = Data(pendingErrors[(end + 1)...])
        errorLines.append(line)
        return line
      }
      let more = errors.fileHandleForReading.available()
      if more.isEmpty { return nil }
      pendingErrors.append(more)
    }
  }

  /// Waits for the end; returns how it ended and what it printed.
  func wait() -> (ending: Ending, output: String) {
    while nextErrorLine() != nil {}
    process.waitUntilExit()
    let ending: Ending =
      process.terminationReason == .exit
      ? .exited(process.terminationStatus) : .signalled(process.terminationStatus)
    return (ending, printed())
  }

  private func printed() -> String {
    do {
      try output.seek(toOffset: 0)
      return String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self)
    } catch {
      return "the output cannot be read: \(error)"
    }
  }

  /// A file that is gone with its last descriptor.
  private static func unnamedFile() throws -> FileHandle {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("varve-\(UUID().uuidString).out")
    try Data().write(to: url)
    defer { unlink(url.path) }
    return try FileHandle(forUpdating: url)
  }
}
