// Lines, byte for byte, in both formats: every type of value, and text that tries to leave its field.

import Bytes
import Runtime
import Testing

@testable import Telemetry

private struct DiskFull: Error, CustomStringConvertible {
  var description: String { "disk full\nlevel=info" }
}

@Suite("Log lines") struct LogRendererTests {
  /// 2023-11-14T22:13:20.123456789Z.
  static let moment = Timestamp(nanoseconds: 1_700_000_000_123_456_789)

  static func line(
    _ fields: LogFields = [:], message: String = "hello", format: LogFormat = .logfmt, coloured: Bool = false,
    limits: LogLimits = LogLimits(), change: (inout LogRecord) -> Void = { _ in }
  ) -> String {
    var record = LogRecord(
      time: moment, level: .info, module: "net.http", message: message, fields: fields)
    change(&record)
    var buffer = ByteBuffer()
    LogRenderer(format: format, coloured: coloured, limits: limits).render(record, into: &buffer)
    return String(validating: buffer) ?? "not UTF-8"
  }

  @Test func logfmtLine() {
    #expect(
      Self.line(["port": 8080, "peer": "::1"], message: "listening on a port")
        == "time=2023-11-14T22:13:20.123456Z level=info module=net.http msg=\"listening on a port\" "
        + "port=8080 peer=::1\n")
  }

  @Test func jsonLine() {
    #expect(
      Self.line(["port": 8080, "peer": "::1"], message: "listening on a port", format: .json)
        == #"{"time":"2023-11-14T22:13:20.123456Z","level":"info","module":"net.http","#
        + #""msg":"listening on a port","port":8080,"peer":"::1"}"# + "\n")
  }

  @Test(
    "Each type of value in both formats",
    arguments: [
      (.string("plain"), "plain", "\"plain\""),
      (.string(""), "\"\"", "\"\""),
      (.string("two words"), "\"two words\"", "\"two words\""),
      (.string("a=b"), "\"a=b\"", "\"a=b\""),
      (.string("say \"hi\" \\ bye"), #""say \"hi\" \\ bye""#, #""say \"hi\" \\ bye""#),
      (.string("line\nlevel=error\r\t"), #""line\nlevel=error\r\t""#, #""line\nlevel=error\r\t""#),
      (.string("\0\u{1b}[31m\u{7f}"), #""\u0000\u001b[31m\u007f""#, #""\u0000\u001b[31m\u007f""#),
      (.string("\u{85}\u{9b}31m"), #""\u0085\u009b31m""#, #""\u0085\u009b31m""#),
      (
        .string("a\u{2028}b\u{202e}c\u{2066}d\u{feff}"), #""a\u2028b\u202ec\u2066d\ufeff""#,
        #""a\u2028b\u202ec\u2066d\ufeff""#
      ),
      (.string("naïve 漢字 🪨"), "\"naïve 漢字 🪨\"", "\"naïve 漢字 🪨\""),
      (.int(-42), "-42", "-42"),
      (.int(Int64.min), "-9223372036854775808", "-9223372036854775808"),
      (.uint(UInt64.max), "18446744073709551615", "18446744073709551615"),
      (.uint(UInt8(0)), "0", "0"),
      (.double(0.1), "0.1", "0.1"),
      (.double(.nan), "nan", "\"nan\""),
      (.double(-.infinity), "-inf", "\"-inf\""),
      (.bool(true), "true", "true"),
      (.bool(false), "false", "false"),
      (.duration(.zero), "0ns", "0.0"),
      (.duration(.nanoseconds(999)), "999ns", "9.99e-07"),
      (.duration(.microseconds(1500)), "1.5ms", "0.0015"),
      (.duration(.nanoseconds(1_000_050)), "1ms", "0.00100005"),
      (.duration(.nanoseconds(12_034_000)), "12.034ms", "0.012034"),
      (.duration(.seconds(3725)), "3725s", "3725.0"),
      (.duration(.milliseconds(-20)), "-20ms", "-0.02"),
      (.bytes(ByteBuffer([0, 0x7f, 0xff] as [UInt8])), "007fff", "\"007fff\""),
      (.text(ByteBuffer([0x61, 0xff, 0x62] as [UInt8])), "\"a\u{fffd}b\"", "\"a\u{fffd}b\""),
      (.error(DiskFull()), #""disk full\nlevel=info""#, #""disk full\nlevel=info""#),
      (.redacted, "[redacted]", "\"[redacted]\""),
    ] as [(LogValue, String, String)])
  func values(value: LogValue, logfmt: String, json: String) {
    #expect(Self.line(["v": value]).hasSuffix(" msg=hello v=\(logfmt)\n"))
    #expect(Self.line(["v": value], format: .json).hasSuffix(#""msg":"hello","v":\#(json)}"# + "\n"))
  }

  @Test(
    "Times are RFC 3339 in UTC with microseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (-1, "1969-12-31T23:59:59.999999Z"),
      (951_782_399_999_999_999, "2000-02-28T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (4_107_542_400_000_001_000, "2100-03-01T00:00:00.000001Z"),
      (Int64.max, "2262-04-11T23:47:16.854775Z"),
      (Int64.min, "1677-09-21T00:12:43.145224Z"),
    ] as [(Int64, String)])
  func times(nanoseconds: Int64, text: String) {
    #expect(Self.line { $0.time = Timestamp(nanoseconds: nanoseconds) }.hasPrefix("time=\(text) level="))
  }

  @Test func aFieldNearerToTheCallWins() {
    let line = Self.line(["a": 3, "d": 1, "d": 2]) {
      $0.contextFields = ["a": 1, "b": 1]
      $0.loggerFields = ["a": 2, "b": 2, "c": 2]
    }
    #expect(line.hasSuffix("msg=hello b=2 c=2 a=3 d=2\n"))
  }

  @Test func aFieldCannotPassForThePartsOfTheLine() {
    #expect(
      Self.line(["level": "critical", "msg": "x", "time": 1, "request_id": "y"])
        .hasSuffix(" level=info module=net.http msg=hello level_=critical msg_=x time_=1 request_id_=y\n"))
  }

  @Test func aKeyCannotBreakTheLine() {
    #expect(Self.line(["a b\n\"=": 1]).hasSuffix(" a_b___=1\n"))
  }

  @Test func theRequestComesAfterTheMessage() {
    let line = Self.line(["a": 1]) { $0.requestID = RequestID(accepting: "abc-1") }
    #expect(line.hasSuffix(" msg=hello request_id=abc-1 a=1\n"))
    let json = Self.line(["a": 1], format: .json) { $0.requestID = RequestID(accepting: "abc-1") }
    #expect(json.hasSuffix(#""msg":"hello","request_id":"abc-1","a":1}"# + "\n"))
  }

  @Test func onlyTheLevelIsColouredAndOnlyInLogfmt() {
    #expect(Self.line(coloured: true).contains(" level=\u{1b}[32minfo\u{1b}[0m module="))
    #expect(!Self.line(format: .json, coloured: true).contains("\u{1b}"))
  }

  @Test func longTextIsCutAtACharacterAndTellsHowMuch() {
    var limits = LogLimits()
    limits.fieldBytesMaximum = 16
    limits.messageBytesMaximum = 16
    let text = String(repeating: "é", count: 20)
    let line = Self.line(
      ["v": .string("x" + text), "b": .bytes(ByteBuffer(Array(repeating: 0xab, count: 20)))], message: text,
      limits: limits)
    #expect(line.contains("msg=\"éééééééé…(+24 bytes)\""))
    #expect(line.contains("v=\"xééééééé…(+26 bytes)\""))
    #expect(line.hasSuffix("b=abababababababab…(+12bytes)\n"))
  }

  @Test("A line keeps its limit, and stays whole", arguments: LogFormat.allCases)
  func longLines(format: LogFormat) {
    var limits = LogLimits()
    limits.lineBytesMaximum = 512
    let wide = LogValue.string(String(repeating: "\u{1}", count: 60))
    let line = Self.line(
      ["a": 1, "b": wide, "c": wide, "d": 4], message: String(repeating: "\n", count: 4000), format: format,
      limits: limits)
    #expect(line.utf8.count <= 512)
    #expect(line.utf8.filter { $0 == 10 }.count == 1 && line.hasSuffix("\n"))
    #expect(line.contains(format == .json ? "\"d\":4,\"fields_omitted\":2}" : " d=4 fields_omitted=2\n"))
  }
}
