// Clients that dawdle, by a clock that the test moves: whatever the client does, the server's patience has an end.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Testing

@Suite("The patience of the HTTP server") struct TimeTests {
  /// Runs a client while the clock moves on.
  private func dawdling(
    _ handler: some HTTPHandler = TestHandler(),
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ client: @escaping @Sendable (inout TestClient) async throws -> String
  ) async throws -> (answer: String, elapsed: Duration) {
    let time = ManualTime()
    let began = time.monotonic
    return try await ServerFixture.with(handler, time: time, configure: configure) { fixture in
      let isDone = Locked(false)
      async let answer = {
        defer { isDone.withLock { $0 = true } }
        return try await fixture.connect(client)
      }()
      while !isDone.withLock({ $0 }) {
        time.advance(by: .milliseconds(50))
        await Task.yield()
      }
      return (try await answer, time.monotonic.since(began))
    }
  }

  /// Sends one byte a second until the server has had enough.
  private static func dribble(_ client: inout TestClient) async throws -> String {
    while true {
      do throws(NetworkError) {
        if try await client.connection.receive(until: client.connection.loop.deadline(in: .seconds(1))) >= 0 {
          break
        }
      } catch {
        guard error == .timedOut else { break }
        client.connection.output.append("y")
        do throws(NetworkError) { try await client.connection.flush() } catch { break }
      }
    }
    return try await client.receiveToEnd()
  }

  @Test func aClientThatSaysNothingIsClosedInSilence() async throws {
    let (answer, elapsed) = try await dawdling { try await $0.receiveToEnd() }
    #expect(answer == "")
    #expect(elapsed >= .seconds(60))
  }

  @Test func emptyLinesDoNotBeginARequest() async throws {
    let (answer, elapsed) = try await dawdling { client in
      try await client.send(ConnectionLifeTests.hello + "\r\n")
      return try await client.receiveToEnd()
    }
    #expect(answer.statuses == [200])
    #expect(elapsed >= .seconds(60))
  }

  @Test func aHeadThatDribblesInIsCutOff() async throws {
    let (answer, elapsed) = try await dawdling { client in
      try await client.send("GET / HTTP/1.1\r\nX: ")
      return try await Self.dribble(&client)
    }
    #expect(answer.statuses == [408])
    #expect(elapsed >= .seconds(10))
  }

  @Test(
    "A body that dribbles in is cut off",
    arguments: ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfff\r\n"])
  func slowBody(rest: String) async throws {
    let (answer, elapsed) = try await dawdling { client in
      try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(rest)")
      return try await Self.dribble(&client)
    }
    #expect(answer.statuses == [408])
    #expect(elapsed >= .seconds(10))
  }

  @Test func aBodyThatKeepsTheLeastRateMayTakeItsTime() async throws {
    let time = ManualTime()
    try await ServerFixture.with(time: time, configure: { $0.timeouts.bytesPerSecondMinimum = 10 }) {
      fixture in
      try await fixture.connect { client in
        try await client.send("POST /stream-echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
        // Twenty bytes a second, for a hundred seconds: ten times what the head may take.
        for number in 100..<200 {
          time.advance(by: .seconds(1))
          let piece = "\(number) is the number..."
          try await client.send(String(piece.prefix(20)))
          _ = try await client.receive(through: "\r\n14\r\n\(piece.prefix(20))")
        }
        #expect(try await client.receive(through: "none\r\n\r\n").contains("X-Count: 2000\r\n"))
      }
    }
  }

  @Test func aClientThatTakesNothingIsCutOff() async throws {
    let (answer, _) = try await dawdling(BulkHandler(count: 64 << 20)) { client in
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      // The deadline allows for the bytes that wait at the least rate; by then the server must be gone.
      try await client.connection.loop.sleep(for: .seconds(3600))
      return try await client.receiveToEnd()
    }
    #expect(answer.statuses == [200])
    #expect(answer.utf8.count < 64 << 20)
  }

  @Test func theHandlersOwnTimeIsItsOwn() async throws {
    let handler = TestHandler(wait: {
      guard let loop = EventLoop.current else { return }
      do { try await loop.sleep(for: .seconds(500)) } catch { return }
    })
    let (answer, elapsed) = try await dawdling(handler) { client in
      try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      return try await client.receiveToEnd()
    }
    #expect(answer.statuses == [200])
    #expect(elapsed >= .seconds(500))
  }
}
