// Chunked bodies: what they hold, what is refused, and the limits on all that is not data.

import Bytes
import HTTP
import HTTP1
import Testing

@Suite("HTTP/1.1 chunked bodies") struct HTTP1ChunkedDecoderTests {
  /// `hello|X=1|rest`, or the error, or `…` when the end is missing.
  static func outcome(_ text: String, pieces: Int, limits: HTTP1Limits = HTTP1Limits()) -> String {
    var decoder = HTTP1ChunkedDecoder(limits: limits)
    var (input, body, position) = (ByteBuffer(), ByteBuffer(), 0)
    let bytes = Array(text.utf8)
    while true {
      do throws(HTTP1Error) {
        switch try decoder.next(from: &input) {
        case .data(let data):
          #expect(!data.isEmpty)
          body.append(data)
        case .end(let trailers):
          let fields = trailers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
          let rest = String(decoding: [UInt8](input) + bytes[position...], as: UTF8.self)
          return "\(String(validating: body) ?? "?")|\(fields)|\(rest)"
        case .needsMore:
          guard position < bytes.count else { return "\(String(validating: body) ?? "?")…" }
          let end = min(position + pieces, bytes.count)
          input.append(contentsOf: bytes[position..<end])
          position = end
        }
      } catch {
        switch error {
        case .malformed: return "malformed"
        default: return "\(error)"
        }
      }
    }
  }

  static let cases: [(String, String)] = [
    ("0\r\n\r\n", "||"), ("0\r\n\r\nGET", "||GET"), ("5\r\nhello\r\n0\r\n\r\n", "hello||"),
    ("5\r\nhel", "hel…"), ("5\r\nhello", "hello…"), ("5\r\nhello\r\n", "hello…"),
    ("5\r\nhello\r\n0\r\n", "hello…"),
    ("1\r\na\r\n1\r\nb\r\n00\r\n\r\n", "ab||"), ("000000000000005\r\nhello\r\n0\r\n\r\n", "hello||"),
    ("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789||"),
    ("3\r\n\r\n\n\r\n0\r\n\r\n", "\r\n\n||"),
    // Extensions.
    ("1;a\r\nx\r\n0\r\n\r\n", "x||"), ("1;a=b;c=\"d;\\\"e\"\r\nx\r\n0;z\r\n\r\n", "x||"),
    ("1 ; a = b\r\nx\r\n0\r\n\r\n", "x||"), ("1\t;a\r\nx\r\n0\r\n\r\n", "x||"), ("1;\r\nx", "malformed"),
    ("1;;a\r\nx", "malformed"), ("1;=b\r\nx", "malformed"), ("1;a=\r\nx", "malformed"),
    ("1;a=\"b\r\nx", "malformed"),
    ("1;a=\"b\\\r\nx", "malformed"), ("1;a b\r\nx", "malformed"), ("1;a\u{1}\r\nx", "malformed"),
    ("1;a=\"\u{0}\"\r\nx", "malformed"), ("1;a=b\"c\"\r\nx", "malformed"), ("1;a \r\nx", "malformed"),
    ("1;a\rb\r\nx", "malformed"), ("1;a=\"b\nx", "malformed"),
    // Sizes.
    ("\r\n", "malformed"), ("x\r\n", "malformed"), ("g\r\n", "malformed"), ("-1\r\n", "malformed"),
    ("+1\r\n", "malformed"),
    ("0x1\r\n", "malformed"), (" 1\r\n", "malformed"), ("1 \r\nx", "malformed"), ("1\t\r\nx", "malformed"),
    ("1,1\r\nx", "malformed"), ("1.0\r\nx", "malformed"), ("１\r\nx", "malformed"),
    ("\"1\"\r\nx", "malformed"),
    ("8000000000000000\r\n", "malformed"), ("10000000000000000\r\n", "malformed"),
    ("ffffffffffffffffff\r\n", "malformed"), ("100001\r\n", "bodyTooLarge(limit: 1048576)"),
    // Line ends.
    ("1\nx\r\n0\r\n\r\n", "malformed"), ("1\rx\r\n", "malformed"), ("1\r\nx\n0\r\n\r\n", "malformed"),
    ("1\r\nxy\r\n0\r\n\r\n", "malformed"), ("1\r\nx0\r\n\r\n", "malformed"), ("1\r\nx\rX", "malformed"),
    ("2\r\nx\r\n0\r\n\r\n", "malformed"), ("0\n\n", "malformed"), ("0\r\n\n", "malformed"),
    // Trailers.
    ("0\r\nX: 1\r\nY:  2 \r\n\r\nrest", "|X=1,Y=2|rest"), ("0\r\nX : 1\r\n\r\n", "malformed"),
    ("0\r\n X: 1\r\n\r\n", "malformed"), ("0\r\nX: 1\r\n 2\r\n\r\n", "malformed"),
    ("0\r\nX\r\n\r\n", "malformed"),
    ("0\r\nX: \u{0}\r\n\r\n", "malformed"), ("0\r\ncontent-length: 5\r\n\r\n", "malformed"),
    ("0\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed"), ("0\r\nHost: b\r\n\r\n", "malformed"),
    ("0\r\nConnection: close\r\n\r\n", "malformed"), ("0\r\nTrailer: X\r\n\r\n", "malformed"),
    ("0\r\nGET / HTTP/1.1\r\n\r\n", "malformed"),
  ]

  @Test("A body is unwrapped or refused, however it is cut up", arguments: cases)
  func table(text: String, expected: String) {
    for pieces in [max(1, text.utf8.count), 1, 2, 5] {
      #expect(Self.outcome(text, pieces: pieces) == expected, "in pieces of \(pieces)")
    }
  }

  @Test func limitsAreMet() {
    var limits = HTTP1Limits()
    limits.bodyBytesMaximum = 10
    limits.chunkLineBytesMaximum = 12
    limits.chunkExtensionBytesMaximum = 15
    limits.trailerBytesMaximum = 20
    limits.trailersMaximum = 2
    let nine = "9\r\n123456789\r\n"
    let cases: [(String, String)] = [
      ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789||"), ("b\r\n", "bodyTooLarge(limit: 10)"),
      ("\(nine)1\r\na\r\n0\r\n\r\n", "123456789a||"), ("\(nine)2\r\n", "bodyTooLarge(limit: 10)"),
      ("1;abcdefghij\r\nx\r\n0\r\n\r\n", "x||"), ("1;abcdefghijk\r\nx", "malformed"),
      (String(repeating: "0", count: 14), "malformed"),
      ("1;abcdefg\r\nx\r\n1;abcde\r\ny\r\n0;\r\n", "malformed"),
      ("1;abcdefg\r\nx\r\n1;abcdef\r\ny\r\n0\r\n\r\n", "xy||"),
      ("1;abcdefg\r\nx\r\n1;abcdefg\r\ny", "malformed"),
      ("0\r\nA: \(String(repeating: "x", count: 15))\r\n\r\n", "|A=xxxxxxxxxxxxxxx|"),
      ("0\r\nA: \(String(repeating: "x", count: 16))\r\n\r\n", "fieldsTooLong(limit: 20)"),
      ("0\r\nA:\r\nB:\r\n\r\n", "|A=,B=|"), ("0\r\nA:\r\nB:\r\nC:\r\n\r\n", "tooManyFields(limit: 2)"),
    ]
    for (text, expected) in cases {
      for pieces in [text.utf8.count, 1] {
        let outcome = Self.outcome(text, pieces: pieces, limits: limits)
        #expect(
          outcome == expected || (expected == "malformed" && outcome.hasSuffix("malformed")),
          "\(text.debugDescription)")
      }
    }
  }

  @Test func dataIsHandedOutAsItArrives() throws {
    var decoder = HTTP1ChunkedDecoder()
    var input = ByteBuffer("10\r\nabc")
    #expect(try decoder.next(from: &input) == .data(ByteBuffer("abc")))
    #expect(try decoder.next(from: &input) == .needsMore)
    input.append("defg")
    #expect(try decoder.next(from: &input) == .data(ByteBuffer("defg")))
    #expect(decoder.bodyBytes == 16)
  }

  @Test func whatIsWrittenIsUnwrappedToTheSame() {
    for count in [1, 9, 10, 15, 16, 17, 255, 256, 4096, 100_000] {
      let body = String(repeating: "z", count: count)
      var written = ByteBuffer()
      HTTP1Writer.append(chunkOf: count, to: &written)
      written.append(body)
      HTTP1Writer.appendChunkEnd(to: &written)
      HTTP1Writer.appendLastChunk(trailers: ["X": "1"], to: &written)
      #expect(
        written.withReadableBytes { String(decoding: $0, as: UTF8.self) }.hasPrefix(
          String(count, radix: 16) + "\r\n"))
      let text = written.withReadableBytes { String(decoding: $0, as: UTF8.self) }
      #expect(Self.outcome(text, pieces: 1000) == "\(body)|X=1|")
    }
  }

  @Test func aRequestIsWrittenAsItIsRead() throws {
    let head = HTTPRequestHead(.put, "/a?b", authority: "h:1", fields: ["X": "y"])
    for body in [HTTPBodyLength.none, .exactly(1_234_567), .unknown] {
      var output = ByteBuffer()
      HTTP1Writer.append(head, body: body, to: &output)
      var limits = HTTP1Limits()
      limits.bodyBytesMaximum = 10_000_000
      var parser = HTTP1RequestParser(limits: limits)
      let (read, framing) = try #require(try parser.next(from: &output))
      #expect(framing.body == body)
      #expect(
        "\(read.method) \(read.target) \(read.authority ?? "") \(read.fields["x"] ?? "")" == "PUT /a?b h:1 y")
    }
  }
}
