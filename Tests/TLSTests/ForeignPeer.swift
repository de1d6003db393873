// Somebody else's program that talks to ours while the test goes on: it says on its standard output where it
// listens, and what it saw.

import Foundation
import Peers
import Runtime

/// A program that runs beside the test. What waits for it blocks, so it is done on a pool's threads.
///
/// `@unchecked Sendable`: the process is started and waited for by one thread at a time.
final class ForeignPeer: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()
  private var unread: [UInt8] = []

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try ForeignProgram.start(process)
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The next line that it prints; nil when it has ended.
  func line() -> String? {
    while true {
      if let end = unread.firstIndex(of: 0x0a) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.available()
      if more.isEmpty { return nil }
      unread += more
    }
  }

  /// Reads lines until one begins with `prefix`, and returns what follows there.
  func value(after prefix: String) throws -> String {
    while let line = line() {
      if line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
    }
    throw ForeignProgram.Failure("the peer ended without saying \"\(prefix)\"")
  }

  /// Tells it to end.
  func stop() { process.terminate() }
}

extension EventLoopGroup {
  /// Runs what blocks on a thread of the pool.
  func blocking<Output: Sendable>(_ work: @escaping @Sendable () throws -> Output) async throws -> Output {
    let result: Result<Output, any Error> = try await pool.run { Result { try work() } }
    return try result.get()
  }
}
