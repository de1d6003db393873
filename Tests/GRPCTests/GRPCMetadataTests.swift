import Bytes
import HTTP
import Runtime
import Testing

@testable import GRPC

@Suite("What travels with calls") struct GRPCMetadataTests {
  @Test("texts and bytes go out as fields and come back")
  func wire() throws {
    var metadata = GRPCMetadata()
    try metadata.append("tenant", "lake 7")
    try metadata.append("trace-bin", bytes: ByteBuffer([0, 255, 1]))
    try metadata.append("tenant", "second")
    var fields = HTTPFields()
    metadata.write(to: &fields)
    #expect(fields.pairs.map(\.value) == ["lake 7", "AP8B", "second"])
    #expect(try GRPCMetadata(fields) == metadata)
    #expect(metadata.text("tenant") == "lake 7" && metadata.bytes("trace-bin") == ByteBuffer([0, 255, 1]))
    #expect(
      metadata.text("trace-bin") == nil && metadata.bytes("tenant") == nil && metadata.text("none") == nil)
  }

  @Test("bytes are read with padding and without, and several from one field")
  func padding() throws {
    let fields: HTTPFields = ["a-bin": "AA==, AQ,Ag=="]
    let metadata = try GRPCMetadata(fields)
    #expect(metadata.entries.map(\.value) == [0, 1, 2].map { .bytes(ByteBuffer([$0])) })
  }

  @Test("what is HTTP's or the protocol's own is no metadata")
  func own() throws {
    let fields: HTTPFields = [
      "TE": "trailers", "Content-Type": "application/grpc", "grpc-timeout": "1S", "User-Agent": "x",
      "X-Mine": "y",
      "x!odd": "z",
    ]
    #expect(try GRPCMetadata(fields).entries.map(\.name) == ["x-mine"])
  }

  @Test("bytes that are not Base64 end the call", arguments: ["=", "A", "AA=", "A A=", "€"])
  func malformed(_ value: String) {
    var fields = HTTPFields()
    fields.append("a-bin", value)
    do throws(GRPCStatus) {
      _ = try GRPCMetadata(fields)
      Issue.record("taken")
    } catch {
      #expect(error.code == .internal)
    }
  }

  @Test(
    "a name or a text that cannot be sent is refused",
    arguments: [
      ("", "x"), ("Upper", "x"), ("a b", "x"), ("a:b", "x"), ("grpc-mine", "x"), ("te", "x"), ("a-bin", "x"),
      ("ok", "new\nline"), ("ok", "ö"),
    ])
  func refused(_ name: String, _ text: String) {
    var metadata = GRPCMetadata()
    do throws(GRPCStatus) {
      try metadata.append(name, text)
      Issue.record("taken")
    } catch {
      #expect(error.code == .invalidArgument)
    }
    #expect(metadata == GRPCMetadata())
  }

  @Test("there is a limit to entries and to bytes")
  func limits() throws {
    var many = GRPCMetadata()
    for _ in 0..<GRPCMetadata.Limit.entries { try many.append("a", "") }
    #expect(throws: GRPCStatus.self) { try many.append("a", "") }
    var large = GRPCMetadata()
    try large.append("a", String(repeating: "x", count: GRPCMetadata.Limit.bytes - 1))
    #expect(throws: GRPCStatus.self) { try large.append("b", "") }
  }

  @Test(
    "a timeout is up to eight digits and a unit",
    arguments: [
      ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("30S", .seconds(30)),
      ("15m", .milliseconds(15)),
      ("7u", .microseconds(7)), ("99999999n", .nanoseconds(99_999_999)), ("0S", .zero), ("100000000n", nil),
      ("S", nil),
      ("", nil), ("1", nil), ("1s", nil), ("-1S", nil), ("1.5S", nil), (" 1S", nil), ("1SS", nil),
    ] as [(String, Duration?)])
  func timeout(_ field: String, _ duration: Duration?) {
    #expect(GRPCTimeout.duration(field) == duration)
  }

  @Test(
    "a timeout is written in the finest unit that has room, rounded up",
    arguments: [
      (Duration.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"),
      (.nanoseconds(100_000_001), "100001u"),
      (.seconds(30), "30000000u"), (.seconds(200), "200000m"), (.seconds(1_000_000), "1000000S"),
      (.seconds(100_000_000), "1666667M"), (.zero, "1n"),
    ])
  func timeoutField(_ duration: Duration, _ field: String) {
    #expect(GRPCTimeout.field(duration) == field)
    #expect(GRPCTimeout.duration(field) ?? .zero >= duration)
  }
}
