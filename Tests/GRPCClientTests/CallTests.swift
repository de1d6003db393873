// What calls are answered, by grpcio's server and by ours.

import Bytes
import EchoService
import GRPC
import GRPCClient
import Runtime
import Testing

@Suite("Calls", .timeLimit(.minutes(2))) struct CallTests {
  private func bytes(_ count: Int) -> ByteBuffer {
    var buffer = ByteBuffer(capacity: count)
    for index in 0..<count { buffer.append(UInt8(truncatingIfNeeded: index &* 31)) }
    return buffer
  }

  @Test(arguments: EchoServerKind.allCases)
  func ofAllKindsAreAnswered(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      let channel = fixture.channel
      let one = try await channel.unary(Methods.unary, Request("a", times: 3))
      #expect(one.text == "aaa")

      let (payload, metadata) = (bytes(300_000), GRPCMetadata())
      var options = GRPCCallOptions(timeout: .seconds(60))
      options.limits.receivedMessageBytesMaximum = 64 << 20
      options.metadata = metadata
      let large = try await channel.unary(Methods.unary, Request(payload: payload, times: 50), options)
      #expect(large.payload.count == 50 * payload.count)
      #expect(large.payload.slice(from: 0, count: payload.count) == payload)

      let collected: Response = try await channel.clientStreaming(Methods.collect) {
        requests throws(GRPCStatus) in
        for index in 0..<500 { try await requests.send(Request("\(index % 10)", payload: ByteBuffer("ab"))) }
      }
      #expect(collected.payload.count == 1000 && collected.sequence == 500)

      var sequence: UInt64 = 0
      for try await response in try await channel.serverStreaming(
        Methods.expand, Request("x", payload: bytes(2000), times: 1000))
      {
        #expect(response.sequence == sequence && response.payload.count == 2000)
        sequence += 1
      }
      #expect(sequence == 1000)

      let chat = try await channel.bidirectional(Methods.chat)
      for turn in 0..<100 {
        try await chat.requests.send(Request("\(turn)", times: 2))
        #expect(try await chat.responses.next()?.text == "\(turn)")
        #expect(try await chat.responses.next()?.text == "\(turn)")
      }
      try await chat.requests.finish()
      #expect(try await chat.responses.next() == nil)
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func carryMetadataBothWays(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      for (name, isText) in [("x-text", true), ("x-bytes-bin", false)] {
        var options = GRPCCallOptions()
        if isText {
          try options.metadata.append(name, "some text")
        } else {
          try options.metadata.append(name, bytes: ByteBuffer([0, 0xff, 1]))
        }
        let call = try await fixture.channel.bidirectional(
          GRPCMethod<Request, Response>(Methods.unary.path, .bidirectional), options)
        try await call.requests.send(Request("m"))
        try await call.requests.finish()
        let head = try await call.responses.metadata()
        if isText {
          #expect(head.text(name) == "some text")
        } else {
          #expect(head.bytes(name) == ByteBuffer([0, 0xff, 1]))
        }
        #expect(try await call.responses.next()?.text == "m")
        #expect(try await call.responses.next() == nil)
        #expect(call.responses.trailingMetadata.text("x-trailer") == "the end")
      }
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func failWithTheirStatus(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      for code in GRPCCode.allCases where code != .ok {
        let failure = await status { () throws(GRPCStatus) in
          _ = try await fixture.channel.unary(Methods.unary, Request("50 % Ünï\n", fail: code.rawValue))
        }
        #expect(failure?.code == code && failure?.message == "50 % Ünï\n")
      }
      let unknown = GRPCMethod<Request, Response>(
        GRPCPath(service: "varve.testing.v1.Nobody", method: "Nothing"), .unary)
      let failure = await status { () throws(GRPCStatus) in
        _ = try await fixture.channel.unary(unknown, Request())
      }
      #expect(failure?.code == .unimplemented)
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func endAtTheirDeadline(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      let failure = await status { () throws(GRPCStatus) in
        _ = try await fixture.channel.unary(
          Methods.unary, Request("late", delay: 60_000), GRPCCallOptions(timeout: .milliseconds(200)))
      }
      #expect(failure?.code == .deadlineExceeded)
      // The connection serves the next.
      let next = try await fixture.channel.unary(Methods.unary, Request("a"))
      #expect(next.text == "a")
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func canBeGivenUp(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      let responses = try await fixture.channel.serverStreaming(
        Methods.expand, Request("x", times: 1_000_000, delay: 10))
      #expect(try await responses.next()?.text == "x")
      responses.cancel()
      let failure = await status { () throws(GRPCStatus) in
        while try await responses.next() != nil {}
      }
      #expect(failure?.code == .cancelled)

      // A task that is cancelled gives its call up.
      let channel = fixture.channel
      let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
      let task: Task<GRPCStatus?, Never> = Task {
        await status { () throws(GRPCStatus) in
          let responses = try await channel.serverStreaming(
            Methods.expand, Request("x", times: 1_000_000, delay: 10))
          _ = try await responses.next()
          beginning.finish()
          while try await responses.next() != nil {}
        }
      }
      for await _ in begun {}
      task.cancel()
      let ended = await task.value
      #expect(ended?.code == .cancelled)
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func manyAtOnceShareAConnection(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      let channel = fixture.channel
      try await withThrowingTaskGroup { group in
        for index in 0..<400 {
          group.addTask {
            let answer = try await channel.unary(Methods.unary, Request("\(index)", delay: index % 5))
            return answer.text == "\(index)"
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func compressTheirMessages(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      var payload = ByteBuffer()
      for _ in 0..<5000 { payload.append("again and again ") }
      var options = GRPCCallOptions()
      options.compression = .gzip
      #expect(
        try await fixture.channel.unary(Methods.unary, Request(payload: payload), options).payload == payload)
      let collected: Response = try await fixture.channel.clientStreaming(
        Methods.collect, options
      ) { requests throws(GRPCStatus) in
        for _ in 0..<20 { try await requests.send(Request(payload: payload)) }
      }
      #expect(collected.payload.count == 20 * payload.count)
    }
  }

  @Test(arguments: EchoServerKind.allCases)
  func keepToTheirLimits(kind: EchoServerKind) async throws {
    try await EchoFixture.with(kind) { fixture in
      var options = GRPCCallOptions()
      options.limits.receivedMessageBytesMaximum = 1000
      options.limits.sentMessageBytesMaximum = 2000
      let longAnswer = await status { () throws(GRPCStatus) in
        _ = try await fixture.channel.unary(
          Methods.unary, Request(payload: bytes(500), times: 3), options)
      }
      #expect(longAnswer?.code == .resourceExhausted)
      let longRequest = await status { () throws(GRPCStatus) in
        _ = try await fixture.channel.unary(
          Methods.unary, Request(payload: bytes(2000)), options)
      }
      #expect(longRequest?.code == .resourceExhausted)
    }
  }

  /// Whoever does not read does not make anybody's memory grow: the server waits.
  @Test func aSlowReaderMakesTheServerWait() async throws {
    try await EchoFixture.with(.ours) { fixture in
      let responses = try await fixture.channel.serverStreaming(
        Methods.expand, Request("x", payload: bytes(100_000), times: 200))
      var count = 0
      for try await response in responses {
        if count < 10 { await Task.yield() }
        #expect(response.sequence == UInt64(count))
        count += 1
      }
      #expect(count == 200)
    }
  }
}
