// What a parsed request offers, and that the parser finds one request behind the other.

import Bytes
import HTTP
import HTTP1
import Testing

@Suite("HTTP/1.1 request heads") struct HTTP1RequestParserTests {
  @Test func readsMethodTargetAndFields() throws {
    var parser = HTTP1RequestParser()
    var input = ByteBuffer(
      "GET /a/b?x=1&y HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\nAccept: \t text/html \t\r\n\r\nrest")
    let (head, framing) = try #require(try parser.next(from: &input))
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
    #expect(String(validating: input) == "rest")
  }

  @Test func pipelinedRequestsComeOutOneByOne() throws {
    var parser = HTTP1RequestParser()
    var input = ByteBuffer("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3")
    #expect(try parser.next(from: &input)?.head.target == "/1")
    #expect(try parser.next(from: &input)?.head.target == "/2")
    #expect(try parser.next(from: &input) == nil)
    input.append(" HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try parser.next(from: &input)?.head.target == "/3")
    #expect(input.isEmpty)
  }

  @Test(
    "An absolute target says which host is meant, and what its path is",
    arguments: [
      ("http://b:8080/x/y?q=1", "b:8080", "/x/y", "q=1"), ("http://b", "b", "", nil),
      ("https://b?q", "b", "", "q"),
    ] as [(String, String, String, String?)])
  func absolute(target: String, authority: String, path: String, query: String?) throws {
    var parser = HTTP1RequestParser()
    var input = ByteBuffer("GET \(target) HTTP/1.1\r\nHost: ignored\r\n\r\n")
    let head = try #require(try parser.next(from: &input)).head
    #expect(head.authority == authority)
    #expect(head.path == path)
    #expect(head.query == query)
    #expect(head.fields["host"] == "ignored")
  }

  @Test func aHeadOutlivesTheBufferItCameIn() throws {
    var parser = HTTP1RequestParser()
    var input = ByteBuffer("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
    let first = try #require(try parser.next(from: &input)).head
    input.append("GET /other HTTP/1.1\r\nHost: b\r\n\r\n")
    let second = try #require(try parser.next(from: &input)).head
    #expect(first.target == "/first")
    #expect(second.target == "/other")
  }

  @Test func aHeadWithoutAPathIsARequestForTheRoot() throws {
    var parser = HTTP1RequestParser()
    var input = ByteBuffer("GET http://b HTTP/1.1\r\nHost: b\r\n\r\n")
    #expect(try parser.next(from: &input)?.head.pathSegments() == [""])
  }
}
