// When connections are kept, when they end, and in what manner: keep-alive, pipelining, limits, time, draining.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing

@Suite("The life of HTTP/1.1 connections") struct ConnectionLifeTests {
  static let hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    let requests =
      (0..<50).map { "GET /fields?v=\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined() + BodyTests.last
    try await ServerFixture.with { fixture in
      let answers = try await fixture.send(requests)
      #expect(answers.statuses == Array(repeating: 200, count: 51))
      let order = answers.split(separator: "\r\n").compactMap { line in
        line.hasPrefix("X-Query: ") ? Int(line.dropFirst(9)) : nil
      }
      #expect(order == Array(0..<50))
    }
  }

  @Test(
    "Connection and version decide whether the connection is kept",
    arguments: [
      ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
      ("HTTP/1.1", "Connection: keep-alive, Close\r\n", false), ("HTTP/1.0", "", false),
      ("HTTP/1.0", "Connection: keep-alive\r\n", true),
    ])
  func keepAlive(version: String, field: String, isKept: Bool) async throws {
    try await ServerFixture.with { fixture in
      let answers = try await fixture.send(
        "GET /hello \(version)\r\nHost: a\r\n\(field)\r\n" + BodyTests.last)
      #expect(answers.statuses.count == (isKept ? 2 : 1))
    }
  }

  @Test func aConnectionCarriesSoManyRequestsAndNoMore() async throws {
    try await ServerFixture.with(configure: { $0.requestsPerConnectionMaximum = 3 }) { fixture in
      let answers = try await fixture.send(String(repeating: Self.hello, count: 5))
      #expect(answers.statuses == [200, 200, 200])
      #expect(answers.split(separator: "Connection: close").count == 2)
    }
  }

  @Test(
    "What is no request is refused and the connection ends",
    arguments: [
      ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505), ("\u{16}\u{3}\u{1}", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
      ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\n", 414),
      ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "y", count: 50_000))\r\n", 431),
    ])
  func refusals(request: String, status: Int) async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.send(Self.hello + request + Self.hello)
      #expect(answer.statuses == [200, status])
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func halfARequestIsRefusedWhenTheClientFinishes() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect { client in
        try await client.send("GET / HT")
        try await client.connection.finishWriting()
        #expect(try await client.receiveToEnd().statuses == [400])
      }
      try await fixture.connect { client in
        try await client.connection.finishWriting()
        #expect(try await client.receiveToEnd() == "")
      }
    }
  }

  @Test func aDrainingServerAnswersWhatItHasAndClosesTheRest() async throws {
    let (began, goOn) = (TestGate(), TestGate())
    let handler = TestHandler(wait: {
      began.open()
      await goOn.wait()
    })
    try await ServerFixture.with(handler) { fixture in
      async let idle = fixture.connect { client in
        try await client.send(Self.hello)
        return try await client.receiveToEnd()
      }
      async let busy = fixture.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + Self.hello)
      await began.wait()
      async let cut = fixture.server.drain(within: .seconds(60))
      // The idle connection ends although its client would go on.
      let ended = try await idle
      #expect(ended.statuses == [200])
      goOn.open()
      let answer = try await busy
      #expect(answer.statuses == [200])
      #expect(answer.contains("Connection: close\r\n"))
      let count = await cut
      #expect(count == 0)
    }
  }
}
