// Calls that begin and never end: streams without messages, and messages of which five bytes come that promise megabytes.

import Foundation
import Testing

@Suite("Calls that are never finished") struct CallTests {
  private static let (connections, streams) = (5, 100)
  /// A stream costs its task, its call and what HTTP/2 knows of it; nothing for what was promised.
  private static let bytesPerStream = 32 << 10

  /// What is sent of each call behind its head.
  static let beginnings: [(name: String, method: String, message: [UInt8])] = [
    ("no message", "Unary", []), ("no message in a stream", "Chat", []),
    ("4 MiB promised", "Unary", [0] + Frames.number(4 << 20)),
    ("4 MiB promised in a stream", "Collect", [0] + Frames.number(4 << 20)),
    ("4 MiB promised, compressed", "Chat", [1] + Frames.number(4 << 20)),
  ]

  @Test(.timeLimit(.minutes(2)), arguments: beginnings.map(\.name))
  func costLittle(name: String) async throws {
    let beginning = try #require(Self.beginnings.first { $0.name == name })
    try await AbusedServer.with { server in
      func open() throws -> [Caller] {
        try (0..<Self.connections).map { _ in
          let caller = try Caller(server.port, from: 2)
          caller.send(Frames.preface + Frames.frame(.settings, on: 0))
          for number in 0..<Self.streams {
            let id = UInt32(2 * number + 1)
            let head = Frames.headers(
              id, Frames.call(beginning.method) + [("grpc-encoding", "gzip")], flags: Frames.endHeaders)
            caller.send(
              head + (beginning.message.isEmpty ? [] : Frames.frame(.data, on: id, beginning.message)))
          }
          // The answer to PING comes when everything before it was taken in.
          caller.send(Frames.frame(.ping, on: 0, [UInt8](repeating: 9, count: 8)))
          var answer: [UInt8] = []
          while !Frames.read(answer).contains(where: { $0.kind == .ping }) {
            let piece = try caller.receive()
            try #require(!piece.isEmpty)
            answer += piece
          }
          #expect(!Frames.read(answer).contains { $0.kind == .reset || $0.kind == .goAway })
          // One more than the server allows is refused, and the rest goes on.
          caller.send(Frames.headers(UInt32(2 * Self.streams + 1), Frames.call("Unary")))
          while !Frames.read(answer).contains(where: { $0.kind == .reset || $0.kind == .goAway }) {
            let piece = try caller.receive()
            try #require(!piece.isEmpty)
            answer += piece
          }
          return caller
        }
      }
      _ = try open()
      try server.waitUntilAlone()
      let before = try server.residentBytes()
      var callers = try open()
      for _ in 0..<20 { try server.expectService() }
      try server.expectGrowth(since: before, atMost: Self.connections * Self.streams * Self.bytesPerStream)
      callers = []
      #expect(callers.isEmpty)
      // Nobody is waited for any longer than they stay.
      try server.waitUntilAlone()
    }
  }

  @Test(.timeLimit(.minutes(2))) func whatShouldComeAtOnceIsNotWaitedForWithoutEnd() async throws {
    try await AbusedServer.with(["patience=1000"]) { server in
      let caller = try Caller(server.port, from: 2)
      caller.send(Frames.preface + Frames.frame(.settings, on: 0))
      for number in 0..<Self.streams {
        let id = UInt32(2 * number + 1)
        // Half of them promise something.
        let message = number % 2 == 0 ? [] : Frames.frame(.data, on: id, [0] + Frames.number(4 << 20))
        let method = number % 4 < 2 ? "Unary" : "Expand"
        caller.send(Frames.headers(id, Frames.call(method), flags: Frames.endHeaders) + message)
      }
      var answer: [UInt8] = []
      while Frames.read(answer).count(where: { $0.kind == .headers }) < Self.streams {
        let piece = try caller.receive()
        try #require(!piece.isEmpty)
        answer += piece
      }
      let metrics = try server.metrics()
      for method in ["Unary", "Expand"] {
        let series = "method=\"/varve.testing.v1.Echo/\(method)\",code=\"DEADLINE_EXCEEDED\""
        #expect(metrics.contains("varve_grpc_calls_total{server=\"probe\",\(series)} 50"))
      }
    }
  }
}
