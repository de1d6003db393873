// Paths, queries and escapes, from RFC 3986 and the form notation of HTML.

import Bytes
import HTTP
import Testing

@Suite("HTTP targets") struct TargetTests {
  @Test(
    "A path's segments are decoded one by one",
    arguments: [
      ("/", [""]), ("/a", ["a"]), ("/a/b/", ["a", "b", ""]), ("/a%20b/%C3%BC", ["a b", "ü"]),
      ("/a%2Fb/c", ["a/b", "c"]), ("//x", ["", "x"]), ("/a+b", ["a+b"]), ("/...", ["..."]),
    ] as [(String, [String])])
  func segments(target: String, expected: [String]) throws {
    #expect(try HTTPRequestHead(.get, target + "?q=%zz", authority: "a").pathSegments() == expected)
  }

  @Test(
    "A path that means another one, or nothing, is refused",
    arguments: [
      "/../x", "/a/..", "/%2e%2e/x", "/.", "/a/%2E/b", "/%00", "/%zz", "/%4", "/%", "/%ff", "/a%C3",
    ])
  func refusedPaths(target: String) {
    let head = HTTPRequestHead(.get, target, authority: "a")
    #expect {
      try head.pathSegments()
    } throws: {
      ($0 as? HTTPError)?.status == 400
    }
  }

  @Test func theQueryIsWhatFollowsTheFirstQuestionMark() {
    let head = HTTPRequestHead(.get, "/p/q?a=1?b", authority: "host:1", fields: ["X": "y"])
    #expect(head.path == "/p/q")
    #expect(head.query == "a=1?b")
    #expect(head.authority == "host:1")
    #expect(head.fields["x"] == "y")
    #expect(HTTPRequestHead(.get, "/p", authority: "h").query == nil)
    #expect(HTTPRequestHead(.get, "/p?", authority: "h").query == "")
  }

  @Test(
    "Queries are decoded",
    arguments: [
      ("a=1&b=2", ["a=1", "b=2"]), ("a", ["a="]), ("a=", ["a="]), ("=v", ["=v"]), ("&&a=1&", ["a=1"]),
      ("a=1&a=2", ["a=1", "a=2"]), ("q=x+y%2Bz", ["q=x y+z"]), ("%C3%BC=%E2%82%AC", ["ü=€"]),
      ("a=b=c", ["a=b=c"]), ("", []),
    ] as [(String, [String])])
  func queries(query: String, expected: [String]) throws {
    let parsed = try HTTPRequestHead(.get, "/?" + query, authority: "a").queryParameters()
    #expect(parsed.parameters.map { "\($0.name)=\($0.value)" } == expected)
  }

  @Test("A malformed query is refused", arguments: ["a=%", "%zz", "a=%f", "a=%ff", "%80=1"])
  func refusedQueries(query: String) {
    let head = HTTPRequestHead(.get, "/?" + query, authority: "a")
    #expect {
      try head.queryParameters()
    } throws: {
      ($0 as? HTTPError)?.code == "malformed_query"
    }
  }

  @Test func parametersAreLimited() throws {
    let head = HTTPRequestHead(.get, "/?a&b&c", authority: "a")
    #expect(try head.queryParameters(limit: 3).parameters.count == 3)
    #expect {
      try head.queryParameters(limit: 2)
    } throws: {
      ($0 as? HTTPError)?.code == "too_many_parameters"
    }
    #expect(try head.queryParameters()["b"] == "")
    #expect(try head.queryParameters()["d"] == nil)
  }

  @Test func whatIsEncodedDecodesToTheSame() {
    for text in ["", "a b", "ü€😀", "100%", "a/b?c#d&e=f", "\0\n\u{7f}", "-._~"] {
      let encoded = PercentEncoding.encode(text)
      #expect(encoded.utf8.allSatisfy(HTTPByte.isTarget))
      #expect(ByteBuffer(encoded).withReadableBytes { PercentEncoding.decode($0) } == text)
    }
  }
}
