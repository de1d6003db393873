// What clients prefer: media types and codings (RFC 9110 section 12.5).

import HTTP
import Testing

@Suite("Negotiation") struct NegotiationTests {
  @Test(
    "The most precise range counts: the table of section 12.5.1",
    arguments: [
      ("text/plain;format=flowed", 1000), ("text/plain", 700), ("text/html", 300), ("image/jpeg", 500),
      ("text/plain;format=fixed", 400), ("text/html;level=3", 300), ("text/html;level=1", 300),
    ])
  func precision(type: String, quality: Int) throws {
    let field =
      "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
    let preferences = AcceptPreferences(field)
    #expect(preferences.quality(of: try #require(MediaType(type))) == quality)
  }

  @Test(
    "The best offer is taken, the first of equals",
    arguments: [
      (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"),
      ("text/html", "text/html"),
      ("text/html, application/json;q=0.9", "text/html"),
      ("text/html;q=0.9, application/json", "application/json"),
      ("text/*", "text/html"), ("application/*;q=0.1, text/html;q=0.05", "application/json"),
      ("image/png", nil),
      ("*/*;q=0", nil), ("text/html;q=0, */*", "application/json"),
      ("application/json;q=0, */*;q=0.001", "text/html"),
      ("TEXT/HTML", "text/html"), ("text/html;q=0.5;ext=1, application/json;q=0.4", "text/html"),
      // What makes no sense is passed over.
      ("nonsense, text/html", "text/html"), ("text/html;q=2", "application/json"),
      ("text/html;q=0.1234, application/json;q=0.1", "application/json"),
      ("a/b;c=\"x,y\", text/html", "text/html"), ("text/html;q=\"0.5\"", "text/html"),
      (",,text/html", "text/html"),
    ] as [(String?, String?)])
  func best(field: String?, expected: String?) throws {
    let offers = [try #require(MediaType("application/json")), try #require(MediaType("text/html"))]
    #expect(AcceptPreferences(field).best(of: offers)?.essence == expected)
  }

  @Test(
    "A media type is two tokens and parameters",
    arguments: [
      ("text/html", "text/html", nil), ("Text/HTML;Charset=\"utf-8\"", "text/html", "utf-8"),
      ("text/html; charset=UTF-8; a=b", "text/html", "UTF-8"), ("text/html;", "text/html", nil),
      ("text/html;;charset=x", "text/html", "x"), (" text/html ", "text/html", nil),
      ("text/html; charset=\"a\\\"b\"", "text/html", "a\"b"),
      ("text", nil, nil), ("/html", nil, nil), ("text/", nil, nil), ("text/html/x", nil, nil), ("", nil, nil),
      ("text/html, text/plain", nil, nil), ("text/html; charset", nil, nil),
      ("text/html; charset=", nil, nil),
      ("text /html", nil, nil), ("text/html; charset=\"x", nil, nil), ("text/html; charset = x", nil, nil),
    ] as [(String, String?, String?)])
  func mediaTypes(text: String, essence: String?, charset: String?) {
    let type = MediaType(text)
    #expect(type?.essence == essence)
    #expect(type?["charset"] == charset)
  }

  @Test(
    "Codings: the first liked best of zstd, gzip and deflate",
    arguments: [
      (nil, .identity), ("", .identity), ("gzip", .gzip), ("gzip, zstd", .zstd),
      ("gzip;q=1, zstd;q=0.5", .gzip),
      ("*", .zstd), ("zstd;q=0, *", .gzip), ("identity", .identity), ("identity;q=1, gzip;q=0.5", .identity),
      ("gzip;q=0", .identity), ("*;q=0", .identity), ("br, x-gzip", .gzip), ("GZIP", .gzip),
      ("br", .identity),
      ("deflate;q=0.2, gzip;q=0.1", .deflate), ("gzip;q=0.5, identity;q=0.5", .gzip),
      // The field of section 12.5.3.
      ("gzip;q=1.0, identity; q=0.5, *;q=0", .gzip), ("compress, gzip", .gzip), ("nonsense;;;, gzip", .gzip),
      ("gzip;q=x, deflate", .deflate), ("(), gzip", .gzip),
    ] as [(String?, ContentCoding)])
  func codings(field: String?, expected: ContentCoding) {
    #expect(ContentCoding.preferred(field, of: [.zstd, .gzip, .deflate]) == expected)
  }

  @Test(
    "A body's coding is one that is known, or 415 says which are",
    arguments: [
      ([], .identity), (["gzip"], .gzip), (["GZip"], .gzip), (["x-gzip"], .gzip), (["deflate"], .deflate),
      (["zstd"], .zstd), (["identity"], .identity), (["identity, gzip"], .gzip), (["br"], nil),
      (["gzip, gzip"], nil), (["gzip", "zstd"], nil), (["gzip x"], nil), (["gzip,"], .gzip),
      ([" "], .identity),
      (["gzip;q=1"], nil),
    ] as [([String], ContentCoding?)])
  func bodyCodings(values: [String], expected: ContentCoding?) {
    var fields = HTTPFields()
    for value in values { fields.append("Content-Encoding", value) }
    do throws(HTTPError) {
      #expect(try ContentCoding.ofBody(fields) == expected)
    } catch {
      #expect(expected == nil)
      #expect(error.status == 415)
      #expect(error.fields["accept-encoding"] == "gzip, deflate, zstd")
    }
  }
}
