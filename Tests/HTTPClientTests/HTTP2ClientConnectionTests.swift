// A client's connection of HTTP/2 against our server, and against peers that do as a test wants.

import Bytes
import HTTP
import HTTP2
import HTTPServer
import Runtime
import TLS
import Testing

@testable import HTTPClient

@Suite("Connections of HTTP/2") struct HTTP2ClientConnectionTests {
  static let echo = ClosureHandler { exchange throws(HTTPError) in
    switch exchange.request.path {
    case "/echo":
      try await exchange.start(HTTPResponseHead(200, fields: ["x-method": exchange.request.method.name]))
      var count = 0
      while let piece = try await exchange.nextChunk() {
        count += piece.count
        try await exchange.write(piece)
        try await exchange.flush()
      }
      let sum = exchange.requestTrailers["x-sum"] ?? "none"
      try await exchange.finish(trailers: ["x-count": "\(count)", "x-sum": sum])
    case "/hello": try await exchange.respond(HTTPResponse(text: "hello"))
    case "/early": try await exchange.respond(HTTPResponse(413))
    default: throw .notFound()
    }
  }

  private func head(_ method: HTTPMethod, _ path: String) -> HTTPRequestHead {
    HTTPRequestHead(method, path, authority: "test")
  }

  private func withOurs<Result: Sendable>(
    _ handler: ClosureHandler = Self.echo,
    configure: @Sendable @escaping (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (EventLoop, HTTP2ClientConnection) async throws -> Result
  ) async throws -> Result {
    try await withGroup { group in
      try await withServer(handler, on: group, configure: configure) { server in
        let (loop, address) = (group.next(), server.address)
        return try await loop.run { () async throws in
          try await withConnection2(to: address, on: loop) { try await body(loop, $0) }
        }
      }
    }
  }

  private func text(_ stream: HTTP2ClientStream, _ loop: EventLoop) async throws -> String {
    var whole = ByteBuffer()
    while let piece = try await stream.nextChunk(until: loop.later) { whole.append(piece) }
    return try #require(String(validating: whole))
  }

  // MARK: Messages

  @Test func asksAndIsAnswered() async throws {
    try await withOurs { loop, connection in
      let stream = try connection.open(head(.get, "/hello"), hasBody: false)
      #expect(connection.streamCount == 1)
      let answer = try await stream.response(until: loop.later)
      #expect(answer.status == 200)
      #expect(stream.contentLength == 5)
      #expect(try await text(stream, loop) == "hello")
      #expect(try await stream.nextChunk(until: loop.later) == nil)
      #expect(connection.streamCount == 0 && connection.isOpen)
      let other = try connection.open(head(.get, "/nothing"), hasBody: false)
      #expect(try await other.response(until: loop.later).status == 404)
    }
  }

  @Test func readsAndWritesAtOnceWithTrailersBothWays() async throws {
    let count = 64
    let piece = ByteBuffer((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try await withOurs { loop, connection in
      let stream = try connection.open(head(.post, "/echo"), hasBody: true)
      let writing = loop.spawn {
        do throws(HTTPClientError) {
          for _ in 0..<count { try await stream.write(piece, until: loop.later) }
          try stream.finish(trailers: ["x-sum": "right"])
        } catch {
          Issue.record(error)
        }
      }
      let answer = try await stream.response(until: loop.later)
      #expect(answer.fields["x-method"] == "POST")
      var whole = ByteBuffer()
      while let next = try await stream.nextChunk(until: loop.later) { whole.append(next) }
      await writing.value
      var expected = ByteBuffer()
      for _ in 0..<count { expected.append(piece) }
      #expect(whole == expected)
      #expect(stream.trailers["x-count"] == "\(expected.count)")
      #expect(stream.trailers["x-sum"] == "right")
    }
  }

  @Test func manyStreamsShareAConnection() async throws {
    try await withOurs { loop, connection in
      let done = Locked(0)
      var tasks: [Task<Void, Never>] = []
      for number in 0..<60 {
        tasks.append(
          loop.spawn {
            do {
              let stream = try connection.open(head(.post, "/echo"), hasBody: true)
              try await stream.write(ByteBuffer("number \(number)"), until: loop.later)
              try stream.finish()
              #expect(try await stream.response(until: loop.later).status == 200)
              #expect(try await text(stream, loop) == "number \(number)")
              done.withLock { $0 += 1 }
            } catch {
              Issue.record(error)
            }
          })
      }
      for task in tasks { await task.value }
      #expect(done.withLock { $0 } == 60)
      #expect(connection.streamCount == 0)
    }
  }

  // MARK: What peers may do

  @Test func passesOverWhatPrecedesTheAnswer() async throws {
    try await withRawPeer { peer throws(NetworkError) in
      _ = try await peer.hear(1)
      try await peer.send(
        Frame.settings() + Frame.head(1, Frame.field(":status", "103")) + Frame.head(1)
          + Frame.data(1, "abc", ends: true))
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        #expect(try await stream.response(until: loop.later).status == 200)
        #expect(stream.informational.map(\.status) == [103])
        #expect(try await self.text(stream, loop) == "abc")
      }
    }
  }

  /// What a peer does with the first stream, and what its caller learns.
  static let endings: [(name: String, sent: [UInt8], ends: Bool, error: String, isSafe: Bool)] = [
    ("refused", Frame.reset(1, 7), false, "the server reset the stream: REFUSED_STREAM", true),
    ("reset", Frame.reset(1, 2), false, "the server reset the stream: INTERNAL_ERROR", false),
    (
      "reset in the middle", Frame.head(1) + Frame.data(1, "half") + Frame.reset(1, 8), false,
      "the server reset the stream: CANCEL", false
    ),
    (
      "ended without an answer", Frame.reset(1, 0), false, "the server reset the stream: NO_ERROR", false
    ),
    ("left before it", Frame.goAway(0), false, "the server reset the stream: REFUSED_STREAM", true),
    ("left with it and then for good", Frame.goAway(1), true, "the connection was lost: network(", false),
    (
      "left for a reason", Frame.goAway(1, 11), true, "the connection was lost: goneAway(ENHANCE_YOUR_CALM)",
      false
    ),
    ("closed", [], true, "the connection was lost: network(", false),
    (
      "a body longer than it says",
      Frame.head(1, [0x88] + Frame.field("content-length", "3")) + Frame.data(1, "four"),
      false, "the answer is malformed: it breaks the rules of HTTP/2 (PROTOCOL_ERROR)", false
    ),
    (
      "a body shorter than it says",
      Frame.head(1, [0x88] + Frame.field("content-length", "5")) + Frame.data(1, "four", ends: true),
      false, "the answer is malformed: it breaks the rules of HTTP/2 (PROTOCOL_ERROR)", false
    ),
    (
      "no status", Frame.head(1, Frame.field("x-y", "z")), false,
      "the answer is malformed: it breaks the rules of HTTP/2 (PROTOCOL_ERROR)", false
    ),
    (
      "a name in large letters", Frame.head(1, [0x88] + Frame.field("X-Y", "z")), false,
      "the answer is malformed: it breaks the rules of HTTP/2 (PROTOCOL_ERROR)", false
    ),
    (
      "1xx for ever", Array((0..<40).map { _ in Frame.head(1, Frame.field(":status", "102")) }.joined()),
      false,
      "over the limit of 32: informationalAnswers", false
    ),
    (
      "larger fields than are taken",
      Frame.head(1, [0x88] + (0..<110).flatMap { _ in Frame.field("x-y", "z") }), false,
      "over the limit of 32768: answerFields", false
    ),
    (
      "a frame for a stream that is not", Frame.data(7, "x"), false,
      "the connection was lost: violation(http2_protocol_error)", false
    ),
    (
      "an answer of HTTP/1.1", Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8), false,
      "the connection was lost: violation(http2_", false
    ),
  ]

  @Test(arguments: endings.indices) func tellsHowAStreamEnded(_ index: Int) async throws {
    let (name, sent, ends, expected, isSafe) = Self.endings[index]
    try await withRawPeer { peer throws(NetworkError) in
      _ = try await peer.hear(1)
      let greeting = name == "an answer of HTTP/1.1" ? [] : Frame.settings()
      try await peer.send(greeting + sent)
      if !ends { _ = try await peer.hear(255) }
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        let error = await thrown { () throws(HTTPClientError) in
          _ = try await stream.response(until: loop.later)
          while try await stream.nextChunk(until: loop.later) != nil {}
        }
        #expect(error?.description.hasPrefix(expected) == true, "\(name): \(String(describing: error))")
        #expect(error?.isSafeToRetry == isSafe, "\(name)")
      }
    }
  }

  @Test func aStreamThatWasNeverSentIsSafeToSendAnew() async throws {
    try await withGroup { group in
      let loop = group.next()
      try await loop.run { () async throws in
        // Nothing runs the connection, so nothing is sent.
        let connection = try HTTP2ClientConnection(loop: loop)
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        connection.abort()
        let error = await thrown { () throws(HTTPClientError) in
          _ = try await stream.response(until: loop.later)
        }
        expectCase(
          { if case .connectionLost(.aborted, mayHaveBeenProcessed: false)? = $0 { true } else { false } },
          error)
        #expect(!connection.isOpen)
        #expect(
          await thrown { () throws(HTTPClientError) in
            _ = try connection.open(self.head(.get, "/"), hasBody: false)
          }?.isSafeToRetry == true)
      }
    }
  }

  @Test func theServersLimitOfStreamsHolds() async throws {
    try await withRawPeer { peer throws(NetworkError) in
      try await peer.send(Frame.settings([(3, 2)]))
      // Its acknowledgement: from here on the client knows.
      _ = try await peer.hear(4, where: { flags, _, _ in flags & Frame.ack != 0 })
      _ = try await peer.hear(1, where: { _, stream, _ in stream == 5 })
      try await peer.send(Frame.head(5, ends: true))
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        #expect(connection.streamsMaximum == 100)
        let changed = LoopSignal(loop)
        while connection.streamsMaximum != 2 { await loop.yield() }
        let first = try connection.open(self.head(.get, "/"), hasBody: false)
        let second = try connection.open(self.head(.get, "/"), hasBody: false)
        let error = await thrown { () throws(HTTPClientError) in
          _ = try connection.open(self.head(.get, "/"), hasBody: false)
        }
        expectCase({ if case .tooManyStreams(limit: 2)? = $0 { true } else { false } }, error)
        connection.onChange = { changed.wake() }
        first.cancel(.cancel)
        #expect(await changed.wait(until: loop.later) == .woken)
        let third = try connection.open(self.head(.get, "/"), hasBody: false)
        #expect(try await third.response(until: loop.later).status == 200)
        #expect(connection.streamCount == 1 && second.id == 3)
      }
    }
  }

  @Test func anEarlyAnswerIsKeptAndStopsTheBody() async throws {
    try await withRawPeer { peer throws(NetworkError) in
      _ = try await peer.hear(0)
      try await peer.send(
        Frame.settings() + Frame.head(1) + Frame.data(1, "enough", ends: true) + Frame.reset(1, 0))
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.post, "/"), hasBody: true)
        let piece = ByteBuffer([UInt8](repeating: 7, count: 100_000))
        let error = await thrown { () throws(HTTPClientError) in
          while true { try await stream.write(piece, until: loop.later) }
        }
        expectCase({ if case .answeredEarly? = $0 { true } else { false } }, error)
        #expect(try await stream.response(until: loop.later).status == 200)
        #expect(try await self.text(stream, loop) == "enough")
      }
    }
  }

  @Test func aWholeAnswerOutlivesItsConnection() async throws {
    try await withRawPeer { peer throws(NetworkError) in
      _ = try await peer.hear(1)
      // The request is not at its end, and will not be heard to it.
      try await peer.send(Frame.settings() + Frame.head(1) + Frame.data(1, "whole", ends: true))
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.post, "/"), hasBody: true)
        while !connection.hasEnded { await loop.yield() }
        #expect(try await stream.response(until: loop.later).status == 200)
        #expect(try await self.text(stream, loop) == "whole")
        let error = await thrown { () throws(HTTPClientError) in
          try await stream.write(ByteBuffer("more"), until: loop.later)
        }
        expectCase({ if case .answeredEarly? = $0 { true } else { false } }, error)
      }
    }
  }

  @Test func aServerMayRefuseEveryStream() async throws {
    // More than a client may have reset at a server.
    let count: UInt32 = 300
    try await withRawPeer { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      for number in 0..<count {
        guard try await peer.hear(1, where: { _, stream, _ in stream == number * 2 + 1 }) else { return }
        peer.forget()
        try await peer.send(Frame.reset(number * 2 + 1, 7))
      }
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        for _ in 0..<count {
          let stream = try connection.open(self.head(.get, "/"), hasBody: false)
          let error = await thrown { () throws(HTTPClientError) in
            _ = try await stream.response(until: loop.later)
          }
          expectCase({ if case .reset(.refusedStream)? = $0 { true } else { false } }, error)
        }
        #expect(connection.isOpen)
      }
    }
  }

  // MARK: Waiting

  @Test func whatIsNotReadHoldsTheServerBack() async throws {
    let sent = Locked(0)
    let piece = ByteBuffer([UInt8](repeating: 1, count: 32 << 10))
    let endless = ClosureHandler { exchange throws(HTTPError) in
      try await exchange.start(HTTPResponseHead(200))
      while true {
        try await exchange.write(piece)
        sent.withLock { $0 += piece.count }
      }
    }
    try await withOurs(endless) { loop, connection in
      let stream = try connection.open(head(.get, "/"), hasBody: false)
      _ = try await stream.response(until: loop.later)
      // The window is full when no more comes: the server has said all that it may.
      var before = -1
      while true {
        try await loop.sleep(for: .milliseconds(20))
        let now = sent.withLock { $0 }
        if now == before && now > 0 { break }
        before = now
      }
      #expect(before <= HTTP2Limits().streamWindowBytes + (128 << 10))
      var taken = 0
      while taken < 4 << 20 { taken += try await stream.nextChunk(until: loop.later)?.count ?? 0 }
      stream.cancel(.cancel)
    }
  }

  @Test func timesOutAndCanBeAskedAgain() async throws {
    let time = ManualTime()
    let gate = Locked(false)
    try await withRawPeer(time: time) { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      _ = try await peer.hear(1)
      gate.withLock { $0 = true }
      // The client cancels in the end.
      _ = try await peer.hear(3)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.post, "/"), hasBody: true)
        while !gate.withLock({ $0 }) { await loop.yield() }
        let deadline = loop.deadline(in: .milliseconds(200))
        loop.spawn {
          await loop.yield()
          time.advance(by: .milliseconds(200))
        }
        let error = await thrown { () throws(HTTPClientError) in
          _ = try await stream.response(until: deadline)
        }
        expectCase(
          { if case .timedOut(.head, mayHaveBeenProcessed: true)? = $0 { true } else { false } }, error)
        #expect(connection.streamCount == 1)
        let late = await thrown { () throws(HTTPClientError) in
          _ = try await stream.nextChunk(until: loop.now)
        }
        expectCase({ if case .timedOut(.body, _)? = $0 { true } else { false } }, late)
        let full = await thrown { () throws(HTTPClientError) in
          let piece = ByteBuffer([UInt8](repeating: 7, count: 100_000))
          try await stream.write(piece, until: loop.now)
          try await stream.write(piece, until: loop.now)
        }
        expectCase({ if case .timedOut(.sending, _)? = $0 { true } else { false } }, full)
      }
    }
  }

  @Test func aCancelledTaskStopsWaitingAndResetsTheStream() async throws {
    let resets = Locked<[UInt32]>([])
    try await withRawPeer { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      _ = try await peer.hear(1, where: { _, stream, _ in stream == 3 })
      while try await peer.hear(3) {
        resets.withLock { $0 = [] }
        for frame in peer.frames where frame.kind == 3 { resets.withLock { $0.append(frame.stream) } }
        try await peer.send(Frame.head(3, ends: true))
        _ = try await peer.hear(255)
      }
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        let other = try connection.open(self.head(.get, "/"), hasBody: false)
        let outcome = Locked<HTTPClientError?>(nil)
        let task = loop.spawn {
          let error = await thrown { () throws(HTTPClientError) in
            _ = try await stream.response(until: loop.later)
          }
          outcome.withLock { $0 = error }
        }
        await loop.yield()
        task.cancel()
        await task.value
        expectCase({ if case .cancelled? = $0 { true } else { false } }, outcome.withLock({ $0 }))
        // The others go on.
        #expect(try await other.response(until: loop.later).status == 200)
        #expect(resets.withLock { $0 } == [1])
      }
    }
  }

  @Test func aStreamThatNobodyKeepsIsReset() async throws {
    try await withRawPeer { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      guard try await peer.hear(3, where: { _, stream, _ in stream == 1 }) else { return }
      _ = try await peer.hear(1, where: { _, stream, _ in stream == 3 })
      try await peer.send(Frame.head(3, ends: true))
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        _ = try connection.open(self.head(.get, "/"), hasBody: false)
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        #expect(try await stream.response(until: loop.later).status == 200)
      }
    }
  }

  // MARK: Life

  @Test func closingLetsStreamsEnd() async throws {
    try await withOurs { loop, connection in
      let stream = try connection.open(head(.post, "/echo"), hasBody: true)
      connection.close()
      #expect(!connection.isOpen)
      try await stream.write(ByteBuffer("still here"), until: loop.later)
      try stream.finish()
      #expect(try await stream.response(until: loop.later).status == 200)
      #expect(try await text(stream, loop) == "still here")
      while !connection.hasEnded { await loop.yield() }
    }
  }

  @Test func aDrainingServerIsLeft() async throws {
    let group = try EventLoopGroup(.init(loops: 1))
    try await withServer(Self.echo, on: group) { server in
      let loop = group.next()
      let address = server.address
      let (opened, opening) = AsyncStream.makeStream(of: Void.self)
      async let drained = {
        for await _ in opened {}
        return await server.drain(within: .seconds(20))
      }()
      try await loop.run { () async throws in
        try await withConnection2(to: address, on: loop) { connection in
          let stream = try connection.open(self.head(.post, "/echo"), hasBody: true)
          #expect(try await stream.response(until: loop.later).status == 200)
          opening.finish()
          while connection.isOpen { await loop.yield() }
          try await stream.write(ByteBuffer("last"), until: loop.later)
          try stream.finish()
          #expect(try await self.text(stream, loop) == "last")
        }
      }
      #expect(await drained == 0)
    }
    await group.shutdown()
  }

  @Test func aSilentPeerIsAskedAndThenLost() async throws {
    let time = ManualTime()
    let pings = Locked(0)
    var options = HTTP2ClientOptions()
    options.keepalive = .seconds(10)
    options.keepaliveTimeout = .seconds(5)
    let wanted = options
    try await withRawPeer(time: time) { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      _ = try await peer.hear(1)
      guard try await peer.hear(6) else { return }
      pings.withLock { $0 += 1 }
      let ping = peer.frames.first { $0.kind == 6 }
      try await peer.send(Frame.make(6, Frame.ack, 0, ping?.payload ?? []))
      _ = try await peer.hear(6, where: { [peers = peer.frames.count] _, _, _ in peers > 100 })
    } client: { loop, address in
      try await withConnection2(to: address, on: loop, options: wanted) { connection in
        let stream = try connection.open(self.head(.get, "/"), hasBody: false)
        while !connection.session.hasBegun { await loop.yield() }
        // Not yet.
        time.advance(by: .seconds(9))
        for _ in 0..<10 { await loop.yield() }
        #expect(pings.withLock { $0 } == 0)
        time.advance(by: .seconds(1))
        while pings.withLock({ $0 }) == 0 || connection.pingedAt != nil { await loop.yield() }
        // It was answered; the next one will not be.
        time.advance(by: .seconds(10))
        while connection.pingedAt == nil { await loop.yield() }
        #expect(!connection.hasEnded)
        time.advance(by: .seconds(5))
        let error = await thrown { () throws(HTTPClientError) in
          _ = try await stream.response(until: loop.deadline(in: .seconds(1000)))
        }
        expectCase(
          { if case .connectionLost(.silent, mayHaveBeenProcessed: true)? = $0 { true } else { false } },
          error)
      }
    }
  }

  @Test func anIdleConnectionIsClosedAndOneWithoutSettingsLost() async throws {
    let time = ManualTime()
    var options = HTTP2ClientOptions()
    options.idle = .seconds(30)
    let wanted = options
    let left = Locked(false)
    try await withRawPeer(time: time) { peer throws(NetworkError) in
      try await peer.send(Frame.settings())
      let said = try await peer.hear(7)
      left.withLock { $0 = said }
    } client: { loop, address in
      try await withConnection2(to: address, on: loop, options: wanted) { connection in
        while !connection.session.hasBegun { await loop.yield() }
        time.advance(by: .seconds(29))
        for _ in 0..<5 { await loop.yield() }
        #expect(connection.isOpen)
        time.advance(by: .seconds(1))
        while !left.withLock({ $0 }) { await loop.yield() }
        #expect(!connection.isOpen)
      }
    }
    try await withRawPeer(time: time) { peer throws(NetworkError) in
      _ = try await peer.hear(255)
    } client: { loop, address in
      try await withConnection2(to: address, on: loop) { connection in
        await loop.yield()
        time.advance(by: .seconds(10))
        while !connection.hasEnded { await loop.yield() }
        #expect(connection.loss == .network(.timedOut))
      }
    }
  }
}
