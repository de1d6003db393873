// Programs that tests and measurements start, hold a conversation with by lines, and look at from outside: servers
// whose memory is asked for, and crowds of clients.

import Foundation
import Peers

/// A running program.
///
/// `@unchecked Sendable`: nothing of it changes but the process, which one thread at a time talks to.
public final class CrowdProcess: @unchecked Sendable {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  /// What it said first.
  public private(set) var greeting = ""

  /// Starts a program, and waits for its first line.
  public init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // env replaces itself by the program, so the identifier is the program's.
    process.arguments = [program] + arguments
    process.standardInput = input
    process.standardOutput = output
    try ForeignProgram.start(process)
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw CrowdFailure("\(program) \(arguments) ended at once") }
      line.append(more)
    }
    greeting = String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// The last number of what it said first: its port, or how many it holds.
  public func number() throws -> Int {
    guard let last = greeting.split(separator: " ").last, let number = Int(last) else {
      throw CrowdFailure("no number in \"\(greeting)\"")
    }
    return number
  }

  /// How much of its memory is resident, in bytes.
  public func residentBytes() throws -> Int { try Self.residentBytes(of: process.processIdentifier) }

  /// How much of a process's memory is resident, in bytes.
  public static func residentBytes(of process: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let kibibytes = line.split(separator: " ").dropLast().last.flatMap({ Int($0) })
    else { throw CrowdFailure("process \(process) has no memory") }
    return kibibytes << 10
  }

  /// Ends it and waits until it has gone.
  public func end() {
    // Not SIGTERM: a thread that starts a process may have it blocked, and then the process has, too.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  deinit { if process.isRunning { end() } }
}
