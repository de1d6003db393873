// A child process of a test: its standard error line by line, its signals, its end.

import Glibc
import Testing

/// A running lifecycle-probe.
final class Child {
  /// How a process ended.
  enum End: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  private let process: pid_t
  private let output: Int32
  private var buffered: [UInt8] = []
  /// Every line of standard error so far.
  private(set) var lines: [String] = []

  /// Starts the probe, which the build puts beside the test bundle, with every signal at its default.
  init(_ arguments: [String], standardError: Int32? = nil) throws {
    let probe = try Self.probe()
    let pipes = try Self.pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, standardError ?? pipes[1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var argv: [UnsafeMutablePointer<CChar>?] = ([probe] + arguments).map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var process = pid_t()
    var environment = Self.environment()
    defer { for entry in environment { free(entry) } }
    let result = posix_spawn(&process, probe, &actions, &attributes, &argv, &environment)
    close(pipes[1])
    output = pipes[0]
    self.process = process
    try #require(result == 0, "cannot start \(probe): errno \(result)")
  }

  deinit { close(output) }

  /// Reads lines until one contains `text`; fails when standard error ends before.
  @discardableResult
  func wait(for text: String) throws -> String {
    while let line = readLine() {
      if line.contains(text) { return line }
    }
    throw Missing(text: text, lines: lines)
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Reads what is left and waits for the end.
  func end() throws -> End {
    while readLine() != nil {}
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { try #require(errno == EINTR) }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
  }

  private func readLine() -> String? {
    while true {
      if let newline = buffered.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffered[..<newline], as: UTF8.self)
        buffered.removeSubrange(...newline)
        lines.append(line)
        return line
      }
      let part = [UInt8](unsafeUninitializedCapacity: 4096) { room, count in
        repeat {
          count = max(-1, read(output, room.baseAddress, room.count))
        } while count < 0 && errno == EINTR
        count = max(0, count)
      }
      if part.isEmpty { return nil }
      buffered += part
    }
  }

  /// The test's own environment, and the word to sanitizers and to Swift's backtracer (which `swift test`
  /// turns on, and which would hold our end of standard error) to leave fatal signals to the probe.
  private static func environment() -> [UnsafeMutablePointer<CChar>?] {
    var entries: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      let isReplaced = ["SWIFT_BACKTRACE=", "ASAN_OPTIONS=", "TSAN_OPTIONS="].contains { text.hasPrefix($0) }
      if !isReplaced { entries.append(strdup(entry)) }
      next += 1
    }
    entries.append(strdup("SWIFT_BACKTRACE=enable=no"))
    let quiet = ["segv", "abort", "sigill", "sigbus", "sigfpe"].map { "handle_\($0)=0" }.joined(
      separator: ":")
    entries.append(strdup("ASAN_OPTIONS=detect_leaks=0:\(quiet)"))
    entries.append(strdup("TSAN_OPTIONS=\(quiet)"))
    return entries + [nil]
  }

  /// A reading and a writing end that no other child inherits.
  static func pipe() throws -> [Int32] {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
    return ends
  }

  /// The probe's path: the folder of the program that runs the tests holds the build's other products.
  private static func probe() throws -> String {
    let own = try #require(
      CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments.first)
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let probe = folder + "/lifecycle-probe"
    try #require(access(probe, X_OK) == 0, "\(probe) is missing: build it with the tests")
    return probe
  }

  struct Missing: Error, CustomStringConvertible {
    let text: String
    let lines: [String]
    var description: String { "no line with \"\(text)\" in \(lines)" }
  }
}
