// A client's session and a server's, byte for byte in memory.

import Bytes
import HTTP
import HTTP2
import Runtime
import Testing

@Suite("HTTP/2 sessions") struct SessionTests {
  /// Both ends.
  final class Pair {
    let client: HTTP2Session
    let server: HTTP2Session
    var requested: [HTTP2Stream] = []
    var clientEvents: [HTTP2Event] = []
    /// Bytes that went from the server to the client.
    var served = 0

    init(server limits: HTTP2Limits = HTTP2Limits(), client clientLimits: HTTP2Limits = HTTP2Limits()) throws
    {
      client = try HTTP2Session(.client, limits: clientLimits)
      server = try HTTP2Session(.server, limits: limits)
      try exchange()
    }

    /// Moves bytes to and fro until neither has any left.
    func exchange() throws {
      var moved = 1
      while moved > 0 {
        moved = 0
        var output = ByteBuffer()
        try client.send(into: &output, maximum: .max)
        moved += output.count
        output.withReadableBytes { server.receive($0, now: 0) }
        for case .requested(let stream) in server.takeEvents() { requested.append(stream) }
        output.clear()
        try server.send(into: &output, maximum: .max)
        moved += output.count
        served += output.count
        output.withReadableBytes { client.receive($0, now: 0) }
        clientEvents += client.takeEvents()
      }
    }

    func ask(_ more: [(StaticString, String)] = [], hasBody: Bool = false) throws -> HTTP2Stream {
      var fields = HTTP2FieldBlock()
      fields.append(":method", hasBody ? "POST" : "GET")
      fields.append(":scheme", "https")
      fields.append(":authority", "example.org")
      fields.append(":path", "/a/b?c=d")
      for (name, value) in more { fields.append(name, value) }
      return try client.request(fields, hasBody: hasBody)
    }
  }

  private func status(_ code: Int, _ more: HTTPFields = HTTPFields()) -> HTTP2FieldBlock {
    var fields = HTTP2FieldBlock()
    fields.append(":status", code)
    fields.append(more, isAnswer: true)
    return fields
  }

  @Test func aRequestArrivesAsItWasSent() throws {
    let pair = try Pair()
    let asked = try pair.ask([("x-one", "1"), ("cookie", "a=b"), ("cookie", "c=d"), ("te", "trailers")])
    try pair.exchange()
    let stream = try #require(pair.requested.first)
    #expect(stream.id == asked.id)
    let request = stream.request
    #expect(request.method == .get)
    #expect(request.version == .http2)
    #expect(request.scheme == .https)
    #expect(request.authority == "example.org")
    #expect(request.target == "/a/b?c=d")
    #expect(request.path == "/a/b")
    #expect(request.query == "c=d")
    #expect(request.fields["x-one"] == "1")
    #expect(request.fields["Cookie"] == "a=b; c=d")
    #expect(request.fields["te"] == "trailers")
    #expect(stream.hasEnded)
  }

  @Test func anAnswerHasItsBodyAndItsTrailers() throws {
    let pair = try Pair()
    let asked = try pair.ask()
    try pair.exchange()
    let stream = try #require(pair.requested.first)
    try pair.server.inform(status(103, ["Link": "</a>"]), on: stream)
    try pair.server.respond(
      status(200, ["X-Big": "1", "Connection": "close", "Content-Length": "99"]), on: stream, hasBody: true)
    try pair.exchange()
    #expect(asked.informational.map(\.status) == [103])
    #expect(asked.response?.status == 200)
    #expect(asked.response?.fields.pairs.map(\.name) == ["x-big"])
    #expect(!asked.hasEnded)
    // Nothing was there to be sent; what is written later goes out later.
    try pair.server.write(ByteBuffer("hello "), on: stream)
    try pair.exchange()
    #expect(pair.client.take(from: asked) == ByteBuffer("hello "))
    try pair.server.write(ByteBuffer("world"), on: stream)
    var trailers = HTTP2FieldBlock()
    trailers.append("x-sum", "42")
    try pair.server.finish(stream, trailers: trailers)
    try pair.exchange()
    #expect(pair.client.take(from: asked) == ByteBuffer("world"))
    #expect(asked.hasEnded)
    #expect(asked.trailers["X-Sum"] == "42")
    #expect(asked.isClosed && stream.isClosed)
    #expect(!asked.wasReset && !stream.wasReset)
    #expect(pair.server.streams.isEmpty && pair.client.streams.isEmpty)
  }

  @Test func aBodyStopsAtTheWindowAndGoesOnAsItIsRead() throws {
    var limits = HTTP2Limits()
    limits.streamWindowBytes = 100_000
    let pair = try Pair(server: limits)
    let asked = try pair.ask(hasBody: true)
    let body = ByteBuffer((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try pair.client.write(body, on: asked)
    try pair.client.finish(asked)
    try pair.exchange()
    let stream = try #require(pair.requested.first)
    var received = ByteBuffer()
    while true {
      let piece = pair.server.take(from: stream)
      #expect(piece.count <= 100_000)
      if piece.isEmpty { break }
      received.append(piece)
      #expect(asked.outboundCount >= body.count - received.count - 100_000)
      try pair.exchange()
    }
    #expect(received == body)
    #expect(stream.hasEnded)
  }

  @Test func whatNobodyReadsHoldsUpTheConnectionNotTheMemory() throws {
    var limits = HTTP2Limits()
    limits.streamWindowBytes = 100_000
    limits.connectionWindowBytes = 150_000
    let pair = try Pair(server: limits)
    let streams = try (0..<10).map { _ in try pair.ask(hasBody: true) }
    for stream in streams {
      try pair.client.write(ByteBuffer([UInt8](repeating: 1, count: 90_000)), on: stream)
    }
    try pair.exchange()
    let sent = streams.reduce(0) { $0 + 90_000 - $1.outboundCount }
    #expect(sent == 150_000)
    // A stream that ends unread gives its share back.
    for stream in pair.requested { pair.server.reset(stream, .cancel) }
    try pair.exchange()
    let last = try pair.ask(hasBody: true)
    try pair.client.write(ByteBuffer([UInt8](repeating: 1, count: 90_000)), on: last)
    try pair.exchange()
    #expect(last.outboundCount == 0)
  }

  @Test func aResetEndsAStreamAndNoOther() throws {
    let pair = try Pair()
    let (first, second) = (try pair.ask(), try pair.ask())
    try pair.exchange()
    pair.client.reset(first, .cancel)
    try pair.exchange()
    #expect(pair.requested[0].wasReset)
    #expect(pair.requested[0].closeCode == .cancel)
    #expect(!pair.requested[1].isClosed)
    // What is written to it goes nowhere.
    try pair.server.respond(status(200), on: pair.requested[0], hasBody: true)
    try pair.server.write(ByteBuffer("x"), on: pair.requested[0])
    try pair.server.finish(pair.requested[0])
    try pair.server.respond(status(204), on: pair.requested[1], hasBody: false)
    try pair.exchange()
    #expect(second.response?.status == 204)
    #expect(second.hasEnded)
  }

  @Test func shuttingDownLetsStreamsUnderWayFinish() throws {
    let pair = try Pair()
    let first = try pair.ask()
    try pair.exchange()
    try pair.server.announceShutdown()
    var output = ByteBuffer()
    try pair.server.send(into: &output, maximum: .max)
    // A request that was under way when the notice came still counts.
    let second = try pair.ask()
    var underWay = ByteBuffer()
    try pair.client.send(into: &underWay, maximum: .max)
    output.withReadableBytes { pair.client.receive($0, now: 0) }
    guard case .goingAway(let last, let code)? = pair.client.takeEvents().first else {
      Issue.record("no GOAWAY")
      return
    }
    #expect(last == Int32.max && code == .noError)
    underWay.withReadableBytes { pair.server.receive($0, now: 0) }
    for case .requested(let stream) in pair.server.takeEvents() { pair.requested.append(stream) }
    // One after it does not leave the client.
    let third = try pair.ask()
    try pair.exchange()
    try pair.server.shutDown()
    try pair.exchange()
    #expect(pair.requested.count == 2)
    for stream in pair.requested { try pair.server.respond(status(204), on: stream, hasBody: false) }
    try pair.exchange()
    #expect(first.hasEnded && second.hasEnded)
    #expect(third.closeCode == .refusedStream)
    #expect(pair.server.violation == nil)
    #expect(!pair.server.wantsToReceive)
    guard case .goingAway(second.id, .noError)? = pair.clientEvents.last else {
      Issue.record("no final GOAWAY")
      return
    }
  }

  @Test func whatWaitsTooLongIsGivenUp() throws {
    let pair = try Pair()
    _ = try pair.ask()
    try pair.exchange()
    let stream = try #require(pair.requested.first)
    try pair.server.respond(status(200), on: stream, hasBody: true)
    try pair.server.write(ByteBuffer("never"), on: stream)
    stream.expectSent(by: .init(nanoseconds: 100))
    pair.server.expire(now: 99)
    #expect(!stream.hasTimedOut)
    pair.server.expire(now: 100)
    #expect(stream.hasTimedOut)
    try pair.exchange()
    #expect(stream.closeCode == .cancel)
  }

  @Test func largeBodiesGoOutInTurnsOfAboutTheSizeThatWasAskedFor() throws {
    let pair = try Pair()
    _ = try pair.ask()
    try pair.exchange()
    let stream = try #require(pair.requested.first)
    try pair.server.respond(status(200), on: stream, hasBody: true)
    try pair.server.write(ByteBuffer([UInt8](repeating: 1, count: 200_000)), on: stream)
    var output = ByteBuffer()
    try pair.server.send(into: &output, maximum: 20_000)
    #expect((20_000..<20_000 + 16_400).contains(output.count))
    #expect(pair.server.wantsToSend)
  }
}
