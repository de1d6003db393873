// Responses as a client has to read them: where the body ends, and whether the connection can be used again.

import Bytes
import HTTP
import HTTP1
import Testing

@Suite("HTTP/1.1 responses") struct HTTP1ResponseParserTests {
  /// `200 exactly(5) kept`, or the error.
  static func outcome(_ text: String, _ method: HTTPMethod, pieces: Int, limits: HTTP1Limits = HTTP1Limits())
    -> String
  {
    var parser = HTTP1ResponseParser(limits: limits)
    var input = ByteBuffer()
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      input.append(contentsOf: bytes[start..<min(start + pieces, bytes.count)])
      do throws(HTTP1Error) {
        if let message = try parser.next(from: &input, answering: method) {
          return "\(message.head.status.code) \(message.body) \(message.keepsAlive ? "kept" : "closed")"
        }
      } catch {
        switch error {
        case .malformed: return "malformed"
        default: return "\(error)"
        }
      }
    }
    return "more"
  }

  static let cases: [(String, HTTPMethod, String)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .get, "200 exactly(5) kept"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .get, "200 none kept"),
    ("HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", .get, "200 exactly(5) kept"),
    ("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", .get, "200 exactly(5) kept"),
    ("HTTP/1.1 200 Größe 1\r\nContent-Length: 5\r\n\r\n", .get, "200 exactly(5) kept"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", .get, "200 exactly(5) closed"),
    ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", .get, "200 exactly(5) closed"),
    ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", .get, "200 exactly(5) kept"),
    ("HTTP/1.1 200 OK\r\n\r\n", .get, "200 untilClose closed"),
    ("HTTP/1.1 200 OK\r\n\r\n", .head, "200 none kept"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .head, "200 none kept"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .head, "200 none kept"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .get, "200 chunked kept"),
    ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .get, "204 none kept"),
    ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", .get, "304 none kept"),
    ("HTTP/1.1 100 Continue\r\n\r\n", .post, "100 none kept"),
    ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", .get, "103 none kept"),
    (
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", .get,
      "101 tunnel closed"
    ),
    ("HTTP/1.1 200 OK\r\n\r\n", .connect, "200 tunnel closed"),
    ("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\n", .connect, "407 exactly(2) kept"),
    ("HTTP/1.1 999 X\r\nContent-Length: 1\r\n\r\n", .get, "999 exactly(1) kept"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .get, "malformed"),
    ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .get, "unsupportedTransferCoding"),
    ("HTTP/1.1 200 OK\r\nX : y\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\n X: y\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\nX: y\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nX: y\n\r\n", .get, "malformed"), ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 2000 OK\r\n\r\n", .get, "malformed"), ("HTTP/1.1 20 OK\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1 099 OK\r\n\r\n", .get, "malformed"), ("HTTP/1.1 +20 OK\r\n\r\n", .get, "malformed"),
    ("HTTP/1.1  200 OK\r\n\r\n", .get, "malformed"), ("HTTP/1.1\t200 OK\r\n\r\n", .get, "malformed"),
    ("HTTP/2.0 200 OK\r\n\r\n", .get, "unsupportedVersion"), ("HTTP/1.1200 OK\r\n\r\n", .get, "malformed"),
    ("http/1.1 200 OK\r\n\r\n", .get, "malformed"), ("ICY 200 OK\r\n\r\n", .get, "malformed"),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", .get, "malformed"), ("<html></html>\r\n", .get, "malformed"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", .get, "bodyTooLarge(limit: 1048576)"),
    ("HTTP/1.1 200 OK\r\n", .get, "more"),
  ]

  @Test("A response is understood or refused, however it is cut up", arguments: cases)
  func table(text: String, method: HTTPMethod, expected: String) {
    for pieces in [text.utf8.count, 1, 3] {
      #expect(Self.outcome(text, method, pieces: pieces) == expected)
    }
  }

  @Test func theAnswerFollowsWhatPrecedesIt() throws {
    var parser = HTTP1ResponseParser()
    var input = ByteBuffer(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 201 Created\r\nB: 2\r\nContent-Length: 3\r\n\r\nabc"
    )
    #expect(try parser.next(from: &input, answering: .post)?.head.status == 100)
    #expect(try parser.next(from: &input, answering: .post)?.head.fields["a"] == "1")
    let answer = try #require(try parser.next(from: &input, answering: .post))
    #expect(answer.head.status == 201)
    #expect(answer.head.fields.pairs.map(\.name) == ["B", "Content-Length"])
    #expect(String(validating: input) == "abc")
  }

  @Test func limitsAreMet() {
    var limits = HTTP1Limits()
    limits.lineBytesMaximum = 20
    limits.fieldBytesMaximum = 20
    limits.fieldsMaximum = 2
    let cases: [(String, String)] = [
      ("HTTP/1.1 200 \(String(repeating: "x", count: 7))\r\n\r\n", "200 untilClose closed"),
      ("HTTP/1.1 200 \(String(repeating: "x", count: 8))\r\n\r\n", "lineTooLong(limit: 20)"),
      ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 15))\r\n\r\n", "200 untilClose closed"),
      ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 16))\r\n\r\n", "fieldsTooLong(limit: 20)"),
      ("HTTP/1.1 200 OK\r\nA:\r\nB:\r\n\r\n", "200 untilClose closed"),
      ("HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n\r\n", "tooManyFields(limit: 2)"),
    ]
    for (text, expected) in cases {
      for pieces in [text.utf8.count, 1] {
        #expect(
          Self.outcome(text, .get, pieces: pieces, limits: limits) == expected, "\(text.debugDescription)")
      }
    }
  }
}
