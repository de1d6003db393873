// How connections and streams of HTTP/2 end: resets, slow peers, floods, idleness, draining.

import Bytes
import HTTP
import HTTP2
import HTTPServer
import Runtime
import Testing

/// Writes or reads without end, and tells how far it came and how it ended.
final class EndlessHandler: HTTPHandler {
  let moved = Locked(0)
  let errors = Locked<[String]>([])

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    do throws(HTTPError) {
      try await exchange.start(HTTPResponseHead())
      if exchange.request.path == "/read" {
        while let piece = try await exchange.nextChunk() { moved.withLock { $0 += piece.count } }
      } else {
        let piece = ByteBuffer([UInt8](repeating: 0x61, count: 10_000))
        while true {
          try await exchange.write(piece)
          moved.withLock { $0 += piece.count }
        }
      }
    } catch {
      errors.withLock { $0.append(error.code) }
      throw error
    }
  }
}

@Suite("The life of HTTP/2 connections") struct HTTP2LifeTests {
  @Test("A reset reaches the handler", arguments: ["/read", "/write"])
  func reset(path: String) async throws {
    let handler = EndlessHandler()
    try await ServerFixture.with(handler) { fixture in
      try await fixture.connect2 { client in
        let stream = try client.ask("POST", path, hasBody: true)
        try await client.run { stream.response != nil }
        client.session.reset(stream, .cancel)
        try await client.flush()
        while handler.errors.withLock({ $0.isEmpty }) { try await client.loop.sleep(for: .milliseconds(1)) }
      }
      #expect(handler.errors.withLock { $0 } == ["connection_lost"])
    }
  }

  @Test("A lost connection reaches the handlers", arguments: ["/read", "/write"])
  func lost(path: String) async throws {
    let handler = EndlessHandler()
    try await ServerFixture.with(handler) { fixture in
      try await fixture.connect2 { client in
        let streams = try (0..<5).map { _ in try client.ask("POST", path, hasBody: true) }
        try await client.run { streams.allSatisfy { $0.response != nil } }
      }
      await fixture.server.drain(within: .seconds(20))
      #expect(handler.errors.withLock { $0 } == [String](repeating: "connection_lost", count: 5))
    }
  }

  /// Runs `client` while the clock moves on.
  private func dawdling(
    _ handler: some HTTPHandler, _ client: @escaping @Sendable (HTTP2Client) async throws -> Void
  ) async throws {
    let time = ManualTime()
    try await ServerFixture.with(handler, time: time) { fixture in
      let isDone = Locked(false)
      async let result: Void = {
        defer { isDone.withLock { $0 = true } }
        try await fixture.connect2(client)
      }()
      while !isDone.withLock({ $0 }) {
        time.advance(by: .milliseconds(50))
        await Task.yield()
      }
      try await result
    }
  }

  @Test func aClientThatDoesNotReadHoldsUpTheHandlerAndIsGivenUp() async throws {
    let handler = EndlessHandler()
    try await dawdling(handler) { client in
      let streams = try (0..<20).map { _ in try client.ask("GET", "/write") }
      // Whatever comes is never taken, so no window opens.
      try await client.run { streams.allSatisfy { $0.isClosed } }
      #expect(streams.allSatisfy { $0.closeCode == .cancel })
    }
    #expect(handler.errors.withLock { $0 } == [String](repeating: "connection_lost", count: 20))
    // The connection's window, and for each the high-water mark and a piece.
    #expect(handler.moved.withLock { $0 } <= 1 << 20 + 20 * (64 << 10 + 20_000))
  }

  @Test func aBodyThatDoesNotComeIsNotWaitedForWithoutEnd() async throws {
    try await dawdling(TestHandler()) { client in
      let stream = try client.ask("POST", "/echo", hasBody: true)
      try client.session.write(ByteBuffer("x"), on: stream)
      try await client.run { stream.response != nil }
      #expect(stream.response?.status == 408)
    }
  }

  @Test(
    "What stops in the middle is ended",
    arguments: [
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8),
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0] + [
        0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82,
      ],
      Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0],
    ])
  func slow(bytes: [UInt8]) async throws {
    let time = ManualTime()
    let began = time.monotonic
    try await ServerFixture.with(time: time) { fixture in
      let isDone = Locked(false)
      async let answer = {
        defer { isDone.withLock { $0 = true } }
        return try await fixture.connect { client in
          client.connection.output.append(contentsOf: bytes)
          try await client.connection.flush()
          return try await client.receiveToEnd().utf8.count
        }
      }()
      while !isDone.withLock({ $0 }) {
        time.advance(by: .milliseconds(50))
        await Task.yield()
      }
      let found1 = try await answer
      #expect(found1 > 0)
      #expect(time.monotonic.since(began) >= .seconds(10))
    }
  }

  @Test func rapidResetsEndTheConnectionAndAreCounted() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        try await client.run { client.session.hasBegun }
        for _ in 0..<400 where !client.hasEnded {
          let stream = try client.ask("GET", "/hello")
          try await client.flush()
          client.session.reset(stream, .cancel)
          try await client.flush()
        }
        try await client.run { client.goAway != nil }
        #expect(client.goAway?.code == .enhanceYourCalm)
      }
      await fixture.server.drain(within: .seconds(20))
      #expect(
        fixture.scrape.contains("varve_http_refusals_total{server=\"test\",code=\"http2_reset_flood\"} 1"))
    }
  }

  @Test func aBreachIsAnsweredAndCounted() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        try await client.run { client.session.hasBegun }
        // DATA on a stream that is not open.
        try await client.send([0, 0, 1, 0, 0, 0, 0, 0, 9, 1])
        try await client.run { client.goAway != nil }
        #expect(client.goAway?.code == .protocolError)
      }
      await fixture.server.drain(within: .seconds(20))
      #expect(
        fixture.scrape.contains("varve_http_refusals_total{server=\"test\",code=\"http2_protocol_error\"} 1"))
    }
  }

  @Test func drainingLetsRequestsInFlightBeAnswered() async throws {
    let (gate, isWaiting) = (Locked<CheckedContinuation<Void, Never>?>(nil), Locked(false))
    let handler = TestHandler(wait: {
      await withCheckedContinuation { continuation in
        gate.withLock { $0 = continuation }
        isWaiting.withLock { $0 = true }
      }
    })
    try await ServerFixture.with(handler) { fixture in
      async let text = fixture.connect2 { client in
        let stream = try client.ask("GET", "/wait")
        try await client.run { client.goAway?.lastStream == Int32.max }
        try await client.run { client.goAway?.lastStream == stream.id }
        gate.withLock { $0 }?.resume()
        let answer = try await client.answer(to: stream)
        try await client.run { client.hasEnded }
        #expect(client.goAway?.code == .noError)
        return answer.text
      }
      while !isWaiting.withLock({ $0 }) { await Task.yield() }
      let found2 = await fixture.server.drain(within: .seconds(60))
      #expect(found2 == 0)
      let found3 = try await text
      #expect(found3 == "waited")
    }
  }

  @Test func anIdleConnectionIsDrainedAtOnce() async throws {
    try await ServerFixture.with { fixture in
      let isOpen = Locked(false)
      async let goAway = fixture.connect2 { client in
        _ = try await client.get("/hello")
        isOpen.withLock { $0 = true }
        try await client.run { client.hasEnded }
        return client.goAway
      }
      while !isOpen.withLock({ $0 }) { await Task.yield() }
      let found4 = await fixture.server.drain(within: .seconds(60))
      #expect(found4 == 0)
      let found5 = try await goAway
      #expect(found5?.code == .noError)
      #expect(found5?.lastStream == 1)
    }
  }

  @Test func afterItsShareOfRequestsAConnectionIsEnded() async throws {
    try await ServerFixture.with(configure: { $0.requestsPerConnectionMaximum = 3 }) { fixture in
      try await fixture.connect2 { client in
        for _ in 0..<3 { _ = try await client.get("/hello") }
        try await client.run { client.hasEnded }
        #expect(client.goAway?.code == .noError)
        #expect(client.goAway?.lastStream == 5)
      }
    }
  }
}
