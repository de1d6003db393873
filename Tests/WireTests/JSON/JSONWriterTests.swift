import Bytes
import Testing
import Wire

/// What `body` writes, as text.
private func written(
  style: JSONWriter.Style = .compact, _ body: (inout JSONWriter) throws -> Void
) rethrows -> String {
  var writer = JSONWriter(style: style)
  try body(&writer)
  return String(validating: writer.finish()) ?? "not UTF-8"
}

@Suite("JSONWriter") struct JSONWriterTests {
  private static func writeSample(_ writer: inout JSONWriter) throws {
    writer.beginObject()
    writer.key("id")
    writer.integer(7)
    writer.key("né\"w" as String)
    writer.string("a\"b")
    writer.key("list")
    writer.beginArray()
    writer.integer(1)
    try writer.double(0.5)
    writer.beginArray()
    writer.endArray()
    writer.beginObject()
    writer.endObject()
    writer.endArray()
    writer.key("on")
    writer.bool(true)
    writer.key("off")
    writer.bool(false)
    writer.key("none")
    writer.null()
    writer.key("raw")
    writer.raw(ByteBuffer("{\"x\":[1]}").readable)
    writer.key("plain")
    writer.plainString("word")
    writer.endObject()
  }

  @Test func writesCompactly() throws {
    #expect(
      try written(Self.writeSample)
        == #"{"id":7,"né\"w":"a\"b","list":[1,0.5,[],{}],"on":true,"off":false,"none":null,"#
        + #""raw":{"x":[1]},"plain":"word"}"#)
  }

  @Test func writesForPeople() throws {
    #expect(
      try written(style: .pretty(indent: 2), Self.writeSample) == """
        {
          "id": 7,
          "né\\"w": "a\\"b",
          "list": [
            1,
            0.5,
            [],
            {}
          ],
          "on": true,
          "off": false,
          "none": null,
          "raw": {"x":[1]},
          "plain": "word"
        }
        """)
  }

  @Test func writesScalarsAsDocuments() throws {
    #expect(written { $0.null() } == "null")
    #expect(written { $0.string("") } == "\"\"")
    #expect(written { $0.integer(-1) } == "-1")
    #expect(written(style: .pretty(indent: 4)) { $0.bool(true) } == "true")
  }

  @Test func escapesWhatMustBeAndNothingElse() {
    for value in UInt32(0)..<0x300 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected =
        switch value {
        case 0x22: "\\\""
        case 0x5c: "\\\\"
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0a: "\\n"
        case 0x0c: "\\f"
        case 0x0d: "\\r"
        case ..<0x20: "\\u00" + (value < 16 ? "0" : "") + String(value, radix: 16)
        default: String(scalar)
        }
      // At every place relative to the words the scan goes by.
      for before in 0..<18 {
        let run = String(repeating: "x", count: before)
        let after = String(repeating: "é", count: before)
        #expect(written { $0.string(run + String(scalar) + after) } == "\"\(run)\(expected)\(after)\"")
      }
    }
  }

  @Test func escapesLongRunsOfBadBytesWithoutOverrunningItsBuffer() {
    for length in [1, 7, 8, 63, 64, 65, 1000, 70_000] {
      let text = String(repeating: "\u{1}", count: length)
      #expect(written { $0.string(text) } == "\"" + String(repeating: "\\u0001", count: length) + "\"")
      let mixed = String(repeating: "abcdefg\n", count: length / 8)
      #expect(
        written { $0.string(mixed) } == "\"" + String(repeating: "abcdefg\\n", count: length / 8) + "\"")
    }
  }

  @Test func writesStringsGivenAsBytes() {
    let text = ByteBuffer("a\té")
    #expect(written { $0.string(utf8: text.readable) } == "\"a\\té\"")
    #expect(written { $0.string(utf8: ByteBuffer().readable) } == "\"\"")
  }

  @Test func writesBytesAsBase64() {
    for length in 0..<70 {
      let bytes = ByteBuffer((0..<length).map { UInt8($0 * 3) })
      #expect(
        written { $0.base64(bytes.readable) } == "\"\(Base64.standard.encode(bytes.readable) as String)\"")
    }
    let bytes = ByteBuffer([0xfb, 0xff])
    #expect(written { $0.base64(bytes.readable, as: .url) } == "\"-_8\"")
  }

  @Test func writesEveryLengthOfInteger() {
    var values: [Int64] = [0, .min, .max, -1, .min + 1]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      values += [power - 1, power, power + 1, -power, 1 - power]
    }
    for value in values {
      #expect(written { $0.integer(value) } == value.description)
      #expect(written { $0.quotedInteger(value) } == "\"\(value)\"")
    }
    #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
    #expect(written { $0.quotedInteger(UInt64.max) } == "\"18446744073709551615\"")
    #expect(written { $0.integer(UInt64(1) << 63) } == "9223372036854775808")
    #expect(written { $0.integer(UInt8.max) } == "255")
    for shift in 0..<64 {
      #expect(written { $0.integer(UInt64.max >> UInt64(shift)) } == "\(UInt64.max >> UInt64(shift))")
    }
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (1.5, "1.5"), (0.1, "0.1"), (100, "100"),
      (1e15, "1000000000000000"),
      (123_456_789_012_345_680, "123456789012345680"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
      (1.5e21, "1.5e+21"), (123e-8, "0.00000123"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.25e-7, "1.25e-7"),
      (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (9_007_199_254_740_992, "9007199254740992"),
      (-1234.5678, "-1234.5678"), (2.2250738585072014e-308, "2.2250738585072014e-308"), (0.3, "0.3"),
      (0.1 + 0.2, "0.30000000000000004"), (1 / 3.0, "0.3333333333333333"), (12.0e22, "1.2e+23"),
      (0x1p68, "295147905179352830000"), (4.35, "4.35"), (-5e-7, "-5e-7"),
    ] as [(Double, String)])
  func laysDoublesOutAsECMAScriptDoes(value: Double, text: String) throws {
    #expect(try written { try $0.double(value) } == text)
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (0.1, "0.1"), (16_777_216, "16777216"), (3.4028235e38, "3.4028235e+38"),
      (.leastNonzeroMagnitude, "1e-45"),
      (1.1754944e-38, "1.1754944e-38"), (-2.5, "-2.5"), (1e21, "1e+21"), (1 / 3.0, "0.33333334"),
      (1e10, "10000000000"),
    ] as [(Float, String)])
  func writesFloatsByTheirOwnShortestDigits(value: Float, text: String) throws {
    #expect(try written { try $0.float(value) } == text)
  }

  @Test func refusesWhatJSONCannotSay() {
    for value in [Double.nan, .infinity, -.infinity, .signalingNaN] {
      var writer = JSONWriter()
      writer.beginArray()
      let error = #expect(throws: JSONError.self) { try writer.double(value) }
      #expect(error?.reason == .notFinite)
      #expect(throws: JSONError.self) { try writer.float(Float(value)) }
      // Nothing was written: the document can go on.
      writer.null()
      writer.endArray()
      #expect(String(validating: writer.finish()) == "[null]")
    }
  }

  // MARK: The buffer

  @Test func appendsToWhatTheBufferHolds() {
    var buffer = ByteBuffer("data: ")
    buffer.appendJSON { writer in
      writer.beginArray()
      writer.endArray()
    }
    #expect(buffer == ByteBuffer("data: []"))
  }

  @Test func leavesTheBufferAsItWasWhenTheBodyThrows() {
    struct Stop: Error {}
    var buffer = ByteBuffer("kept")
    #expect(throws: Stop.self) {
      try buffer.appendJSON { writer throws(Stop) in
        writer.beginArray()
        writer.integer(1)
        throw Stop()
      }
    }
    #expect(buffer == ByteBuffer("kept"))
  }

  @Test func doesNotTouchBytesThatSomebodyElseHolds() {
    let shared = ByteBuffer("[")
    var taken = shared
    var writer = JSONWriter(appendingTo: &taken)
    writer.integer(1)
    #expect(writer.count == 2)
    let grown = writer.finish()
    #expect(shared == ByteBuffer("["))
    #expect(grown == ByteBuffer("[1"))
  }

  @Test func reusesABufferWithoutGrowingIt() {
    var buffer = ByteBuffer(capacity: 4096)
    for _ in 0..<100 {
      buffer.clear()
      var writer = JSONWriter(appendingTo: &buffer)
      #expect(buffer.isEmpty)
      writer.string(String(repeating: "x", count: 1000))
      buffer = writer.finish()
      #expect(buffer.capacity == 4096)
    }
  }

  @Test func writesLines() {
    let text = written { writer in
      for number in 0..<3 {
        if number > 0 { writer.endLine() }
        writer.beginArray()
        writer.integer(number)
        writer.endArray()
      }
    }
    #expect(text == "[0]\n[1]\n[2]")
  }

  @Test func canBeSentWhileItIsWritten() {
    var sent = ByteBuffer()
    var writer = JSONWriter()
    writer.beginArray()
    for number in 0..<1000 {
      writer.integer(number)
      if number % 100 == 0 { sent.append(writer.takeWritten()) }
    }
    #expect(writer.depth == 1)
    writer.endArray()
    sent.append(writer.finish())
    let expected = "[" + (0..<1000).map(String.init).joined(separator: ",") + "]"
    #expect(String(validating: sent) == expected)
  }

  // MARK: Misuse

  @Test func trapsOnWhatWouldNotBeJSON() async {
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginObject()
      writer.integer(1)
      _ = writer.finish()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      writer.key("a")
      _ = writer.finish()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.integer(1)
      writer.integer(2)
      _ = writer.finish()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      writer.endObject()
      _ = writer.finish()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginObject()
      writer.key("a")
      writer.endObject()
      _ = writer.finish()
    }
    await #expect(processExitsWith: .failure) {
      var writer = JSONWriter()
      writer.beginArray()
      _ = writer.finish()
    }
  }
}
