// Connections as weapons: too many, half-closed ones, slow ones, ones that do not read.

import Crowd
import Foundation
import Testing

@Suite("Connections that are abused") struct ConnectionTests {
  @Test(.timeLimit(.minutes(2))) func aFloodFromOneAddressIsTurnedAwayAndOthersAreServed() async throws {
    try await AbusedServer.with(["per-address=50"]) { server in
      let before = try server.residentBytes()
      let flood = try (0..<400).map { _ in try Caller(server.port, from: 2) }
      for _ in 0..<20 { try server.expectService() }
      // Those that the kernel holds are looked at in time.
      while try server.statistics().refused < 350 { sched_yield() }
      #expect(try server.statistics().open == 51)
      try server.expectGrowth(since: before, atMost: 4 << 20)
      #expect(flood.count { $0.glance() == nil } == 350)
    }
  }

  @Test(.timeLimit(.minutes(2))) func aFloodAboveTheMaximumWaitsOutsideAndThoseInsideAreServed() async throws
  {
    try await AbusedServer.with(["connections=50"]) { server in
      let inside = try Caller(server.port)
      let (request, hello) = ("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", Array("\r\n\r\nhello".utf8))
      func ask() throws {
        #expect(inside.send(request))
        var answer: [UInt8] = []
        while !answer.suffix(hello.count).elementsEqual(hello) {
          let piece = try inside.receive()
          try #require(!piece.isEmpty)
          answer += piece
        }
      }
      try ask()
      let before = try server.residentBytes()
      var flood = try (0..<400).map { _ in try Caller(server.port, from: 2) }
      for _ in 0..<100 { try ask() }
      try server.expectGrowth(since: before, atMost: 4 << 20)
      flood = []
      #expect(flood.isEmpty)
      // Whoever comes now waits until those before it in the kernel's queue have been let in and found gone.
      try server.expectService()
      try ask()
    }
  }

  @Test(.timeLimit(.minutes(2))) func halfClosedConnectionsAreAnsweredAndEnded() async throws {
    try await AbusedServer.with { server in
      let halves: [(said: String, answer: String)] = [
        ("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 "), ("", ""), ("GET / HT", "HTTP/1.1 400 "),
        ("POST /inflate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 400 "),
        ("POST /inflate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha", "HTTP/1.1 400 "),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0"),
      ]
      var callers: [Caller] = []
      for _ in 0..<50 {
        for half in halves {
          let caller = try Caller(server.port)
          caller.send(half.said)
          caller.finishWriting()
          callers.append(caller)
          let answer = String(decoding: try caller.receiveToEnd(), as: UTF8.self)
          #expect(answer.hasPrefix(half.answer), "\(half.said)")
        }
      }
      // The clients still hold their ends; the server holds none of its own.
      try server.waitUntilAlone()
      #expect(callers.count == 300)
    }
  }

  /// What slow clients begin, and the byte that they go on with for ever.
  static let dribbles: [(beginning: String, byte: UInt8)] = [
    ("GET /hello HTTP/1.1\r\nHost: a\r\nX: ", 0x78),
    ("POST /inflate HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n", 0x78),
    ("POST /inflate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n50000\r\n", 0x78),
    ("", 0x47),
  ]

  @Test(.timeLimit(.minutes(2))) func thoseWhoDribbleAreCutOffAndOthersAreServed() async throws {
    try await AbusedServer.with(["patience=1000"]) { server in
      let before = try server.residentBytes()
      var slow: [(caller: Caller, byte: UInt8)] = []
      for _ in 0..<100 {
        for dribble in Self.dribbles {
          let caller = try Caller(server.port)
          caller.send(dribble.beginning)
          slow.append((caller, dribble.byte))
        }
      }
      while !slow.isEmpty {
        try server.expectService()
        try server.expectGrowth(since: before, atMost: 400 * 96 << 10)
        slow.removeAll { $0.caller.glance() == nil || !$0.caller.send([$0.byte]) }
      }
      try server.waitUntilAlone()
    }
  }

  /// What those who never read ask for.
  static let demands: [(name: String, bytes: [UInt8])] = [
    ("HTTP/1.1", Array("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
    (
      // With windows that allow everything, so that the socket alone is what fills up.
      "HTTP/2",
      Frames.preface + Frames.frame(.settings, on: 0, [0, 4] + Frames.number(0x7fff_ffff))
        + Frames.frame(.windowUpdate, on: 0, Frames.number(0x7fff_0000))
        + (0..<20).flatMap { Frames.headers(UInt32(2 * $0 + 1), Frames.get("/endless")) }
    ),
  ]

  @Test(.timeLimit(.minutes(2)), arguments: demands.map(\.name))
  func thoseWhoNeverReadAreCutOffAndLittleIsKeptForThem(name: String) async throws {
    let demand = try #require(Self.demands.first { $0.name == name })
    try await AbusedServer.with(["patience=1000"]) { server in
      let before = try server.residentBytes()
      let deaf = try (0..<30).map { _ in
        let caller = try Caller(server.port)
        caller.send(demand.bytes)
        return caller
      }
      for _ in 0..<10 {
        try server.expectService()
        try server.expectGrowth(since: before, atMost: deaf.count << 20)
      }
      try server.waitUntilAlone()
    }
  }
}
