// Every rule of the table, whole and byte by byte.

import HTTP2
import Testing

@Suite("What an HTTP/2 server refuses") struct BreachTests {
  @Test("RFC 9113 and RFC 7541", arguments: Frames.breaches)
  func breach(_ breach: BreachCase) throws {
    let server = try ServerUnderTest()
    try server.hear(breach.bytes)
    #expect(Outcome(server) == breach.outcome)
    if case .connection(let code) = breach.outcome { #expect(server.session.violation?.code == code) }
    if case .stream(let code) = breach.outcome {
      #expect(server.session.violation == nil)
      #expect(server.resets[1] == code)
      // The connection is as good as before.
      try server.hear(Frames.headers(101))
      #expect(server.requested.last?.id == 101)
    }
    let again = try ServerUnderTest()
    try again.hear(breach.bytes, piece: 1)
    #expect(Outcome(again) == breach.outcome, "byte by byte")
  }

  @Test(
    "A client that does not speak HTTP/2",
    arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX"])
  func preface(text: String) throws {
    let server = try ServerUnderTest(greets: false)
    try server.hear(Array(text.utf8))
    #expect(server.goAway == .protocolError)
  }

  @Test func settingsComeFirst() throws {
    let server = try ServerUnderTest(greets: false)
    try server.hear(Frames.preface + Frames.headers(1))
    #expect(server.goAway == .protocolError)
    #expect(server.requested.isEmpty)
  }

  @Test func moreStreamsThanWereAllowedAreRefused() throws {
    var limits = HTTP2Limits()
    limits.concurrentStreamsMaximum = 2
    let server = try ServerUnderTest(limits: limits)
    try server.hear(Frames.open(1) + Frames.open(3) + Frames.open(5))
    #expect(Outcome(server) == .connection(.protocolError))
    #expect(server.requested.map(\.id) == [1, 3])
  }
}
