// RFC 9112 as tables: what is accepted, what is refused and with which status, and that the way bytes are
// cut up on the wire changes neither.

import Bytes
import Net
import Testing

@Suite("HTTP/1.1 request heads") struct HTTP1RequestParserTests {
  /// Parses `text`, all at once or byte by byte.
  private func parse(
    _ text: String, limits: HTTPLimits = HTTPLimits(), byteByByte: Bool = false
  ) throws(HTTPError) -> HTTPRequestHead? {
    var parser = HTTP1RequestParser(limits: limits)
    var input = ByteBuffer()
    if !byteByByte {
      input.append(text)
      return try parser.next(from: &input)
    }
    for byte in text.utf8 {
      input.append(byte)
      if let head = try parser.next(from: &input) { return head }
    }
    return nil
  }

  @Test func readsMethodTargetAndFields() throws {
    let head = try #require(
      try parse("GET /a/b?x=1&y HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\nAccept: \t text/html \t\r\n\r\n")
    )
    #expect(head.method == "GET")
    #expect(head.target == "/a/b?x=1&y")
    #expect(head.path == "/a/b")
    #expect(head.value(of: "accept") == "text/html")
    #expect(head.value(of: "x-empty") == "")
    #expect(head.value(of: "absent") == nil)
    #expect(head.fieldCount == 3)
    #expect(head.keepsAlive)
    #expect(head.body == .none)
  }

  @Test func pipelinedRequestsComeOutOneByOne() throws {
    var parser = HTTP1RequestParser(limits: HTTPLimits())
    var input = ByteBuffer("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3")
    #expect(try parser.next(from: &input)?.target == "/1")
    #expect(try parser.next(from: &input)?.target == "/2")
    #expect(try parser.next(from: &input) == nil)
    input.append(" HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try parser.next(from: &input)?.target == "/3")
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
    let head = try parse("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
    #expect(head?.keepsAlive == expected)
  }

  @Test(
    "The body's framing",
    arguments: [
      ("Content-Length: 5\r\n", HTTPRequestHead.Body.length(5)), ("Content-Length: 0\r\n", .none),
      ("Transfer-Encoding: chunked\r\n", .chunked), ("transfer-encoding: Chunked\r\n", .chunked), ("", .none),
    ])
  func framing(fields: String, expected: HTTPRequestHead.Body) throws {
    #expect(try parse("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")?.body == expected)
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
      do throws(HTTPError) {
        let head = try parse(text, byteByByte: byteByByte)
        Issue.record("accepted as \(String(describing: head?.target))")
      } catch {
        #expect(error.status == status, "\(error.explanation)")
      }
    }
  }

  @Test func anEmptyLineBeforeTheRequestIsIgnored() throws {
    #expect(try parse("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n")?.target == "/x")
    #expect(try parse("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", byteByByte: true)?.target == "/x")
  }

  @Test func everyLimitHasItsStatus() {
    var limits = HTTPLimits()
    limits.requestLineBytesMaximum = 40
    limits.headerBytesMaximum = 60
    limits.headerFieldsMaximum = 3
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
        do throws(HTTPError) {
          let head = try parse(text, limits: limits, byteByByte: byteByByte)
          #expect(status == nil && head != nil, "\(text) was accepted")
        } catch {
          #expect(error.status == status, "\(text): \(error.explanation)")
        }
      }
    }
  }
}
