// A server in a process of its own, and threads that mistreat it: what is done there blocks, and a task must not.

import Crowd
import Foundation
import Testing

/// A server to be abused.
final class AbusedServer: Sendable {
  private let process: CrowdProcess
  let port: UInt16

  private init(_ settings: [String]) throws {
    process = try CrowdProcess(try Self.probe(), ["serve"] + settings)
    port = UInt16(try process.number())
  }

  /// Runs `body` on a thread of its own with a server that is set up by `settings`, and ends the server after it.
  static func with<Result: Sendable>(
    _ settings: [String] = [], _ body: @escaping @Sendable (AbusedServer) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result {
            let server = try AbusedServer(settings)
            defer { server.process.end() }
            return try body(server)
          })
      }
    }
  }

  /// A crowd that has come to stay, in a process of its own.
  func crowd(_ count: Int, _ manner: CrowdManner, authority: String? = nil) throws -> CrowdProcess {
    try CrowdProcess(
      try Self.probe(), ["crowd", "\(count)", "\(port)", manner.rawValue] + (authority.map { [$0] } ?? []))
  }

  /// How much of the server's memory is resident.
  func residentBytes() throws -> Int { try process.residentBytes() }

  /// Whether memory says something: a sanitizer keeps some for each byte, and what was freed for long.
  static let isMemoryItsOwn = dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil

  /// Fails when the server's memory has grown by more than `bytes` since it was `before`.
  func expectGrowth(
    since before: Int, atMost bytes: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    guard Self.isMemoryItsOwn else { return }
    let growth = try residentBytes() - before
    #expect(growth <= bytes, sourceLocation: sourceLocation)
  }

  // MARK: Honest clients

  /// Asks as anybody may, and expects to be answered.
  func expectService(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let caller = try Caller(port)
    let answer = try caller.ask("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 "), sourceLocation: sourceLocation)
    #expect(answer.hasSuffix("\r\n\r\nhello"), sourceLocation: sourceLocation)
  }

  /// How many connections are open, this one among them, and how many were refused.
  func statistics() throws -> (open: Int, refused: Int) {
    let answer = try Caller(port).ask("GET /statistics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    let numbers = answer.split(separator: "\r\n").last?.split { $0 == " " || $0 == "\n" }.compactMap {
      Int($0)
    }
    let found = try #require(numbers)
    try #require(found.count == 2)
    return (found[0], found[1])
  }

  /// What is scraped of it.
  func metrics() throws -> String {
    try Caller(port).ask("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
  }

  /// Asks until everybody else has gone.
  func waitUntilAlone() throws {
    while try statistics().open > 1 { sched_yield() }
  }

  /// The folder of the program that runs the tests holds the build's other products.
  private static func probe() throws -> String {
    let own = try #require(
      CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments.first)
    let probe = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("abuse-probe")
      .path
    try #require(access(probe, X_OK) == 0, "\(probe) is missing: build it with the tests")
    return probe
  }
}
