// RFC 9112 as tables: what is accepted, what is refused and with which status, and that the way bytes are
// cut up on the wire changes neither.

import Bytes
import HTTP
import HTTP1
import Testing

@Suite("HTTP/1.1 request heads") struct HTTP1RequestParserTests {
  /// Parses `text`, all at once or byte by byte.
  private func parse(
    _ text: String, limits: HTTP1Limits = HTTP1Limits(), byteByByte: Bool = false
  ) throws(HTTP1Error) -> (head: HTTPRequestHead, framing: HTTP1Framing)? {
    var parser = HTTP1RequestParser(limits: limits)
    var input = ByteBuffer()
    if !byteByByte {
      input.append(text)
      return try parser.next(from: &input)
    }
    for byte in text.utf8 {
      input.append(byte)
      if let request = try parser.next(from: &input) { return request }
    }
    return nil
  }

  @Test func readsMethodTargetAndFields() throws {
    let (head, framing) = try #require(
      try parse("GET /a/b?x=1&y HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\nAccept: \t text/html \t\r\n\r\n")
    )
    #expect(head.method == .get)
    #expect(head.target == "/a/b?x=1&y")
    #expect(head.path == "/a/b")
    #expect(head.query == "x=1&y")
    #expect(head.authority == "example.org")
    #expect(head.fields["accept"] == "text/html")
    #expect(head.fields["x-empty"] == "")
    #expect(head.fields["absent"] == nil)
    #expect(head.fields.count == 3)
    #expect(framing.keepsAlive)
    #expect(framing.body == .none)
  }

  @Test func pipelinedRequestsComeOutOneByOne() throws {
    var parser = HTTP1RequestParser(limits: HTTP1Limits())
    var input = ByteBuffer("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3")
    #expect(try parser.next(from: &input)?.head.target == "/1")
    #expect(try parser.next(from: &input)?.head.target == "/2")
    #expect(try parser.next(from: &input) == nil)
    input.append(" HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try parser.next(from: &input)?.head.target == "/3")
    #expect(input.isEmpty)
  }

  @Test(
    "Connection decides whether the connection is kept",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: x, CLOSE\r\n", false),
      ("1.1", "Connection: keep-alive\r\n", true), ("1.0", "", false),
      ("1.0", "Connection: Keep-Alive\r\n", true),
      ("1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
  func keepAlive(version: String, field: String, expected: Bool) throws {
    let request = try parse("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
    #expect(request?.framing.keepsAlive == expected)
  }

  @Test(
    "The body's framing",
    arguments: [
      ("Content-Length: 5\r\n", HTTPBodyLength.exactly(5)), ("Content-Length: 0\r\n", .none),
      ("Transfer-Encoding: chunked\r\n", .unknown), ("transfer-encoding: Chunked\r\n", .unknown), ("", .none),
    ])
  func framing(fields: String, expected: HTTPBodyLength) throws {
    #expect(try parse("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")?.framing.body == expected)
  }

  static let refused: [(String, Int)] = [
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    ("GET / a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/1.1\n", 400), ("\n", 400), ("GET / HTTP/1.1\r\nHost: a\n", 400),
    ("GET / HTTP/1.1\r\nHo\rst: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n", 400),
    ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
  ]

  @Test("A malformed head is refused, however it is cut up", arguments: refused)
  func refuses(text: String, status: Int) {
    for byteByByte in [false, true] {
      do throws(HTTP1Error) {
        let request = try parse(text, byteByByte: byteByByte)
        Issue.record("accepted as \(String(describing: request?.head.target))")
      } catch {
        #expect(error.asHTTPError.status.code == status, "\(error)")
      }
    }
  }

  @Test func anEmptyLineBeforeTheRequestIsIgnored() throws {
    #expect(try parse("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n")?.head.target == "/x")
    #expect(try parse("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", byteByByte: true)?.head.target == "/x")
  }

  @Test func everyLimitHasItsStatus() {
    var limits = HTTP1Limits()
    limits.lineBytesMaximum = 40
    limits.fieldBytesMaximum = 60
    limits.fieldsMaximum = 3
    let host = "Host: a\r\n"
    let cases: [(String, Int?)] = [
      ("GET /\(String(repeating: "a", count: 26)) HTTP/1.1\r\n\(host)\r\n", nil),
      ("GET /\(String(repeating: "a", count: 27)) HTTP/1.1\r\n\(host)\r\n", 414),
      ("GET /\(String(repeating: "a", count: 200))", 414),
      ("GET / HTTP/1.1\r\n\(host)a: 1\r\nb: 2\r\n\r\n", nil),
      ("GET / HTTP/1.1\r\n\(host)a: 1\r\nb: 2\r\nc: 3\r\n\r\n", 431),
      ("GET / HTTP/1.1\r\n\(host)a: \(String(repeating: "x", count: 80))\r\n\r\n", 431),
      ("GET / HTTP/1.1\r\n\(host)a: \(String(repeating: "x", count: 300))", 431),
    ]
    for (text, status) in cases {
      for byteByByte in [false, true] {
        do throws(HTTP1Error) {
          let request = try parse(text, limits: limits, byteByByte: byteByByte)
          #expect(status == nil && request != nil, "\(text) was accepted")
        } catch {
          #expect(error.asHTTPError.status.code == status, "\(text): \(error)")
        }
      }
    }
  }
}
