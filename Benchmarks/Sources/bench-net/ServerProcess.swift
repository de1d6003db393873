// A server as a process on core 0, and the CPU time that it has used.

import Crowd
import Foundation
import Peers

/// What went wrong with a measurement.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A server under load.
final class ServerProcess {
  static let core = "0"

  let port: Int
  /// Where it speaks HTTP/2.
  let http2Port: Int
  /// Where it speaks HTTP/1.1 over TLS.
  let tlsPort: Int
  /// Where it answers calls.
  let grpcPort: Int
  private let process: Process

  /// Starts a program on the servers' core, and waits until it listens.
  init(
    _ program: String, _ arguments: [String], port: Int, http2Port: Int? = nil, tlsPort: Int? = nil,
    grpcPort: Int? = nil
  ) throws {
    self.port = port
    self.http2Port = http2Port ?? port
    self.tlsPort = tlsPort ?? port
    self.grpcPort = grpcPort ?? port
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // taskset replaces itself by the program, so the identifier is the server's.
    process.arguments = ["taskset", "-c", Self.core, program] + arguments
    try process.run()
    try waitUntilItAnswers()
  }

  /// A Python program that is told its port, after other arguments, run with the peers that ops/setup
  /// installs.
  static func python(_ script: String, _ arguments: [String] = [], port: Int) throws -> ServerProcess {
    let python = Repository.root.appendingPathComponent(".venv/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw BenchmarkFailure("\(python) is missing: run ops/setup, which installs the peers, and ops/bench")
    }
    return try ServerProcess(python, ["-c", script] + arguments + ["\(port)"], port: port)
  }

  private func waitUntilItAnswers() throws {
    for _ in 0..<200 {
      if !process.isRunning { throw BenchmarkFailure("the server on port \(port) ended at once") }
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if result == 0 { return }
      usleep(20_000)
    }
    throw BenchmarkFailure("the server on port \(port) does not answer")
  }

  /// The time that the scheduler gave to all of its threads.
  func cpuNanoseconds() throws -> UInt64 {
    let tasks = "/proc/\(process.processIdentifier)/task"
    return try FileManager.default.contentsOfDirectory(atPath: tasks).reduce(0) { sum, task in
      let text = try String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
      guard let first = text.split(separator: " ").first, let time = UInt64(first) else {
        throw BenchmarkFailure("the kernel keeps no schedstat")
      }
      return sum + time
    }
  }

  /// How often our server's process has allocated memory so far.
  func allocations() throws -> Int {
    let curl = Process()
    curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    curl.arguments = ["curl", "-sS", "http://127.0.0.1:\(port)/allocations"]
    let output = Pipe()
    curl.standardOutput = output
    try curl.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    curl.waitUntilExit()
    guard let count = Int(text) else { throw BenchmarkFailure("no count of allocations: \(text)") }
    return count
  }

  /// How much of its memory is resident.
  func residentBytes() throws -> Int { try CrowdProcess.residentBytes(of: process.processIdentifier) }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}
