// Request bodies: how they come in, what happens to those that nobody reads, and what breaks a connection.

import Bytes
import HTTP
import HTTP1
import HTTPServer
import Runtime
import Testing

@Suite("Request bodies over HTTP/1.1") struct BodyTests {
  static let last = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  @Test(
    "A body is read as it was framed, and the next request found behind it",
    arguments: [
      ("Content-Length: 5\r\n\r\nhello", "hello"), ("Content-Length: 0\r\n\r\n", ""), ("\r\n", ""),
      ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello"),
      ("Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n03\r\nllo\r\n0\r\nX-Sum: 7\r\n\r\n", "hello"),
      ("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""),
    ])
  func bodies(rest: String, body: String) async throws {
    try await ServerFixture.with { fixture in
      let answers = try await fixture.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(rest)\(Self.last)")
      #expect(answers.statuses == [200, 200])
      #expect(answers.contains("Content-Length: \(body.utf8.count)\r\n\r\n\(body)HTTP/1.1 200"))
    }
  }

  @Test func howTheBytesAreCutUpChangesNothing() async throws {
    let requests =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world"
      + "\r\nPOST /stream-echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5\r\nabcde\r\n1;x\r\nf\r\n0\r\nX-Sum: 9\r\n\r\n" + Self.last
    try await ServerFixture.with { fixture in
      let whole = try await fixture.send(requests).stable
      #expect(whole.statuses == [200, 200, 200])
      // A streamed echo is cut into other chunks; what must not change is what they hold.
      #expect(whole.contains("X-Count: 6\r\nX-Sum: 9\r\n"))
      let pieces = try await fixture.connect { client in
        for byte in requests { try await client.send(String(byte)) }
        return try await client.receiveToEnd().stable
      }
      #expect(pieces.statuses == [200, 200, 200])
      #expect(pieces.contains("X-Count: 6\r\nX-Sum: 9\r\n"))
      #expect(pieces.contains("hello worldHTTP/1.1"))
    }
  }

  @Test func anAnswerCanBeginBeforeTheBodyHasEnded() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect { client in
        try await client.send("POST /stream-echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try await client.send("3\r\none\r\n")
        #expect(try await client.receive(through: "one\r\n").hasSuffix("\r\n\r\n3\r\none\r\n"))
        try await client.send("3\r\ntwo\r\n")
        #expect(try await client.receive(through: "two\r\n") == "3\r\ntwo\r\n")
        try await client.send("0\r\n\r\n")
        #expect(
          try await client.receive(through: "none\r\n\r\n") == "0\r\nX-Count: 6\r\nX-Sum: none\r\n\r\n")
      }
    }
  }

  @Test func aClientThatAsksIsToldToContinueWhenTheBodyIsWanted() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect { client in
        try await client.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n")
        #expect(try await client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try await client.send("abc")
        #expect(
          try await client.receive(through: "abc").stable.hasPrefix("HTTP/1.1 200 OK\r\nContent-Length: 3"))
        // Who did not wait is not told.
        try await client.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
        #expect(try await client.receive(through: "abc").hasPrefix("HTTP/1.1 200 OK"))
        // Nor who sends nothing, nor who is refused; whether the body will come nobody knows then.
        try await client.send(
          "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        let refused = try await client.receiveToEnd()
        #expect(refused.hasPrefix("HTTP/1.1 200 OK"))
        #expect(refused.contains("Connection: close\r\n"))
      }
      let unknown = try await fixture.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 200-maybe\r\n\r\nabc")
      #expect(unknown.statuses == [417])
      let old = try await fixture.send(
        "POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
      #expect(old.statuses == [200])
    }
  }

  @Test func aBodyThatNobodyReadsIsReadAwayUpToALimit() async throws {
    try await ServerFixture.with(configure: { $0.unreadBodyBytesMaximum = 100 }) { fixture in
      func send(_ count: Int, _ headers: String, _ body: String) async throws -> String {
        try await fixture.send("POST /ignore HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\(body)\(Self.last)")
      }
      let small = String(repeating: "s", count: 100)
      #expect(try await send(100, "Content-Length: 100\r\n", small).statuses == [200, 200])
      let chunked = "Transfer-Encoding: chunked\r\n"
      #expect(try await send(100, chunked, "64\r\n\(small)\r\n0\r\n\r\n").statuses == [200, 200])
      let large = String(repeating: "l", count: 50_000)
      let answer = try await send(50_000, "Content-Length: 50000\r\n", large)
      #expect(answer.statuses == [200])
      let chunkedAnswer = try await send(101, chunked, "65\r\n\(small)x\r\n0\r\n\r\n")
      #expect(chunkedAnswer.statuses == [200])
    }
  }

  @Test(
    "A body over a limit is refused and the connection ends",
    arguments: [
      ("/echo", "Content-Length: 1001\r\n\r\n"), ("/echo", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"),
      ("/small", "Content-Length: 5\r\n\r\nabcde"),
      ("/small", "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
      ("/small", "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n"),
    ])
  func tooLarge(path: String, rest: String) async throws {
    try await ServerFixture.with(configure: { $0.limits.bodyBytesMaximum = 1000 }) { fixture in
      let answer = try await fixture.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(rest)")
      #expect(answer.statuses == [413])
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test(
    "A body that breaks a rule is refused and the connection ends",
    arguments: [
      "x\r\n", "\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5 \r\nhello", "+5\r\nhello", "0x5\r\nhello", "5\nhello",
      "5\r\nhello\n0\r\n\r\n", "ffffffffffffffffff\r\n", "5;\r\nhello", "5;a=\u{1}\r\n",
      "0\r\nbad trailer\r\n\r\n",
      "0\r\nContent-Length: 5\r\n\r\n", "-1\r\n",
    ])
  func broken(body: String) async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)\(Self.last)")
      #expect(answer.statuses == [400])
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func aBodyThatEndsEarlyIsNoBody() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        try await client.connection.finishWriting()
        #expect(try await client.receiveToEnd().statuses == [400])
      }
    }
  }

  @Test func aSlowReaderHoldsTheWriterBack() async throws {
    // Far more than the kernel buffers: the handler must have been suspended, or the server would hold it all.
    let count = 24 << 20
    try await ServerFixture.with(BulkHandler(count: count)) { fixture in
      try await fixture.connect { client in
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        var received = 0
        while try await client.connection.receive() > 0 {
          received += client.connection.input.count
          client.connection.input.clear()
        }
        #expect(received > count)
      }
    }
  }
}

/// Writes a large body piece by piece.
struct BulkHandler: HTTPHandler {
  let count: Int

  func respond(to exchange: inout Exchange) async throws(HTTPError) {
    try await exchange.start(HTTPResponseHead(), length: .exactly(count))
    let piece = ByteBuffer([UInt8](repeating: 0x61, count: 64 << 10))
    for _ in 0..<count / piece.count { try await exchange.write(piece) }
  }
}
