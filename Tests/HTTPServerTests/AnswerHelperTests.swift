// Bodies that are coded, forms, JSON, and answers that are made smaller.

import Bytes
import HTTP
import HTTPServer
import Runtime
import Telemetry
import Testing
import Wire

@Suite("Answers and bodies with help") struct AnswerHelperTests {
  static let router: Router = {
    var routes = Routes()
    routes.use(ProblemAnswers())
    routes.post("/decoded") { exchange, _ in
      HTTPResponse(contentType: "application/octet-stream", body: try await exchange.decodedBody(limit: 1000))
    }
    routes.post("/chunks") { exchange, _ in
      var (chunks, total) = (try exchange.decodedChunks(limit: 1 << 20), 0)
      while let piece = try await chunks.next(from: &exchange) { total += piece.count }
      return HTTPResponse(text: "\(total)")
    }
    routes.post("/form") { exchange, _ in
      let form = try await exchange.form(limit: 1000)
      return HTTPResponse(text: form.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "|"))
    }
    routes.post("/multipart") { exchange, _ in
      var (form, text) = (try exchange.multipart(limit: 1000), "")
      while let event = try await form.next(from: &exchange) {
        switch event {
        case .part(let part): text += "\(part.name)\(part.fileName.map { "[\($0)]" } ?? "")="
        case .data(let data): text += String(validating: data) ?? "?"
        case .partEnd: text += "|"
        case .end: text += "end"
        }
      }
      return HTTPResponse(text: text)
    }
    routes.post("/files") { exchange, _ in
      var (form, names) = (try exchange.multipart(), [String]())
      while let event = try await form.next(from: &exchange) {
        if case .part(let part) = event { names.append(part.name) }
      }
      return HTTPResponse(text: names.joined(separator: " "))
    }
    routes.post("/json") { exchange, _ in .json(201, try await exchange.jsonBody(limit: 100)) }
    var compressed = Routes()
    compressed.use(ResponseCompression())
    compressed.get("/large") { _, _ in
      HTTPResponse(
        fields: ["Content-Type": "text/plain; charset=utf-8", "ETag": "\"a\""], body: .bytes(large))
    }
    compressed.get("/small") { _, _ in HTTPResponse(text: "small") }
    compressed.get("/image") { _, _ in HTTPResponse(contentType: "image/png", body: large) }
    compressed.get("/coded") { _, _ in
      HTTPResponse(fields: ["Content-Type": "text/plain", "Content-Encoding": "br"], body: .bytes(large))
    }
    compressed.get("/kept") { _, _ in
      HTTPResponse(
        fields: ["Content-Type": "text/plain", "Cache-Control": "public, no-transform"], body: .bytes(large))
    }
    compressed.get("/part") { _, _ in
      HTTPResponse(
        206, fields: ["Content-Type": "text/plain", "Content-Range": "bytes 0-1/2"], body: .bytes(large))
    }
    compressed.get("/json") { _, _ in
      .json { writer in
        writer.beginArray()
        for number in 0..<1000 { writer.integer(number) }
        writer.endArray()
      }
    }
    routes.group("/get", compressed)
    return Router(routes, server: "test", metrics: MetricRegistry())
  }()

  static let large = ByteBuffer(String(repeating: "all work and no play ", count: 200))

  /// Posts `body` and returns the status and the answer's body.
  static func post(
    _ path: String, _ fields: String, _ body: ByteBuffer, piece: Int = .max
  ) async throws -> (status: Int, text: String) {
    try await ServerFixture.with(router) { fixture in
      try await fixture.connect { client in
        client.connection.output.append(
          "POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)Content-Length: \(body.count)\r\n\r\n"
        )
        var rest = body
        while !rest.isEmpty {
          client.connection.output.append(rest.split(min(piece, rest.count)))
          try await client.connection.flush()
        }
        try await client.connection.flush()
        let answer = try await client.receiveToEnd()
        let split = try #require(answer.range(of: "\r\n\r\n"))
        return (try #require(answer.statuses.first), String(answer[split.upperBound...]))
      }
    }
  }

  static func code(_ answer: (status: Int, text: String)) throws -> String {
    "\(answer.status) \(try JSONValue(parsing: answer.text)["code"]?.string ?? "-")"
  }

  @Test(
    "A coded body is decoded", arguments: [ContentCoding.gzip, .deflate, .zstd, .identity], [Int.max, 7])
  func decoding(coding: ContentCoding, piece: Int) async throws {
    let coded = try ContentEncoder.encode(ByteBuffer("hello, hello, hello"), as: coding)
    let field = "Content-Encoding: \(coding.rawValue)\r\n"
    let answer = try await Self.post("/decoded", field, coded, piece: piece)
    #expect(answer.status == 200)
    #expect(answer.text == "hello, hello, hello")
  }

  @Test func whatComesOutOfABodyIsLimited() async throws {
    let bomb = try ContentEncoder.encode(ByteBuffer(repeatElement(0x61, count: 100_000)), as: .gzip)
    let gzip = "Content-Encoding: gzip\r\n"
    #expect(try Self.code(try await Self.post("/decoded", gzip, bomb)) == "413 body_too_large")
    #expect(try await Self.post("/chunks", gzip, bomb).text == "100000")
    let plain = ByteBuffer(repeatElement(0x61, count: 1001))
    #expect(try Self.code(try await Self.post("/decoded", "", plain)) == "413 body_too_large")
  }

  @Test func whatIsNotCodedAsItSaysIsRefused() async throws {
    let text = ByteBuffer("hello")
    func code(_ coding: String, _ body: ByteBuffer) async throws -> String {
      try Self.code(try await Self.post("/decoded", "Content-Encoding: \(coding)\r\n", body))
    }
    #expect(try await code("gzip", text) == "400 malformed_coding")
    #expect(try await code("br", text) == "415 unsupported_content_coding")
    let whole = try ContentEncoder.encode(text, as: .gzip)
    #expect(try await code("gzip", whole.slice(from: 0, count: whole.count - 1)) == "400 malformed_coding")
    let empty = try await Self.post("/decoded", "Content-Encoding: gzip\r\n", ByteBuffer())
    #expect(empty.status == 200 && empty.text == "")
  }

  @Test func formsAreRead() async throws {
    let type = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
    #expect(try await Self.post("/form", type, ByteBuffer("a=1&b=x+y%26&a=")).text == "a=1|b=x y&|a=")
    let coded = try ContentEncoder.encode(ByteBuffer("a=1"), as: .zstd)
    #expect(try await Self.post("/form", type + "Content-Encoding: zstd\r\n", coded).text == "a=1")
    #expect(try Self.code(try await Self.post("/form", type, ByteBuffer("a=%zz"))) == "400 malformed_query")
    #expect(
      try Self.code(try await Self.post("/form", "", ByteBuffer("a=1"))) == "415 unsupported_media_type")
  }

  @Test("Multipart forms are read as they arrive", arguments: [Int.max, 1])
  func multipart(piece: Int) async throws {
    let body = ByteBuffer(
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n"
        + "Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\nhello\r\n--b--\r\n")
    let type = "Content-Type: multipart/form-data; boundary=b\r\n"
    #expect(try await Self.post("/multipart", type, body, piece: piece).text == "a=1|f[x.txt]=hello|end")
    let half = body.slice(from: 0, count: body.count - 10)
    #expect(try Self.code(try await Self.post("/multipart", type, half)) == "400 malformed_multipart")
    let coded = try ContentEncoder.encode(body, as: .gzip)
    #expect(
      try await Self.post("/files", type + "Content-Encoding: gzip\r\n", coded, piece: piece).text == "a f")
    let long = ByteBuffer(repeatElement(0x61, count: 2000))
    #expect(try Self.code(try await Self.post("/multipart", type, long)).hasPrefix("4"))
    #expect(try Self.code(try await Self.post("/multipart", "", body)) == "415 unsupported_media_type")
  }

  @Test func jsonIsReadAndWritten() async throws {
    let type = "Content-Type: application/vnd.x+json\r\n"
    let answer = try await Self.post("/json", type, ByteBuffer(" {\"a\": [1, 2]} "))
    #expect(answer.status == 201 && answer.text == "{\"a\":[1,2]}")
    #expect(try Self.code(try await Self.post("/json", type, ByteBuffer("{"))) == "400 malformed_json")
    #expect(
      try Self.code(try await Self.post("/json", "Content-Type: text/plain\r\n", ByteBuffer("{}")))
        == "415 unsupported_media_type")
  }

  // MARK: Compression

  /// The head and the body of an answer, as bytes.
  static func get(_ path: String, _ fields: String) async throws -> (head: String, body: ByteBuffer) {
    try await ServerFixture.with(router) { fixture in
      try await fixture.connect { client in
        try await client.send("GET /get\(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
        let head = try await client.receive(through: "\r\n\r\n")
        while try await client.connection.receive() > 0 {}
        return (head, client.connection.input)
      }
    }
  }

  @Test(
    "An answer is compressed as the client likes it",
    arguments: [
      ("gzip", ContentCoding.gzip), ("zstd", .zstd), ("gzip, deflate, br, zstd", .zstd),
      ("gzip, *;q=0.1", .gzip),
      ("br", .identity), ("identity", .identity), ("gzip;q=0", .identity),
    ])
  func compression(accept: String, coding: ContentCoding) async throws {
    let (head, body) = try await Self.get("/large", "Accept-Encoding: \(accept)\r\n")
    #expect(head.contains("\r\nVary: Accept-Encoding\r\n"))
    #expect(head.contains("\r\nContent-Length: \(body.count)\r\n"))
    let isCoded = coding != .identity
    #expect(head.contains("\r\nContent-Encoding: \(coding.rawValue)\r\n") == isCoded)
    // Other bytes, so no longer strongly the same.
    #expect(head.contains("\r\nETag: W/\"a\"\r\n") == isCoded)
    #expect((body.count < Self.large.count) == isCoded)
    let decoder = try ContentDecoder(coding, bytesMaximum: Self.large.count)
    var (input, output) = (body, ByteBuffer())
    while try decoder.decode(&input, into: &output) {}
    try decoder.finish()
    #expect(output == Self.large)
  }

  @Test(
    "What would not gain from it, or must not be changed, is left alone",
    arguments: ["/small", "/image", "/coded", "/kept", "/part"])
  func uncompressed(path: String) async throws {
    let (head, body) = try await Self.get(path, "Accept-Encoding: gzip, zstd\r\n")
    #expect(!head.contains("zstd") && !head.contains("gzip") && !head.contains("Vary"))
    if path != "/small" { #expect(body == Self.large) }
  }

  @Test func jsonIsCompressed() async throws {
    #expect(try await Self.get("/json", "Accept-Encoding: gzip\r\n").head.contains("Content-Encoding: gzip"))
    #expect(try await !Self.get("/json", "").head.contains("Content-Encoding"))
  }
}
