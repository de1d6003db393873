// Connections shared, limited, given up; time by a clock that the test moves.

import Bytes
import HTTP
import HTTP1
import HTTPServer
import Runtime
import TLS
import Telemetry
import Testing

@testable import HTTPClient

/// A server that does as a test says, one connection after the other, all on the client's loop.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let accepted = Locked(0)

  /// How many connections came.
  var connectionCount: Int { accepted.withLock { $0 } }

  /// - Parameter serve: what is done with each connection; the number says which it is, from 0.
  init(
    on loop: EventLoop,
    _ serve: @escaping @Sendable (Int, inout Connection) async throws(NetworkError) -> Void
  ) throws {
    let socket = try ListeningSocket(.ip(.loopbackV4, port: 0))
    port = try #require(socket.address.port)
    let accepted = accepted
    loop.spawn {
      do throws(NetworkError) {
        let listener = try Listener(socket, on: loop)
        while true {
          let box = ConnectionBox(try await listener.accept())
          let number = accepted.withLock {
            $0 += 1
            return $0 - 1
          }
          loop.spawn { await ScriptedServer.run(box, number, serve) }
        }
      } catch {
        // The loop is stopping.
        return
      }
    }
  }

  private static func run(
    _ box: ConnectionBox, _ number: Int,
    _ serve: @Sendable (Int, inout Connection) async throws(NetworkError) -> Void
  ) async {
    var connection = box.take()
    do throws(NetworkError) { try await serve(number, &connection) } catch { return }
  }
}

extension Connection {
  /// Waits for the end of a request without a body; false when the connection ended first.
  mutating func hearRequest() async throws(NetworkError) -> Bool {
    while true {
      let text = input.withReadableBytes { String(decoding: $0, as: UTF8.self) }
      if text.contains("\r\n\r\n") {
        input.clear()
        return true
      }
      if try await receive() == 0 { return false }
    }
  }

  mutating func say(_ text: String) async throws(NetworkError) {
    output.append(text)
    try await flush()
  }
}

/// Carries a connection into a task, once.
///
/// `@unchecked Sendable`: made and taken on one loop.
final class ConnectionBox: @unchecked Sendable {
  private var connection: Connection?

  init(_ connection: consuming Connection) { self.connection = consume connection }

  func take() -> Connection {
    guard let taken = connection.take() else { preconditionFailure("a connection is taken once") }
    return taken
  }
}

@Suite("Pools and time") struct PoolTests {
  static let fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

  /// Runs `body` on a loop with a client of that loop and a server there.
  private func with(
    time: any TimeSource = SystemTime(), metrics: MetricRegistry? = nil,
    configure: @Sendable @escaping (inout HTTPClient.Configuration) -> Void = { _ in },
    serve: @escaping @Sendable (Int, inout Connection) async throws(NetworkError) -> Void,
    _ body: @escaping @Sendable (EventLoop, HTTPClient, ScriptedServer) async throws -> Void
  ) async throws {
    try await withGroup(time: time) { group in
      let loop = group.next()
      var configuration = HTTPClient.Configuration(name: "test")
      configuration.retries.backoff = .zero
      configure(&configuration)
      let client = HTTPClient(
        configuration, on: group, time: time, random: SeededRandom(seed: 1), metrics: metrics)
      try await loop.run { () async throws in
        let server = try ScriptedServer(on: loop, serve)
        try await body(loop, client, server)
      }
      await client.shutDown(within: .zero)
    }
  }

  private func ask(
    _ client: HTTPClient, _ server: ScriptedServer, _ method: HTTPMethod = .get, timeout: Duration? = nil,
    body: HTTPRequestBody = .none
  ) async throws(HTTPClientError) -> String {
    var request = try HTTPClientRequest(method, "http://127.0.0.1:\(server.port)/", body: body)
    request.timeout = timeout
    let response = try await client.execute(request)
    let bytes = try await response.collect(limit: 1000)
    return "\(response.status.code) \(String(validating: bytes) ?? "")"
  }

  private func failure(
    _ client: HTTPClient, _ server: ScriptedServer, _ method: HTTPMethod = .get, timeout: Duration? = nil,
    body: HTTPRequestBody = .none
  ) async -> HTTPClientError? {
    await thrown { () throws(HTTPClientError) in
      _ = try await ask(client, server, method, timeout: timeout, body: body)
    }
  }

  @Sendable static func answerAll(_ number: Int, _ connection: inout Connection) async throws(NetworkError) {
    while try await connection.hearRequest() { try await connection.say(fine) }
  }

  // MARK: Using connections again

  @Test func aConnectionIsUsedAgain() async throws {
    try await with(serve: Self.answerAll) { loop, client, server async throws in
      for method in [HTTPMethod.get, .post, .put, .delete] {
        #expect(try await ask(client, server, method) == "200 ok")
      }
      #expect(server.connectionCount == 1)
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
  ]) func oneThatIsNotCleanIsNot(_ answer: String) async throws {
    try await with(serve: { _, connection throws(NetworkError) in
      while try await connection.hearRequest() { try await connection.say(answer) }
    }) { loop, client, server async throws in
      for _ in 0..<3 { #expect(try await ask(client, server) == "200 ok") }
      #expect(server.connectionCount == 3)
    }
  }

  @Test func oneWhoseAnswerWasNotReadIsNot() async throws {
    try await with(serve: { _, connection throws(NetworkError) in
      while try await connection.hearRequest() {
        try await connection.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
      }
    }) { loop, client, server async throws in
      for number in 1...3 {
        let url = "http://127.0.0.1:\(server.port)/"
        let response = try await client.execute(HTTPClientRequest(.get, url))
        #expect(try await response.nextChunk() == ByteBuffer("ok"))
        #expect(server.connectionCount == number)
      }
    }
  }

  @Test func oneThatTheServerClosedIsNotMissed() async throws {
    let heard = Locked(0)
    try await with(serve: { number, connection throws(NetworkError) in
      guard try await connection.hearRequest() else { return }
      try await connection.say(Self.fine)
      if number > 0 { return try await Self.answerAll(number, &connection) }
      // The second request is on its way when the server thinks the connection idle.
      if try await connection.hearRequest() { heard.withLock { $0 += 1 } }
    }) { loop, client, server async throws in
      #expect(try await ask(client, server) == "200 ok")
      // Not even for what changes something: the server cannot have begun with it.
      #expect(try await ask(client, server, .post, body: .bytes(ByteBuffer("x"))) == "200 ok")
      #expect(heard.withLock { $0 } == 1 && server.connectionCount == 2)
    }
  }

  @Test func aRequestThatMayHaveBeenProcessedIsSentAgainOnlyIfIdempotent() async throws {
    try await with(serve: { number, connection throws(NetworkError) in
      guard try await connection.hearRequest() else { return }
      // Cut off in the middle of the answer, twice.
      if number < 2 { return try await connection.say("HTTP/1.1 200 OK\r\n") }
      try await connection.say(Self.fine)
    }) { loop, client, server async throws in
      #expect(try await ask(client, server) == "200 ok")
      #expect(server.connectionCount == 3)
    }
    try await with(serve: { number, connection throws(NetworkError) in
      if try await connection.hearRequest() { try await connection.say("HTTP/1.1 200 OK\r\n") }
    }) { loop, client, server async throws in
      expectCase(
        { if case .connectionLost(_, mayHaveBeenProcessed: true)? = $0 { true } else { false } },
        await failure(client, server, .post))
      #expect(server.connectionCount == 1)
      _ = await failure(client, server)
      #expect(server.connectionCount == 4)
    }
  }

  @Test func chunksOfOneByteAreNoBurden() async throws {
    let count = 100_000
    try await with(serve: { _, connection throws(NetworkError) in
      guard try await connection.hearRequest() else { return }
      try await connection.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<count {
        connection.output.append("1\r\nx\r\n")
        try await connection.flushIfFull()
      }
      try await connection.say("0\r\n\r\n")
    }) { loop, client, server async throws in
      let response = try await client.execute(HTTPClientRequest(.get, "http://127.0.0.1:\(server.port)/"))
      // It all waits before anybody takes it.
      for _ in 0..<200 { await loop.yield() }
      var (pieces, bytes) = (0, 0)
      while let piece = try await response.nextChunk() {
        pieces += 1
        bytes += piece.count
      }
      #expect(bytes == count)
      #expect(pieces < 1000)
    }
  }

  // MARK: Limits

  @Test func connectionsAndWaitingRequestsAreLimited() async throws {
    let gate = Locked(false)
    let metrics = MetricRegistry()
    try await with(
      metrics: metrics,
      configure: {
        $0.connections.connectionsMaximum = 2
        $0.connections.waitingRequestsMaximum = 3
        $0.connections.idleConnectionsMaximum = 1
      },
      serve: { _, connection throws(NetworkError) in
        while try await connection.hearRequest() {
          while !gate.withLock({ $0 }) { await connection.loop.yield() }
          try await connection.say(Self.fine)
        }
      }
    ) { loop, client, server async throws in
      let answers = Locked(0)
      for _ in 0..<5 {
        loop.spawn {
          do throws(HTTPClientError) {
            let answer = try await ask(client, server)
            #expect(answer == "200 ok")
            answers.withLock { $0 += 1 }
          } catch {
            Issue.record(error)
          }
        }
      }
      while server.connectionCount < 2 { await loop.yield() }
      // Two are served, three wait, and one is too many.
      expectCase(
        { if case .limitExceeded(.waitingRequests, limit: 3)? = $0 { true } else { false } },
        await failure(client, server))
      func scraped(_ line: String) throws -> Bool {
        var text = ByteBuffer()
        metrics.render(into: &text)
        return try #require(String(validating: text)).contains(line)
      }
      #expect(try scraped("varve_http_client_waiting_requests{client=\"test\"} 3"))
      gate.withLock { $0 = true }
      while answers.withLock({ $0 }) < 5 { await loop.yield() }
      #expect(server.connectionCount == 2)
      // One is kept.
      while try !scraped("varve_http_client_connections{client=\"test\"} 1") { await loop.yield() }
      #expect(try scraped("varve_http_client_waiting_requests{client=\"test\"} 0"))
    }
  }

  @Test func whoWaitsForAConnectionIsServedInTurnAndMayLeave() async throws {
    let gate = Locked(false)
    try await with(
      configure: { $0.connections.connectionsMaximum = 1 },
      serve: { _, connection throws(NetworkError) in
        while try await connection.hearRequest() {
          while !gate.withLock({ $0 }) { await connection.loop.yield() }
          try await connection.say(Self.fine)
        }
      }
    ) { loop, client, server async throws in
      let order = Locked<[Int]>([])
      var tasks: [Task<Void, Never>] = []
      for number in 0..<5 {
        tasks.append(
          loop.spawn {
            let error = await failure(client, server)
            order.withLock { $0.append(error == nil ? number : -number) }
          })
        await loop.yield()
      }
      tasks[2].cancel()
      await tasks[2].value
      gate.withLock { $0 = true }
      for task in tasks { await task.value }
      #expect(order.withLock { $0 } == [-2, 0, 1, 3, 4])
      #expect(server.connectionCount == 1)
    }
  }

  // MARK: Time

  /// Moves the clock, again and again, until `task` is done.
  private func move(_ time: ManualTime, by step: Duration, _ loop: EventLoop, until isDone: () -> Bool) async
  {
    while !isDone() {
      for _ in 0..<20 { await loop.yield() }
      time.advance(by: step)
    }
  }

  @Test(arguments: [HTTPClientError.Phase.head, .body, .sending, .connection, .request])
  func eachWaitHasItsLimit(_ phase: HTTPClientError.Phase) async throws {
    let time = ManualTime()
    try await with(
      time: time,
      configure: {
        // One of them is short, the others are not.
        $0.timeouts.head = .seconds(phase == .head || phase == .sending ? 1 : 1000)
        $0.timeouts.body = .seconds(phase == .body ? 1 : 1000)
        $0.timeouts.sending = .seconds(phase == .sending ? 1 : 1000)
        $0.timeouts.connection = .seconds(phase == .connection ? 1 : 1000)
        $0.timeouts.request = phase == .request ? .seconds(1) : nil
        $0.connections.connectionsMaximum = 1
      },
      serve: { _, connection throws(NetworkError) in
        guard try await connection.hearRequest() else { return }
        if phase == .body { try await connection.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no") }
        // Nothing is read any more.
        _ = await LoopSignal(connection.loop).wait(until: MonotonicInstant(nanoseconds: .max))
      }
    ) { loop, client, server async throws in
      let error = Locked<HTTPClientError?>(nil)
      let blocker = phase == .connection ? loop.spawn { _ = await failure(client, server) } : nil
      await loop.yield()
      let task = loop.spawn {
        let piece = ByteBuffer([UInt8](repeating: 1, count: 1 << 20))
        let endless = HTTPBodyProducer { sink in while true { try await sink.write(piece) } }
        let found = await failure(
          client, server, phase == .sending ? .post : .get,
          body: phase == .sending ? .producer(endless) : .none)
        error.withLock { $0 = found }
      }
      await move(time, by: .milliseconds(100), loop) { error.withLock { $0 } != nil }
      await task.value
      blocker?.cancel()
      expectCase(
        { if case .timedOut(phase, _)? = $0 { true } else { false } }, error.withLock { $0 })
      #expect(error.withLock { $0?.isSafeToRetry } == (phase == .connection))
    }
  }

  @Test func aRequestMayHaveLessTimeThanTheClientGives() async throws {
    let time = ManualTime()
    try await with(
      time: time,
      serve: { _, connection throws(NetworkError) in
        _ = try await connection.hearRequest()
        _ = try await connection.receive()
      }
    ) { loop, client, server async throws in
      let error = Locked<HTTPClientError?>(nil)
      loop.spawn {
        let found = await failure(client, server, timeout: .milliseconds(500))
        error.withLock { $0 = found }
      }
      await move(time, by: .milliseconds(100), loop) { error.withLock { $0 } != nil }
      expectCase({ if case .timedOut(.request, _)? = $0 { true } else { false } }, error.withLock { $0 })
    }
  }

  @Test func aHandshakeHasItsLimit() async throws {
    let time = ManualTime()
    let trust = try TLSClientContext(TLSClientConfiguration(trust: .dangerouslyAcceptAnyCertificate))
    try await with(
      time: time,
      configure: {
        $0.tls = trust
        $0.retries.attemptsMaximum = 1
      },
      serve: { _, connection throws(NetworkError) in while try await connection.receive() > 0 {} }
    ) { loop, client, server async throws in
      let error = Locked<HTTPClientError?>(nil)
      loop.spawn {
        let found = await thrown { () throws(HTTPClientError) in
          _ = try await client.execute(HTTPClientRequest(.get, "https://127.0.0.1:\(server.port)/"))
        }
        error.withLock { $0 = found }
      }
      await move(time, by: .milliseconds(500), loop) { error.withLock { $0 } != nil }
      expectCase(
        { if case .timedOut(.handshake, false)? = $0 { true } else { false } }, error.withLock { $0 })
    }
  }

  @Test func idleAndOldConnectionsAreClosed() async throws {
    let time = ManualTime()
    let open = Locked(0)
    try await with(
      time: time,
      configure: {
        $0.connections.idle = .seconds(10)
        $0.connections.age = .seconds(25)
      },
      serve: { number, connection throws(NetworkError) in
        open.withLock { $0 += 1 }
        defer { open.withLock { $0 -= 1 } }
        try await Self.answerAll(number, &connection)
      }
    ) { loop, client, server async throws in
      _ = try await ask(client, server)
      time.advance(by: .seconds(9))
      await loop.yield()
      _ = try await ask(client, server)
      #expect(server.connectionCount == 1)
      time.advance(by: .seconds(9))
      await loop.yield()
      _ = try await ask(client, server)
      // Nine more, and it is too old.
      time.advance(by: .seconds(9))
      await loop.yield()
      _ = try await ask(client, server)
      #expect(server.connectionCount == 2)
      await move(time, by: .seconds(10), loop) { open.withLock { $0 } == 0 }
    }
  }

  // MARK: The end

  @Test func aCancelledRequestIsGivenUp() async throws {
    let ended = Locked(false)
    try await with(serve: { _, connection throws(NetworkError) in
      _ = try await connection.hearRequest()
      defer { ended.withLock { $0 = true } }
      while try await connection.receive() > 0 {}
    }) { loop, client, server async throws in
      let error = Locked<HTTPClientError?>(nil)
      let task = loop.spawn {
        let found = await failure(client, server)
        error.withLock { $0 = found }
      }
      while server.connectionCount == 0 { await loop.yield() }
      task.cancel()
      await task.value
      expectCase({ if case .cancelled? = $0 { true } else { false } }, error.withLock { $0 })
      while !ended.withLock({ $0 }) { await loop.yield() }
    }
  }

  @Test func shuttingDownLetsAnswersComeToTheirEnd() async throws {
    let gate = Locked(false)
    try await withGroup { group in
      let loop = group.next()
      let client = HTTPClient(HTTPClient.Configuration(name: "test"), on: group)
      let server = try await loop.run { () async throws in
        try ScriptedServer(on: loop) { _, connection throws(NetworkError) in
          while try await connection.hearRequest() {
            while !gate.withLock({ $0 }) { await connection.loop.yield() }
            try await connection.say(Self.fine)
          }
        }
      }
      async let answer = ask(client, server)
      while server.connectionCount == 0 { await loop.run { await loop.yield() } }
      async let cut = client.shutDown(within: .seconds(20))
      async let again = client.shutDown(within: .seconds(20))
      // From now on nothing new.
      while true {
        let error = await failure(client, server, timeout: .milliseconds(20))
        if case .shutDown? = error { break }
      }
      gate.withLock { $0 = true }
      #expect(try await answer == "200 ok")
      #expect(await cut == 0)
      #expect(await again == 0)
    }
    // What does not come to its end is cut.
    try await withGroup { group in
      let loop = group.next()
      let client = HTTPClient(HTTPClient.Configuration(name: "test"), on: group)
      let server = try await loop.run { () async throws in
        try ScriptedServer(on: loop) { _, connection throws(NetworkError) in
          while try await connection.receive() > 0 {}
        }
      }
      async let error = failure(client, server, .post)
      while server.connectionCount == 0 { await loop.run { await loop.yield() } }
      let cut = await client.shutDown(within: .milliseconds(1))
      let found = await error
      switch found {
      case .connectionLost(.aborted, _)? where cut == 1: break
      // The shutting down came before the request had its connection.
      case .shutDown?: break
      default: Issue.record("\(String(describing: found)), \(cut)")
      }
    }
  }
}
