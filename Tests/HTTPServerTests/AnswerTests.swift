// Answers on the wire: how each kind is framed, for HTTP/1.1, HTTP/1.0 and HEAD.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing

@Suite("Answers over HTTP/1.1") struct AnswerTests {
  @Test(
    "Each kind of answer has its framing",
    arguments: [
      (
        "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"
          + "Connection: close\r\n\r\nhello"
      ),
      (
        "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"
          + "Connection: close\r\n\r\n"
      ),
      (
        "GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
          + "3\r\nabc\r\n14\r\nxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n"
      ),
      (
        "GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nabcxxxxxxxxxxxxxxxxxxxx"
      ),
      (
        "HEAD /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      ),
      (
        "GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
      ),
      (
        "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
      ),
      (
        "GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /none HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"
          + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
      ),
      (
        "GET /fields?v=a%0d%0aSet-Cookie:%20x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Early: 1\r\nX-Query: a  Set-Cookie: x\r\nContent-Length: 1\r\n"
          + "Connection: close\r\n\r\nx"
      ),
      (
        "GET /refuse HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 409 Conflict\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 3\r\n"
          + "Content-Length: 8\r\nConnection: close\r\n\r\nnot now\n"
      ),
      (
        "GET /peer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n"
          + "Connection: close\r\n\r\n127.0.0.1"
      ),
    ])
  func framing(request: String, expected: String) async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.send(request)
      #expect(answer.stable == expected)
    }
  }

  @Test func everyAnswerHasADateAndTheRequestsName() async throws {
    let time = ManualTime(wall: Timestamp(nanoseconds: 784_111_777_500_000_000))
    try await ServerFixture.with(time: time) { fixture in
      try await fixture.connect { client in
        try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1\r\n\r\n")
        let first = try await client.receive(through: "hello")
        #expect(first.contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
        #expect(first.contains("\r\nX-Request-Id: abc-1\r\n"))
        time.advance(by: .milliseconds(499))
        try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: not plain\r\n\r\n")
        let second = try await client.receive(through: "hello")
        #expect(second.contains("08:49:37 GMT"))
        #expect(!second.contains("not plain"))
        #expect(second.contains("\r\nX-Request-Id: "))
        time.advance(by: .milliseconds(1))
        try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.receive(through: "hello").contains("08:49:38 GMT"))
      }
    }
  }

  @Test(
    "A handler that breaks its word cuts the connection, and the log says why",
    arguments: [
      ("/too-much", "wroteTooMuch"), ("/too-little", "wroteTooLittle(bytesMissing: 2)"),
      ("/fail-late", "read: "),
    ])
  func cutAnswers(path: String, cause: String) async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
      // The end of the body must be missing: a last chunk, or the bytes that were promised.
      #expect(!answer.contains("\r\n0\r\n\r\n"))
      #expect(!answer.contains("abc"))
      _ = fixture.logs.flush(within: .seconds(10))
      #expect(fixture.sink.lines.contains { $0.contains("request failed") && $0.contains(cause) })
    }
  }

  @Test("Failures inside are told to the log and not to the client", arguments: ["/fail", "/silent"])
  func internalFailures(path: String) async throws {
    try await ServerFixture.with { fixture in
      let request =
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let answers = try await fixture.send(request)
      #expect(answers.statuses == [500, 200], "the connection is kept")
      #expect(!answers.contains("space"))
      _ = fixture.logs.flush(within: .seconds(10))
      let line = fixture.sink.lines.first { $0.contains("request failed") }
      #expect(line?.contains(path == "/fail" ? "No space left" : "didNotAnswer") == true)
    }
  }

  @Test(
    "Files are sent whole, in parts and inside chunks",
    arguments: [(0, 0), (0, 1), (10, 1000), (0, 40_000), (5, 299_995), (0, 300_000)])
  func files(offset: Int, count: Int) async throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) & 0x3f | 0x40 }
    let file = try UnnamedFile(bytes)
    let range = FileRange(descriptor: file.descriptor, offset: Int64(offset), count: count)
    let expected = String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    try await ServerFixture.with(TestHandler(file: range)) { fixture in
      let whole = try await fixture.send("GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(whole.hasSuffix("\r\n\r\n\(expected)"))
      #expect(whole.contains("Content-Length: \(count)\r\n"))
      let head = try await fixture.send("HEAD /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(head.stable == String(whole.stable.dropLast(count)))
      let chunked = try await fixture.send(
        "GET /file-in-chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let size = count == 0 ? "" : "\(String(count, radix: 16))\r\n\(expected)\r\n"
      #expect(chunked.hasSuffix("\r\n\r\n1\r\n<\r\n\(size)1\r\n>\r\n0\r\n\r\n"))
    }
  }

  @Test func aFileThatIsShorterThanItWasCutsTheConnection() async throws {
    let file = try UnnamedFile([], length: 100_000)
    let range = FileRange(descriptor: file.descriptor, offset: 0, count: 200_000)
    try await ServerFixture.with(TestHandler(file: range)) { fixture in
      let answer = try await fixture.send("GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(answer.contains("Content-Length: 200000\r\n"))
      #expect(answer.utf8.count < 200_000)
    }
  }

  @Test func theProtocolCanBeChanged() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect { client in
        // The first bytes of the new protocol travel with the request.
        try await client.send(
          "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ")
        let answer = try await client.receive(through: "first ")
        #expect(
          answer.stable
            == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst ")
        try await client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try await client.receive(through: "\r\n\r\n") == "GET / HTTP/1.1\r\n\r\n")
        try await client.connection.finishWriting()
        #expect(try await client.receiveToEnd() == "")
      }
      let refused = try await fixture.send(
        "POST /upgrade HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
      #expect(refused.statuses == [400])
    }
  }
}
