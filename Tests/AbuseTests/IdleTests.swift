// Thousands who connect and stay: each costs little, all of it comes back, and everybody else is served.

import Crowd
import Peers
import Testing

@Suite("Clients that stay and say nothing") struct IdleTests {
  /// A crowd, and what each of it may cost: somewhat more than it costs a server that is not optimized, whose tasks are
  /// larger (docs/network.md has the figures of one that is).
  struct Idleness: Sendable, CustomTestStringConvertible {
    let manner: CrowdManner
    let count: Int
    let bytesMaximum: Int
    var testDescription: String { "\(count), \(manner.rawValue)" }
  }

  @Test(
    "are kept cheaply", .timeLimit(.minutes(3)),
    arguments: [
      Idleness(manner: .plain, count: 10_000, bytesMaximum: 36 << 10),
      Idleness(manner: .tls, count: 500, bytesMaximum: 64 << 10),
      Idleness(manner: .http2, count: 1_000, bytesMaximum: 64 << 10),
    ])
  func idle(_ idleness: Idleness) async throws {
    let certificate = try TestCertificate()
    let settings = idleness.manner == .tls ? certificate.settings : []
    try await AbusedServer.with(settings) { server in
      func withCrowd<Result>(of count: Int, _ body: (Int) throws -> Result) throws -> Result {
        let crowd = try server.crowd(count, idleness.manner, authority: certificate.path)
        defer { crowd.end() }
        return try body(try crowd.number())
      }
      // What the first connections make is not theirs alone.
      try withCrowd(of: 20) { _ in }
      let before = try server.residentBytes()
      let full = try withCrowd(of: idleness.count) { held in
        // The system may allow a process fewer descriptors, and then there are fewer clients.
        #expect(held == idleness.count || held >= 500)
        try server.expectGrowth(since: before, atMost: held * idleness.bytesMaximum)
        if idleness.manner != .tls {
          for _ in 0..<20 { try server.expectService() }
          #expect(try server.statistics().open == held + 1)
        }
        return try server.residentBytes()
      }
      if idleness.manner != .tls { try server.waitUntilAlone() }
      // Others find the room that the first have left, or most of it.
      try withCrowd(of: idleness.count / 2) { held in
        try server.expectGrowth(since: full, atMost: held * idleness.bytesMaximum / 2)
      }
    }
  }
}
