// Cookies both ways, as RFC 6265 section 4 has them.

import HTTP
import Testing

@Suite("Cookies") struct CookieTests {
  @Test(
    "A Cookie field is names and values",
    arguments: [
      ("SID=31d4d96e407aad42; lang=en-US", ["SID=31d4d96e407aad42", "lang=en-US"]), ("", []), ("a=", ["a="]),
      ("a=b;c=d", ["a=b", "c=d"]), ("a=b; a=c", ["a=b", "a=c"]), ("a=\"b c\"", ["a=b c"]), ("a=\"", ["a=\""]),
      ("a=b=c==", ["a=b=c=="]), ("  a = b  ;\tc=d", ["a=b", "c=d"]), ("a=é", ["a=é"]),
      // What is no cookie is passed over.
      ("a=b; nonsense; c=d", ["a=b", "c=d"]), ("=b; c=d", ["c=d"]), ("a b=c; d=e", ["d=e"]), (";;;", []),
      ("a;b", []), ("a@b=c", []),
    ])
  func parsing(field: String, expected: [String]) throws {
    let cookies = try HTTPCookies(["Cookie": field])
    #expect(cookies.cookies.map { "\($0.name)=\($0.value)" } == expected)
  }

  @Test func severalFieldsAreOneAndTheFirstOfANameCounts() throws {
    let cookies = try HTTPCookies(["Cookie": "a=1; b=2", "cookie": "a=3"])
    #expect(cookies["a"] == "1")
    #expect(cookies["b"] == "2")
    #expect(cookies["A"] == nil)
    #expect(!cookies.description.contains("1"))
  }

  @Test func thereIsALimit() throws {
    let field = Array(repeating: "a=b", count: 3).joined(separator: "; ")
    #expect(try HTTPCookies(["Cookie": field], limit: 3).cookies.count == 3)
    #expect { try HTTPCookies(["Cookie": field], limit: 2) } throws: {
      ($0 as? HTTPError)?.code == "too_many_cookies"
    }
  }

  @Test func aCookieIsClosedUnlessItSaysOtherwise() throws {
    var cookie = try #require(SetCookie("SID", "31d4d96e407aad42"))
    #expect(cookie.text == "SID=31d4d96e407aad42; Path=/; Secure; HttpOnly; SameSite=Lax")
    cookie.domain = "example.com"
    cookie.path = "/accounts"
    cookie.maximumAgeSeconds = 3600
    cookie.isHTTPOnly = false
    cookie.sameSite = .strict
    #expect(
      cookie.text
        == "SID=31d4d96e407aad42; Max-Age=3600; Domain=example.com; Path=/accounts; Secure; SameSite=Strict")
    cookie = try #require(SetCookie("a", ""))
    (cookie.isSecure, cookie.isHTTPOnly, cookie.sameSite, cookie.path) = (false, false, nil, nil)
    cookie.maximumAgeSeconds = -5
    var fields = HTTPFields()
    fields.append(cookie)
    #expect(fields["set-cookie"] == "a=; Max-Age=0")
    let host = try #require(SetCookie("__Host-id", "1"))
    #expect(host.text.hasPrefix("__Host-id=1; Path=/; Secure"))
  }

  @Test(
    "What browsers would misread is no cookie",
    arguments: [
      ("", "v"), ("a b", "v"), ("a=b", "v"), ("a;b", "v"), ("é", "v"), ("a", "b;c"), ("a", "b c"),
      ("a", "b,c"),
      ("a", "\"b\""), ("a", "b\\c"), ("a", "b\r\nX: y"), ("a", "é"), ("a", "\u{7f}"),
      ("a", String(repeating: "x", count: 4096)),
    ])
  func refused(name: String, value: String) { #expect(SetCookie(name, value) == nil) }
}
