import HTTP
import Testing

@testable import HTTPClient

@Suite("URLs") struct URLTests {
  @Test(arguments: [
    ("http://a", "http://a/"),
    ("HTTP://A.Example:80", "http://a.example/"),
    ("https://a:443/x?y=z#f", "https://a/x?y=z"),
    ("http://a:8080?q", "http://a:8080/?q"),
    ("http://a:/p", "http://a/p"),
    ("http://[::1]:81/", "http://[::1]:81/"),
    ("https://[2001:DB8::1]", "https://[2001:db8::1]/"),
    ("http://127.0.0.1/a//b/../c", "http://127.0.0.1/a//b/../c"),
    ("http://a/%7Ex?%20", "http://a/%7Ex?%20"),
  ]) func areRead(_ text: String, _ expected: String) throws {
    #expect(try HTTPClientURL(text).description == expected)
  }

  @Test(arguments: [
    "", "a", "/a", "//a", "a.example/x", "ftp://a/", "http:a", "http:/a", "http://", "http:///x",
    "http://u@a/",
    "http://u:p@a/", "http://a:0/", "http://a:65536/", "http://a:x/", "http://a b/", "http://a/ b",
    "http://a/\u{e4}",
    "http://\u{e4}/", "http://[::1/", "http://::1/", "http://a\r\nX: y/", "http://a/\r\nX: y", "http://a\\b/",
    "http://[v1.x]/", "http://a:80:80/", "http://" + String(repeating: "a", count: 9000),
  ]) func areRefused(_ text: String) {
    #expect(throws: HTTPClientError.self) { try HTTPClientURL(text) }
  }

  /// RFC 3986 section 5.4, with the base that a URL of ours can have.
  @Test(arguments: [
    ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
    ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
    ("#s", "http://a/b/c/d;p?q"),
    ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"), (";x", "http://a/b/c/;x"),
    ("", "http://a/b/c/d;p?q"),
    (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"),
    ("../..", "http://a/"), ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"),
    ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), ("..g", "http://a/b/c/..g"),
    ("./../g", "http://a/b/g"),
    ("g;x=1/../y", "http://a/b/c/y"), ("g?y/../x", "http://a/b/c/g?y/../x"), ("https://h/x", "https://h/x"),
    ("//h:81/x?y", "http://h:81/x?y"),
  ]) func leadOn(_ reference: String, _ expected: String) throws {
    #expect(try HTTPClientURL("http://a/b/c/d;p?q").resolving(reference).description == expected)
  }

  @Test(arguments: [
    "mailto:x@y", "javascript:alert(1)", "ftp://a/", "g:h", "x y", "/\r\nSet-Cookie: a", "//u@h/",
  ])
  func leadNowhereElse(_ reference: String) throws {
    let base = try HTTPClientURL("http://a/b/c/d;p?q")
    #expect(throws: HTTPClientError.self) { try base.resolving(reference) }
  }

  @Test func sameOriginIsSchemeHostAndPort() throws {
    let url = try HTTPClientURL("http://a/x")
    #expect(try url.hasSameOrigin(as: HTTPClientURL("http://A:80/y")))
    for other in ["https://a/x", "http://b/x", "http://a:81/x"] {
      #expect(try !url.hasSameOrigin(as: HTTPClientURL(other)))
    }
  }
}
