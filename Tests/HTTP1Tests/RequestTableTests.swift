// The table of requests, and the limits, whole and cut up in every way.

import HTTP1
import Testing

@Suite("HTTP/1.1 requests") struct RequestTableTests {
  @Test(
    "A request is understood or refused as the table says, however it is cut up", arguments: RequestCase.all)
  func table(request: RequestCase) {
    #expect(RequestCase.outcome(request.text, pieces: [request.text.count]) == request.expected)
    #expect(RequestCase.outcome(request.text, pieces: [1]).withoutRest == request.expected.withoutRest)
    var random = SplitGenerator(state: UInt64(request.text.count))
    for _ in 0..<10 {
      let pieces = (0..<7).map { _ in Int.random(in: 1...9, using: &random) }
      #expect(RequestCase.outcome(request.text, pieces: pieces).withoutRest == request.expected.withoutRest)
    }
  }

  @Test func theTableIsLarge() {
    #expect(RequestCase.all.count >= 250)
    #expect(Set(RequestCase.all.map(\.text)).count == RequestCase.all.count, "a request stands there twice")
  }

  @Test("Each limit is met exactly, and has its own status")
  func limits() {
    var limits = HTTP1Limits()
    limits.lineBytesMaximum = 40
    limits.fieldBytesMaximum = 60
    limits.fieldsMaximum = 3
    limits.bodyBytesMaximum = 10
    let line = "GET / HTTP/1.1\r\nHost: a\r\n"
    func long(_ count: Int) -> String { String(repeating: "x", count: count) }
    let cases: [(String, String)] = [
      ("GET /\(long(26)) HTTP/1.1\r\nHost: a\r\n\r\n", "GET"),
      ("GET /\(long(27)) HTTP/1.1\r\nHost: a\r\n\r\n", "414"),
      ("GET /\(long(300))", "414"), (long(41), "more"), (long(42), "414"), ("GET /\(long(35))\r", "more"),
      // Host takes nine bytes with its line end, so the other field may have 51.
      ("\(line)a: \(long(46))\r\n\r\n", "GET"), ("\(line)a: \(long(47))\r\n\r\n", "431"),
      ("\(line)\(long(200))", "431"),
      ("\(line)a: 1\r\nb: 2\r\n\r\n", "GET"), ("\(line)a: 1\r\nb: 2\r\nc: 3\r\n\r\n", "431"),
      // A line that breaks a rule is refused for that, before a later one is too long.
      ("\(line)a b\r\nc: \(long(300))\r\n\r\n", "400"),
      ("\(line)Content-Length: 10\r\n\r\n", "GET"), ("\(line)Content-Length: 11\r\n\r\n", "413"),
    ]
    for (text, expected) in cases {
      for pieces in [[text.utf8.count], [1], [2, 5]] {
        let outcome = RequestCase.outcome(Array(text.utf8), pieces: pieces, limits: limits)
        #expect(outcome.hasPrefix(expected), "\(text.debugDescription) in pieces of \(pieces)")
      }
    }
  }

  @Test func aServerThatTakesNoBodiesRefusesChunkedOnesUnread() {
    var limits = HTTP1Limits()
    limits.bodyBytesMaximum = 0
    let chunked = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    #expect(RequestCase.outcome(chunked, pieces: [1], limits: limits) == "413")
    let empty = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".utf8)
    #expect(RequestCase.outcome(empty, pieces: [1], limits: limits) == "POST / a kept")
  }
}

extension String {
  /// How much is left depends on when the question is asked.
  fileprivate var withoutRest: String {
    split(separator: " ").filter { !$0.hasPrefix("rest=") }.joined(separator: " ")
  }
}

/// A small generator, so that a failure repeats.
struct SplitGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
