// Methods, statuses, dates and classes of bytes, against what the RFCs say of them.

import Bytes
import HTTP
import Testing

@Suite("HTTP vocabulary") struct VocabularyTests {
  @Test(
    "Known methods are known and others kept",
    arguments: [
      ("GET", true, true), ("HEAD", true, true), ("POST", false, false), ("PUT", false, true),
      ("DELETE", false, true), ("CONNECT", false, false), ("OPTIONS", true, true), ("TRACE", true, true),
      ("PATCH", false, false), ("PURGE", false, false), ("get", false, false), ("M-SEARCH", false, false),
    ])
  func methods(name: String, isSafe: Bool, isIdempotent: Bool) throws {
    let method = try #require(HTTPMethod(name))
    #expect(method.name == name)
    #expect(method.isSafe == isSafe)
    #expect(method.isIdempotent == isIdempotent)
  }

  @Test("What is no token is no method", arguments: ["", "GE T", "G\u{0}T", "GÉT", "GET:", "(GET)"])
  func refusedMethods(name: String) {
    #expect(HTTPMethod(name) == nil)
  }

  @Test func methodsWithTheSameNameAreEqual() {
    #expect(HTTPMethod("GET") == .get)
    #expect(HTTPMethod("Get") != .get)
    #expect(HTTPMethod("PURGE") == HTTPMethod("PURGE"))
  }

  @Test func statusesKnowTheirWordsAndWhetherTheyHaveBodies() {
    #expect(HTTPStatus(200).description == "200 OK")
    #expect(HTTPStatus(431).description == "431 Request Header Fields Too Large")
    #expect(HTTPStatus(799).description == "799")
    for code in [100, 101, 103, 204, 304] { #expect(HTTPStatus(code).forbidsBody) }
    for code in [200, 205, 301, 404, 500] { #expect(!HTTPStatus(code).forbidsBody) }
  }

  @Test(
    "Dates are written as RFC 9110 writes them",
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
      (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
      (.min, "Mon, 01 Jan 0001 00:00:00 GMT"),
    ] as [(Int64, String)])
  func dates(seconds: Int64, expected: String) {
    var buffer = ByteBuffer()
    HTTPDate.append(seconds: seconds, to: &buffer)
    #expect(String(validating: buffer) == expected)
  }

  @Test func classesOfBytesAreThoseOfTheGrammar() {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8
    let tokens = Set(letters).union("!#$%&'*+-.^_`|~".utf8)
    let unreserved = Set(letters).union("-._~".utf8)
    let host = unreserved.union("!$&'()*+,;=%".utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(HTTPByte.isToken(byte) == tokens.contains(byte))
      #expect(HTTPByte.isUnreserved(byte) == unreserved.contains(byte))
      #expect(HTTPByte.isHostName(byte) == host.contains(byte))
      #expect(HTTPByte.isTarget(byte) == (byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#")))
      #expect(HTTPByte.isFieldValue(byte) == (byte == 9 || (byte >= 0x20 && byte != 0x7f)))
      let text = String(UnicodeScalar(byte))
      #expect(HTTPByte.hexValue(byte) == (byte < 0x80 ? UInt8(text, radix: 16) : nil))
      #expect(HTTPByte.lowercased(byte) == (byte < 0x80 ? text.lowercased().utf8.first : byte))
    }
  }

  @Test func aByteUnfitForAValueIsFoundWhereverItStands() {
    for length in 0..<40 {
      for position in 0..<length {
        for byte: UInt8 in [0, 9, 13, 31, 32, 127, 128, 255] {
          var bytes = [UInt8](repeating: 0x61, count: length)
          bytes[position] = byte
          let found = bytes.withUnsafeBytes { HTTPByte.firstNotFieldValue(in: $0) }
          #expect(found == (HTTPByte.isFieldValue(byte) ? nil : position))
        }
      }
    }
  }

  @Test func errorsTellTheLogMoreThanTheClient() {
    struct Cause: Error {}
    let error = HTTPError.internalFailure(Cause())
    #expect(error.status == 500)
    #expect(!error.explanation.contains("Cause"))
    #expect(error.description.contains("Cause"))
    #expect(HTTPError.methodNotAllowed([.get, .put]).fields["Allow"] == "GET, PUT")
  }
}
