// Files in parts and under conditions, on the wire; and the same requests put to nginx, which has to agree.

import Bytes
import Foundation
import HTTP
import HTTPServer
import Peers
import Runtime
import Telemetry
import Testing

@Suite("Files as answers") struct FileAnswerTests {
  static let modified: Int64 = 784_111_777
  static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

  /// A router with one file, `/f.txt`, changed on `date`.
  static func router(_ file: UnnamedFile, size: Int) -> Router {
    var routes = Routes()
    routes.use(ProblemAnswers())
    routes.get("/f.txt") { exchange, _ in
      var answer = FileAnswer(
        descriptor: file.descriptor, size: Int64(size),
        modified: Timestamp(nanoseconds: modified * 1_000_000_000),
        looked: Timestamp(nanoseconds: (modified + 60) * 1_000_000_000), contentType: "text/plain")
      answer.fields.append("Cache-Control", "no-cache")
      try await exchange.respond(file: answer)
      return nil
    }
    return Router(routes, server: "test", metrics: MetricRegistry())
  }

  static func with<Result: Sendable>(
    _ text: String, _ body: (ServerFixture) async throws -> Result
  ) async throws -> Result {
    let file = try UnnamedFile(Array(text.utf8))
    return try await ServerFixture.with(router(file, size: text.utf8.count), body)
  }

  static func request(_ fields: String, method: String = "GET", path: String = "/f.txt") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n"
  }

  @Test(
    "Each kind of answer has its fields",
    arguments: [
      (
        "", "200 OK",
        ["ETag: \"", "Last-Modified: \(date)", "Accept-Ranges: bytes", "Content-Type: text/plain"],
        "0123456789"
      ),
      (
        "Range: bytes=2-4\r\n", "206 Partial Content",
        ["Content-Range: bytes 2-4/10", "Content-Length: 3", "ETag: \""], "234"
      ),
      ("Range: bytes=-3\r\n", "206 Partial Content", ["Content-Range: bytes 7-9/10"], "789"),
      (
        "Range: bytes=10-\r\n", "416 Range Not Satisfiable", ["Content-Range: bytes */10", "problem+json"],
        nil
      ),
      ("Range: bytes=0-1\r\nRange: bytes=2-3\r\n", "200 OK", ["Content-Length: 10"], "0123456789"),
      (
        "If-None-Match: *\r\n", "304 Not Modified",
        ["ETag: \"", "Last-Modified: \(date)", "Cache-Control: no-cache"], ""
      ),
      ("If-Modified-Since: \(date)\r\nRange: bytes=0-0\r\n", "304 Not Modified", [], ""),
      ("If-Match: \"other\"\r\n", "412 Precondition Failed", ["problem+json"], nil),
      ("If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT\r\n", "412 Precondition Failed", [], nil),
      ("Range: bytes=1-1\r\nIf-Range: \(date)\r\n", "206 Partial Content", [], "1"),
      ("Range: bytes=1-1\r\nIf-Range: \"other\"\r\n", "200 OK", [], "0123456789"),
    ] as [(String, String, [String], String?)])
  func answers(fields: String, status: String, parts: [String], body: String?) async throws {
    try await Self.with("0123456789") { fixture in
      let answer = try await fixture.send(Self.request(fields))
      #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(answer)")
      for part in parts { #expect(answer.contains(part), "\(part) in \(answer)") }
      if let body { #expect(answer.hasSuffix("\r\n\r\n" + body)) }
    }
  }

  @Test func rangesAreForGetAlone() async throws {
    try await Self.with("0123456789") { fixture in
      let answer = try await fixture.send(Self.request("Range: bytes=2-4\r\n", method: "HEAD"))
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.contains("Content-Length: 10\r\n") && answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func severalPartsComeInOneBodyOfAKnownLength() async throws {
    try await Self.with("0123456789") { fixture in
      let answer = try await fixture.send(Self.request("Range: bytes=-1,0-1, 20-\r\n"))
      #expect(answer.statuses == [206])
      #expect(!answer.contains("chunked"))
      let (type, parts) = try Self.parts(answer)
      #expect(type == "multipart/byteranges")
      #expect(parts == ["text/plain bytes 9-9/10 9", "text/plain bytes 0-1/10 01"])
    }
  }

  /// The parts of a multipart answer, without the boundary, which is anybody's.
  static func parts(_ answer: String) throws -> (type: String, parts: [String]) {
    let split = try #require(answer.range(of: "\r\n\r\n"))
    let (head, body) = (answer[..<split.lowerBound], answer[split.upperBound...])
    let line = try #require(
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-type: ") })
    let type = try #require(MediaType(String(line.dropFirst(14))))
    let boundary = try #require(type["boundary"])
    let length = try #require(
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") })
    #expect(Int(length.dropFirst(16)) == body.utf8.count)
    let pieces = ("\r\n" + body).components(separatedBy: "\r\n--\(boundary)")
    #expect(pieces.last == "--\r\n")
    return (
      type.essence,
      pieces.dropFirst().dropLast().filter { !$0.isEmpty }.map { piece in
        let halves = piece.components(separatedBy: "\r\n\r\n")
        let fields = halves[0].split(separator: "\r\n").map { field in
          String(field.drop { $0 != ":" }.dropFirst(2))
        }
        return (fields + halves.dropFirst()).joined(separator: " ")
      }
    )
  }

  // MARK: nginx

  /// What is to be the same: the status, the body, and the fields that say what it is.
  static func essence(_ answer: String) throws -> String {
    let status = answer.dropFirst(9).prefix(3)
    if status == "206", answer.contains("multipart/byteranges") {
      let (type, parts) = try parts(answer)
      return "206 \(type) \(parts)"
    }
    let split = try #require(answer.range(of: "\r\n\r\n"))
    let wanted = ["content-range", "last-modified"]
    let fields = answer[..<split.lowerBound].split(separator: "\r\n").filter { line in
      wanted.contains { line.lowercased().hasPrefix($0 + ":") }
    }
    let kept = fields.map { $0.lowercased() }.sorted()
    // The words of a refusal are everybody's own.
    let body = status == "200" || status == "206" ? String(answer[split.upperBound...]) : ""
    return "\(status) \(kept) \(body)"
  }

  static func tag(_ answer: String) throws -> String {
    let line = try #require(answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("etag: ") })
    return String(line.dropFirst(6))
  }

  @Test(.enabled(if: NginxServer.isInstalled, "nginx is not installed: ops/setup installs it"))
  func nginxAgrees() async throws {
    let text = String((0..<1000).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) })
    let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    let after = "Sun, 06 Nov 1994 08:49:38 GMT"
    // Of ranges that are malformed nginx ignores the empty one alone, `bytes=`; here all are refused.
    var requests = [
      "0-0", "0-", "-1", "-1000", "-1001", "999-", "999-5000", "1000-", "0-999", "10-20", "0-0,-1",
      "0-1,5-6,998-",
      "5-6,1-2", "0-1, 4-5 ,8-9", "0-0,2000-", "2000-,3000-", "-0", "0-500,400-600", "0-,0-", "0-999,0-0",
      "1-",
      "0-1,-0", "abc", "5-", "5", "-", "0-1,abc", "0-1;2-3", "1-2-3", "0-99999999999",
    ].map { "Range: bytes=\($0)\r\n" }
    requests += ["Range: lines=0-1\r\n", "Range: bytes 0-1\r\n", ""]
    for value in ["*", "@", "\"x\"", "\"x\", @", "W/@", "W/\"x\"", "\"x\",@,\"y\""] {
      requests.append("If-None-Match: \(value)\r\n")
      if !value.hasPrefix("W/") { requests.append("If-Match: \(value)\r\n") }
    }
    for day in [before, Self.date, after, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "x"] {
      requests.append("If-Modified-Since: \(day)\r\n")
      // nginx takes a date that is none for a condition that fails; RFC 9110 section 13.1.4 has it ignored.
      if day != "x" { requests.append("If-Unmodified-Since: \(day)\r\n") }
    }
    for value in ["@", "\"x\"", "W/\"x\"", Self.date, before, after] {
      requests.append("Range: bytes=1-3\r\nIf-Range: \(value)\r\n")
    }
    requests += [
      "If-None-Match: \"x\"\r\nIf-Modified-Since: \(after)\r\n",
      "If-None-Match: @\r\nIf-Modified-Since: \(after)\r\n",
      "If-Match: @\r\nIf-None-Match: @\r\n", "If-Match: \"x\"\r\nIf-None-Match: @\r\n",
      "If-None-Match: @\r\nRange: bytes=0-0\r\n", "If-Match: \"x\"\r\nRange: bytes=0-0\r\n",
      "If-Unmodified-Since: \(before)\r\nIf-None-Match: @\r\n", "If-Match: @\r\nRange: bytes=5000-\r\n",
    ]
    let nginx = try NginxServer(file: "f.txt", text: text, modifiedSeconds: Self.modified)
    let checked = requests
    try await Self.with(text) { fixture in
      let loop = fixture.group.next()
      let theirs = SocketAddress.unix(path: nginx.socket)
      @Sendable func ask(_ request: String, _ address: SocketAddress) async throws -> String {
        try await loop.run { () async throws in
          var client = TestClient(try await loop.connect(to: address))
          try await client.send(request)
          return try await client.receiveToEnd()
        }
      }
      let ours = fixture.server.address
      let tags = (
        try Self.tag(try await ask(Self.request(""), ours)),
        try Self.tag(try await ask(Self.request(""), theirs))
      )
      for fields in checked {
        let mine = try await ask(Self.request(fields.replacingOccurrences(of: "@", with: tags.0)), ours)
        let its = try await ask(Self.request(fields.replacingOccurrences(of: "@", with: tags.1)), theirs)
        let (left, right) = (try Self.essence(mine), try Self.essence(its))
        #expect(left == right, "\(fields)")
      }
    }
  }
}
