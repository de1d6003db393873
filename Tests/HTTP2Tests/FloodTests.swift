// Too much of something: each flood ends the connection, and what is less goes through.

import Bytes
import HTTP
import HTTP2
import Testing

@Suite("Floods over HTTP/2") struct FloodTests {
  /// A flood: one wave of it, by its number, and how many the default limits let through.
  struct Flood: Sendable, CustomTestStringConvertible {
    let kind: HTTP2Violation.Flood
    let allowed: Int
    let wave: @Sendable (UInt32) -> [UInt8]
    var testDescription: String { kind.rawValue }
  }

  static let floods: [Flood] = [
    // Rapid reset (CVE-2023-44487).
    Flood(kind: .resets, allowed: 200) {
      Frames.headers(2 * $0 + 1) + Frames.frame(.reset, on: 2 * $0 + 1, Frames.number(8))
    },
    // Streams that we are made to reset (CVE-2025-8671).
    Flood(kind: .resets, allowed: 200) {
      Frames.open(2 * $0 + 1) + Frames.frame(.windowUpdate, on: 2 * $0 + 1, Frames.number(0x7fff_ffff))
        + Frames.headers(2 * $0 + 1, [("x", "y")], flags: Frames.endHeaders)
    },
    Flood(kind: .resets, allowed: 200) { Frames.headers(2 * $0 + 1, [("x", "y")]) },
    Flood(kind: .resets, allowed: 200) { Frames.headers(2 * $0 + 1, Frames.get + [("host", "b")]) },
    Flood(kind: .pings, allowed: 100) { _ in
      Frames.frame(.ping, 0, on: 0, [UInt8](repeating: 0, count: 8))
    },
    Flood(kind: .settings, allowed: 31) { _ in Frames.frame(.settings) },
    Flood(kind: .emptyData, allowed: 100) { ($0 == 0 ? Frames.open(1) : []) + Frames.data(1, "") },
    Flood(kind: .emptyData, allowed: 100) {
      ($0 == 0 ? Frames.open(1) : []) + Frames.frame(.data, Frames.padded, on: 1, [1, 0])
    },
    Flood(kind: .windowUpdates, allowed: 1000) { _ in Frames.frame(.windowUpdate, on: 0, Frames.number(1)) },
    Flood(kind: .windowUpdates, allowed: 1000) {
      ($0 == 0 ? Frames.open(1) : []) + Frames.frame(.windowUpdate, on: 1, Frames.number(1))
    },
    Flood(kind: .ignoredFrames, allowed: 1000) { Frames.frame(.priority, on: 2 * $0 + 1, [0, 0, 0, 0, 9]) },
    Flood(kind: .ignoredFrames, allowed: 1000) { Frames.raw(0x42, 0, on: $0, []) },
  ]

  @Test("Each ends the connection", arguments: floods)
  func flood(_ flood: Flood) throws {
    let server = try ServerUnderTest()
    for number in 0..<flood.allowed { try server.hear(flood.wave(UInt32(number))) }
    #expect(server.session.violation == nil)
    for number in flood.allowed..<flood.allowed * 2 + 10 where server.session.violation == nil {
      try server.hear(flood.wave(UInt32(number)))
    }
    #expect(server.session.violation == .flood(flood.kind))
    #expect(server.goAway == .enhanceYourCalm)
    // Nothing is looked at any more.
    let requests = server.requested.count
    try server.hear(Frames.headers(99_999))
    #expect(server.requested.count == requests)
  }

  @Test("At a rate that is allowed it goes on", arguments: floods)
  func slowly(_ flood: Flood) throws {
    let server = try ServerUnderTest()
    for number in 0..<flood.allowed + 50 {
      server.now += 1_000_000_000
      try server.hear(flood.wave(UInt32(number)))
    }
    #expect(server.session.violation == nil)
  }

  /// A stream with an answer whose body has begun, and a client whose windows are `window` bytes.
  private func answering(window: UInt32) throws -> (ServerUnderTest, HTTP2Stream) {
    let server = try ServerUnderTest()
    try server.hear(Frames.frame(.settings, 0, on: 0, [0, 4] + Frames.number(window)))
    try server.hear(Frames.headers(1))
    let stream = try #require(server.requested.first)
    var fields = HTTP2FieldBlock()
    fields.append(":status", 200)
    try server.session.respond(fields, on: stream, hasBody: true)
    return (server, stream)
  }

  @Test func whoeverTakesABodyMayOpenItsWindow() throws {
    let (server, stream) = try answering(window: 65_535)
    for _ in 0..<500 {
      try server.session.write(ByteBuffer([UInt8](repeating: 0x61, count: 1000)), on: stream)
      try server.speak()
      for _ in 0..<5 {
        try server.hear(Frames.frame(.windowUpdate, on: 0, Frames.number(200)))
        try server.hear(Frames.frame(.windowUpdate, on: 1, Frames.number(200)))
      }
    }
    #expect(server.session.violation == nil)
  }

  @Test func aBodyIsNotSentByteByByte() throws {
    let (server, stream) = try answering(window: 0)
    try server.session.write(ByteBuffer([UInt8](repeating: 0x61, count: 10_000)), on: stream)
    var sent = 0
    while server.session.violation == nil && sent < 5000 {
      try server.hear(Frames.frame(.windowUpdate, on: 1, Frames.number(1)))
      sent += 1
    }
    #expect(server.session.violation == .flood(.windowUpdates))
    #expect(server.goAway == .enhanceYourCalm)
    // Those at once, and those for the head of the answer.
    #expect(sent == 1011)
  }

  @Test func sectionsWithoutAnEnd() throws {
    let server = try ServerUnderTest()
    try server.hear(Frames.frame(.headers, 0, on: 1, Frames.literals(Frames.get)))
    for number in 0..<8 {
      try server.hear(Frames.frame(.continuation, 0, on: 1, Frames.literals([("x", "\(number)")])))
    }
    #expect(server.session.violation == nil)
    try server.hear(Frames.frame(.continuation, 0, on: 1, []))
    #expect(server.session.violation == .flood(.continuations))
    #expect(server.goAway == .enhanceYourCalm)
  }

  @Test func acknowledgementsThatAreNotRead() throws {
    var limits = HTTP2Limits()
    limits.pings = HTTP2Rate(burst: 10_000, perSecond: 1)
    limits.waitingAcknowledgementsMaximum = 50
    let server = try ServerUnderTest(limits: limits)
    let ping = Frames.frame(.ping, 0, on: 0, [UInt8](repeating: 7, count: 8))
    try server.hear([[UInt8]](repeating: ping, count: 60).flatMap { $0 })
    #expect(server.session.violation == .flood(.acknowledgements))
    #expect(server.goAway == .enhanceYourCalm)
  }

  @Test func fieldsOverTheLimitAreRefusedAndFarOverItEndTheConnection() throws {
    func request(_ fields: Int, of count: Int) -> [UInt8] {
      let value = String(repeating: "v", count: count)
      let section = Frames.literals(Frames.get + (0..<fields).map { ("x-\($0)", value) })
      var rest = section[...]
      var bytes: [UInt8] = []
      while !rest.isEmpty {
        let part = Array(rest.prefix(16_000))
        rest = rest.dropFirst(16_000)
        let kind: Frames.Kind = bytes.isEmpty ? .headers : .continuation
        let flags = (bytes.isEmpty ? Frames.endStream : 0) | (rest.isEmpty ? Frames.endHeaders : 0)
        bytes += Frames.frame(kind, flags, on: 1, part)
      }
      return bytes
    }
    let fine = try ServerUnderTest()
    try fine.hear(request(90, of: 250))
    #expect(fine.requested.first?.refusal == nil)
    #expect(fine.requested.first?.request.fields.count == 90)
    let large = try ServerUnderTest()
    try large.hear(request(90, of: 600))
    #expect(large.requested.first?.refusal == .fieldsTooLarge)
    let many = try ServerUnderTest()
    try many.hear(request(101, of: 1))
    #expect(many.requested.first?.refusal == .tooManyFields)
    // A field of 4 KiB in the table, named again and again by a byte.
    let bomb = try ServerUnderTest()
    let field = [0x40] + Frames.string("x") + Frames.string(String(repeating: "v", count: 4000))
    let again = [UInt8](repeating: 0xbe, count: 10_000)
    try bomb.hear(
      Frames.frame(.headers, Frames.endHeaders, on: 1, Frames.literals(Frames.get) + field + again))
    #expect(bomb.session.violation == .flood(.headers))
    #expect(bomb.goAway == .enhanceYourCalm)
  }
}
