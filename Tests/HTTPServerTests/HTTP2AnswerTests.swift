// Requests and answers over HTTP/2: the same handlers as over HTTP/1.1, and the same rules.

import Bytes
import HTTP
import HTTP1
import HTTP2
import HTTPServer
import Runtime
import Telemetry
import Testing

@Suite("Answers over HTTP/2") struct HTTP2AnswerTests {
  @Test func oneConnectionAnswersManyRequests() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        for _ in 0..<5 {
          let answer = try await client.get("/hello")
          #expect(answer.status == 200)
          #expect(answer.text == "hello")
          #expect(answer.fields["content-length"] == "5")
          #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
          #expect(answer.fields["x-request-id"] != nil)
          #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
          #expect(answer.reset == nil)
        }
      }
    }
  }

  @Test func bothVersionsAreSpokenOnOnePort() async throws {
    try await ServerFixture.with { fixture in
      let found1 = try await fixture.connect2 { try await $0.get("/hello").text }
      #expect(found1 == "hello")
      let old = try await fixture.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(old.statuses == [200])
      // What only begins like HTTP/2 is judged as HTTP/1.1, in one piece or in two.
      for pieces in [
        ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nX".dropLast(2) + "X\n"], ["PRI * HTT", "P/1.1\r\n\r\n"],
      ] {
        let answer = try await fixture.connect { client in
          for piece in pieces { try await client.send(String(piece)) }
          return try await client.receiveToEnd()
        }
        #expect(answer.statuses == [505] || answer.statuses == [400])
      }
    }
  }

  @Test func whereItIsSwitchedOffOnlyHTTP1IsSpoken() async throws {
    try await ServerFixture.with(configure: { $0.http2 = nil }) { fixture in
      let answer = try await fixture.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      #expect(answer.statuses == [505])
    }
  }

  @Test(
    "Bodies are sent as the status and the method have it",
    arguments: [
      ("GET", "/none", 200, "", "0"), ("GET", "/empty", 204, "", nil), ("HEAD", "/hello", 200, "", "5"),
      ("GET", "/chunks", 200, "abcxxxxxxxxxxxxxxxxxxxx", nil), ("HEAD", "/chunks", 200, "", nil),
      ("GET", "/nothing", 404, "there is nothing here\n", "22"), ("GET", "/refuse", 409, "not now\n", "8"),
      ("GET", "/fail", 500, "the server failed to answer\n", "28"),
      ("GET", "/silent", 500, "the server failed to answer\n", "28"),
      ("GET", "/upgrade", 501, "a stream of HTTP/2 cannot change the protocol\n", "46"),
    ] as [(String, String, Int, String, String?)])
  func bodies(method: String, path: String, status: Int, text: String, length: String?) async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.connect2 { try await $0.get(path, method: method) }
      #expect(answer.status == status)
      #expect(answer.text == text)
      #expect(answer.fields["content-length"] == length)
      #expect(answer.reset == nil)
    }
  }

  @Test(
    "Half an answer is cut", arguments: [("/fail-late", "half"), ("/too-much", ""), ("/too-little", "abc")])
  func cut(path: String, text: String) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        let answer = try await client.get(path)
        #expect(answer.reset == .internalError)
        #expect(text.hasPrefix(answer.text))
        // Other streams are none the worse.
        let found2 = try await client.get("/hello").text
        #expect(found2 == "hello")
      }
    }
  }

  @Test func fieldsThatFrameMessagesAreTheServersToWrite() async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.connect2 { try await $0.get("/fields?v=a%0d%0ab") }
      #expect(answer.fields["x-early"] == "1")
      #expect(answer.fields["x-query"] == "a  b")
      #expect(answer.fields["connection"] == nil)
      #expect(answer.fields.values(of: "content-length") == ["1"])
    }
  }

  @Test func bodiesAndTrailersGoBothWays() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        var trailers = HTTP2FieldBlock()
        trailers.append("x-sum", "7")
        let answer = try await client.post("/stream-echo", ByteBuffer("to and fro"), trailers: trailers)
        #expect(answer.text == "to and fro")
        #expect(answer.trailers["x-count"] == "10")
        #expect(answer.trailers["x-sum"] == "7")
      }
    }
  }

  @Test func aHundredStreamsWithLargeBodiesBothWays() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        let bodies = (0..<100).map { ByteBuffer([UInt8](repeating: UInt8($0), count: 100_000)) }
        var streams: [HTTP2Stream] = []
        for body in bodies {
          let stream = try client.ask("POST", "/stream-echo", hasBody: true)
          try client.session.write(body, on: stream)
          try client.session.finish(stream)
          streams.append(stream)
        }
        var answers = [ByteBuffer](repeating: ByteBuffer(), count: 100)
        try await client.run {
          for (index, stream) in streams.enumerated() {
            answers[index].append(client.session.take(from: stream))
          }
          return streams.allSatisfy(\.hasEnded)
        }
        for (index, stream) in streams.enumerated() {
          answers[index].append(client.session.take(from: stream))
          #expect(answers[index] == bodies[index])
          #expect(stream.trailers["x-count"] == "100000")
        }
      }
    }
  }

  @Test func filesOfEverySizeArrive() async throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    let file = try UnnamedFile(bytes)
    for count in [0, 1, 16_384, 65_536, 65_537, 300_000] {
      let range = FileRange(descriptor: file.descriptor, offset: 0, count: count)
      try await ServerFixture.with(TestHandler(file: range)) { fixture in
        try await fixture.connect2 { client in
          let whole = try await client.get("/file")
          #expect(whole.body == ByteBuffer(bytes.prefix(count)))
          #expect(whole.fields["content-length"] == "\(count)")
          let streamed = try await client.get("/file-in-chunks")
          #expect(streamed.body.count == count + 2)
        }
      }
    }
    // The file ends before what was promised.
    let short = FileRange(descriptor: file.descriptor, offset: 0, count: 400_000)
    try await ServerFixture.with(TestHandler(file: short)) { fixture in
      let found3 = try await fixture.connect2 { try await $0.get("/file").reset }
      #expect(found3 == .internalError)
    }
  }

  @Test func bodiesOverALimitAreRefusedAndTheConnectionGoesOn() async throws {
    try await ServerFixture.with(configure: { $0.limits.bodyBytesMaximum = 1000 }) { fixture in
      try await fixture.connect2 { client in
        let body = ByteBuffer([UInt8](repeating: 1, count: 2000))
        let stated = try await client.post("/echo", body, [("content-length", "2000")])
        #expect(stated.status == 413)
        let found4 = try await client.post("/echo", body).status
        #expect(found4 == 413)
        let found5 = try await client.post("/small", ByteBuffer("12345")).status
        #expect(found5 == 413)
        let found6 = try await client.post("/echo", ByteBuffer("fits")).text
        #expect(found6 == "fits")
      }
      #expect(fixture.scrape.contains("varve_http_refusals_total{server=\"test\",code=\"body_too_large\"} 1"))
    }
  }

  @Test func bodiesThatNobodyReadsAreNotWaitedFor() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        let stream = try client.ask("POST", "/ignore", hasBody: true)
        try client.session.write(ByteBuffer([UInt8](repeating: 1, count: 100_000)), on: stream)
        let answer = try await client.answer(to: stream)
        #expect(answer.text == "ignored")
        try await client.run { stream.isClosed }
        #expect(stream.closeCode == .noError)
        // As often as one likes: what was sent in vain does not use the window up.
        for _ in 0..<30 {
          let body = ByteBuffer([UInt8](repeating: 1, count: 100_000))
          let found7 = try await client.post("/ignore", body).text
          #expect(found7 == "ignored")
        }
      }
    }
  }

  @Test func whoWaitsForContinueIsTold() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        let stream = try client.ask("POST", "/echo", [("expect", "100-continue")], hasBody: true)
        try await client.run { !stream.informational.isEmpty }
        #expect(stream.informational.map(\.status.code) == [100])
        try client.session.write(ByteBuffer("now"), on: stream)
        try client.session.finish(stream)
        let found8 = try await client.answer(to: stream).text
        #expect(found8 == "now")
        let found9 = try await client.get("/hello", [("expect", "100-continue")]).informational
        #expect(found9.isEmpty)
      }
    }
  }

  @Test func fieldsOverTheLimitAreAnswered431() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.connect2 { client in
        let many = [(StaticString, String)](repeating: ("x-many", "v"), count: 101)
        let found10 = try await client.get("/hello", many).status
        #expect(found10 == 431)
        let large = [(StaticString, String)](
          repeating: ("x-large", String(repeating: "v", count: 8000)), count: 5)
        let found11 = try await client.get("/hello", large).status
        #expect(found11 == 431)
        let found12 = try await client.get("/hello").status
        #expect(found12 == 200)
      }
      #expect(
        fixture.scrape.contains("varve_http_refusals_total{server=\"test\",code=\"too_many_fields\"} 1"))
    }
  }

  @Test func requestsAreCountedAndLogged() async throws {
    try await ServerFixture.with { fixture in
      let answer = try await fixture.connect2 { client in
        _ = try await client.get("/fail")
        return try await client.post(
          "/echo", ByteBuffer("four"), [("x-request-id", "my-own-name"), ("user-agent", "me")])
      }
      #expect(answer.fields["x-request-id"] == "my-own-name")
      await fixture.server.drain(within: .seconds(5))
      #expect(fixture.scrape.contains("varve_http_requests_total{server=\"test\",status=\"2xx\"} 1"))
      #expect(fixture.scrape.contains("varve_http_requests_total{server=\"test\",status=\"5xx\"} 1"))
      #expect(fixture.scrape.contains("varve_http_request_body_bytes_total{server=\"test\"} 4"))
      #expect(fixture.scrape.contains("varve_http_connections{server=\"test\"} 0"))
      #expect(fixture.scrape.contains("varve_http_requests_in_flight{server=\"test\"} 0"))
      #expect(fixture.logs.flush(within: .seconds(5)))
      let line = fixture.sink.lines.first {
        $0.contains("request_id=my-own-name") && $0.contains("msg=request ")
      }
      #expect(line?.contains("version=HTTP/2 status=200") == true, "\(fixture.sink.lines)")
      #expect(line?.contains("agent=me") == true)
    }
  }
}
