import Bytes
import Testing
import Wire

/// What reading `text` with `body` throws.
private func failure(
  _ text: String, limits: JSONLimits = .standard, duplicateKeys: JSONDuplicateKeys = .keepEvery,
  _ body: (inout JSONReader) throws(JSONError) -> Void = { (reader) throws(JSONError) in
    _ = try reader.readValue()
    try reader.finish()
  }
) -> JSONError? {
  let buffer = ByteBuffer(text)
  do {
    var reader = try JSONReader(buffer.readable, limits: limits, duplicateKeys: duplicateKeys)
    try body(&reader)
    return nil
  } catch {
    return error
  }
}

@Suite("JSONReader") struct JSONReaderTests {
  @Test func readsAnObjectByItsKeys() throws {
    let buffer = ByteBuffer(
      """
      { "id": 7, "name": "Sedi\\u006dent", "skip": {"a":[1,{"b":null}]}, "on": true,
        "ratio": 0.25, "none": null, "list": [1, 2, 3] }
      """)
    var reader = try JSONReader(buffer.readable)
    var seen: [String] = []
    var sum = 0
    try reader.beginObject()
    while try reader.nextKey() {
      seen.append(reader.text)
      if reader.textEquals("id") {
        #expect(try reader.readInteger(Int.self) == 7)
      } else if reader.textEquals("name") {
        #expect(try reader.readString() == "Sediment")
      } else if reader.textEquals("on") {
        #expect(try reader.readBool())
      } else if reader.textEquals("ratio") {
        #expect(try reader.readDouble() == 0.25)
      } else if reader.textEquals("none") {
        #expect(try reader.readNullIfPresent())
      } else if reader.textEquals("list") {
        try reader.beginArray()
        #expect(reader.depth == 2)
        while try reader.nextElement() { sum += try reader.readInteger(Int.self) }
      } else {
        try reader.skipValue()
      }
    }
    try reader.finish()
    #expect(seen == ["id", "name", "skip", "on", "ratio", "none", "list"])
    #expect(sum == 6)
    #expect(reader.depth == 0)
  }

  @Test func comparesTextByAllOfItsBytes() throws {
    let buffer = ByteBuffer("[\"abc\", \"a\\u0062c\", \"ab\", \"abcd\", \"\"]")
    var reader = try JSONReader(buffer.readable)
    var equal: [Bool] = []
    try reader.beginArray()
    while try reader.nextElement() {
      try reader.readText()
      equal.append(reader.textEquals("abc"))
    }
    #expect(equal == [true, true, false, false, false])
  }

  @Test func decodesEscapesBetweenPlainRuns() throws {
    let value = try JSONValue(
      parsing: #""start \"q\" \\ \/ \b\f\n\r\t \u0041\u00e9\u20ac\ud834\udd1e 日本語 and a longer plain end""#)
    #expect(
      value
        == .string("start \"q\" \\ / \u{8}\u{c}\n\r\t Aé€𝄞 日本語 and a longer plain end"))
  }

  @Test func appendsStringsToABuffer() throws {
    let buffer = ByteBuffer("[\"ab\",\"c\\n\"]")
    var reader = try JSONReader(buffer.readable)
    var target = ByteBuffer(">")
    try reader.beginArray()
    while try reader.nextElement() { try reader.readString(into: &target) }
    #expect(target == ByteBuffer(">abc\n"))
  }

  @Test func handsOutRawValues() throws {
    let buffer = ByteBuffer("{\"a\" : [1, {\"b\" :2} ] , \"c\": \"x\"}")
    var reader = try JSONReader(buffer.readable)
    try reader.beginObject()
    #expect(try reader.nextKey())
    #expect(ByteBuffer(copying: try reader.readRawValue()) == ByteBuffer("[1, {\"b\" :2} ]"))
    #expect(try reader.nextKey())
    #expect(ByteBuffer(copying: try reader.readRawValue()) == ByteBuffer("\"x\""))
    #expect(try !reader.nextKey())
    try reader.finish()
  }

  @Test func aCopyLooksAheadWithoutMovingTheOriginal() throws {
    let buffer = ByteBuffer("{\"first\":\"\\u0031\",\"@type\":\"t\"}")
    var reader = try JSONReader(buffer.readable)
    try reader.beginObject()
    var ahead = reader
    var type: String?
    while try ahead.nextKey() {
      if ahead.textEquals("@type") { type = try ahead.readString() } else { try ahead.skipValue() }
    }
    #expect(type == "t")
    #expect(try reader.nextKey())
    #expect(reader.text == "first")
    #expect(try reader.readString() == "1")
  }

  @Test func peeksEveryKind() throws {
    let buffer = ByteBuffer("[null, true, -1, \"\", [], {}]")
    var reader = try JSONReader(buffer.readable)
    var kinds: [JSONKind] = []
    try reader.beginArray()
    while try reader.nextElement() {
      kinds.append(try reader.peek())
      #expect(try reader.peek() == kinds.last)
      try reader.skipValue()
    }
    #expect(kinds == [.null, .bool, .number, .string, .array, .object])
  }

  // MARK: Errors

  @Test(
    arguments: [
      ("", .unexpectedEnd, 0, 1, 1),
      ("[1,\n  x]", .expectedValue, 6, 2, 3),
      ("{\"é\": tru}", .expectedValue, 10, 1, 10),
      ("{\n\n  5:1}", .expectedKey, 5, 3, 3),
      ("{\"a\" 1}", .expectedColon, 5, 1, 6),
      ("[1 2]", .expectedCommaOrEnd, 3, 1, 4),
      ("{\"a\":1;", .expectedCommaOrEnd, 6, 1, 7),
      ("\"a\u{1}\"", .controlCharacter, 2, 1, 3),
      ("\"日本\\x\"", .badEscape, 7, 1, 4),
      ("\"ab\\u12x4\"", .badEscape, 3, 1, 4),
      ("\"\\ud800\\u0041\"", .loneSurrogate, 1, 1, 2),
      ("\"\\udc00\"", .loneSurrogate, 1, 1, 2),
      ("[01]", .badNumber, 2, 1, 3),
      ("[1.e5]", .badNumber, 3, 1, 4),
      ("[1e]", .badNumber, 3, 1, 4),
      ("[-", .unexpectedEnd, 2, 1, 3),
      ("1 2", .trailingBytes, 2, 1, 3),
      ("[\"abc", .unexpectedEnd, 5, 1, 6),
    ] as [(String, JSONError.Reason, Int, Int, Int)])
  func saysWhatWasWrongAndWhere(
    document: String, reason: JSONError.Reason, offset: Int, line: Int, column: Int
  ) {
    let expected = JSONError(reason, at: JSONPosition(offset: offset, line: line, column: column))
    #expect(failure(document) == expected)
  }

  @Test func describesItselfOnOneLine() {
    #expect(
      failure("[1,\n x]").map(String.init(describing:))
        == "JSON refused at line 2, column 2 (byte 5): expectedValue")
  }

  @Test func refusesAnotherKindThanAskedFor() {
    let here = JSONPosition(offset: 0, line: 1, column: 1)
    let string = failure("7") { (reader) throws(JSONError) in _ = try reader.readString() }
    #expect(string == JSONError(.wrongKind(expected: .string, found: .number), at: here))
    let object = failure("[]") { (reader) throws(JSONError) in try reader.beginObject() }
    #expect(object == JSONError(.wrongKind(expected: .object, found: .array), at: here))
    let array = failure("null") { (reader) throws(JSONError) in try reader.beginArray() }
    #expect(array == JSONError(.wrongKind(expected: .array, found: .null), at: here))
    let null = failure("true") { (reader) throws(JSONError) in try reader.readNull() }
    #expect(null == JSONError(.wrongKind(expected: .null, found: .bool), at: here))
    let bool = failure("\"true\"") { (reader) throws(JSONError) in _ = try reader.readBool() }
    #expect(bool == JSONError(.wrongKind(expected: .bool, found: .string), at: here))
    let number = failure("{}") { (reader) throws(JSONError) in _ = try reader.readDouble() }
    #expect(number == JSONError(.wrongKind(expected: .number, found: .object), at: here))
  }

  // MARK: Limits

  @Test func keepsItsLimits() {
    #expect(failure("[[[]]]", limits: JSONLimits(depthMaximum: 3)) == nil)
    #expect(failure("[[{}]]", limits: JSONLimits(depthMaximum: 2))?.reason == .tooDeep)
    #expect(failure("[[{}]]", limits: JSONLimits(depthMaximum: 2))?.position.offset == 2)
    #expect(failure("7", limits: JSONLimits(depthMaximum: 0)) == nil)
    #expect(failure("\"abcd\"", limits: JSONLimits(stringBytesMaximum: 4)) == nil)
    #expect(failure("\"abcde\"", limits: JSONLimits(stringBytesMaximum: 4))?.reason == .stringTooLong)
    #expect(failure("\"\\u0041\"", limits: JSONLimits(stringBytesMaximum: 5))?.reason == .stringTooLong)
    #expect(failure("{\"abcde\":1}", limits: JSONLimits(stringBytesMaximum: 4))?.reason == .stringTooLong)
    #expect(failure("12345", limits: JSONLimits(numberBytesMaximum: 5)) == nil)
    #expect(failure("123456", limits: JSONLimits(numberBytesMaximum: 5))?.reason == .numberTooLong)
    #expect(failure("[1,2]", limits: JSONLimits(valuesMaximum: 3)) == nil)
    #expect(failure("[1,2,3]", limits: JSONLimits(valuesMaximum: 3))?.reason == .tooManyValues)
    #expect(failure("[1]", limits: JSONLimits(documentBytesMaximum: 3)) == nil)
    #expect(failure("[1] ", limits: JSONLimits(documentBytesMaximum: 3))?.reason == .documentTooLong)
  }

  @Test func nestsAsDeepAsItSays() throws {
    let deepest = JSONLimits(depthMaximum: JSONLimits.deepestPossible)
    func nested(_ depth: Int) -> String {
      (0..<depth).map { $0 % 3 == 0 ? "{\"k\":" : "[" }.joined() + "1"
        + (0..<depth).reversed().map { $0 % 3 == 0 ? "}" : "]" }.joined()
    }
    #expect(failure(nested(512), limits: deepest) == nil)
    #expect(failure(nested(513), limits: deepest)?.reason == .tooDeep)
    #expect(failure(nested(129))?.reason == .tooDeep)
    #expect(try JSONValue(parsing: nested(512), limits: deepest).text() == nested(512))
    let skipping = failure(nested(512), limits: deepest) { (reader) throws(JSONError) in
      try reader.skipValue()
      try reader.finish()
    }
    #expect(skipping == nil)
    // A hundred thousand brackets are refused at the limit, not after using up the stack.
    let endless = String(repeating: "[", count: 100_000)
    #expect(failure(endless, limits: deepest)?.position.offset == 512)
  }

  // MARK: Repeated keys

  @Test func refusesRepeatedKeysWhenTold() {
    func duplicate(_ text: String) -> Int? {
      let error = failure(text, duplicateKeys: .refuse)
      #expect(error == nil || error?.reason == .duplicateKey)
      return error?.position.offset
    }
    #expect(duplicate("{\"a\":1,\"b\":2,\"a\":3}") == 13)
    #expect(duplicate("{\"a\":1,\"\\u0061\":3}") == 7)
    #expect(duplicate("{\"\\u0061\":1,\"a\":3}") == 12)
    #expect(duplicate("{\"\\u0061\":1,\"x\\u0061\":1,\"\\u0061\":3}") == 24)
    #expect(duplicate("{\"\":1,\"\":3}") == 6)
    #expect(duplicate("[{\"a\":{\"a\":{\"a\":1},\"b\":1},\"b\":2},{\"a\":1}]") == nil)
    #expect(duplicate("{\"a\":{\"b\":1},\"b\":{\"b\":2},\"b\":3}") == 25)
    #expect(duplicate("{\"a\":1,\"A\":2,\"á\":3,\"a\u{301}\":4}") == nil)
    #expect(failure("{\"a\":1,\"a\":2}") == nil)
  }

  @Test func noticesARepeatedKeyAmongManyThousands() {
    let members = (0..<20_000).map { "\"key-\($0)\":\($0)" }
    #expect(failure("{" + members.joined(separator: ",") + "}", duplicateKeys: .refuse) == nil)
    let repeated = (members + ["\"key-1234\":0"]).joined(separator: ",")
    #expect(failure("{\(repeated)}", duplicateKeys: .refuse)?.reason == .duplicateKey)
    // Skipped objects are checked as well.
    let skipped = failure("[{\"a\":1,\"a\":2}]", duplicateKeys: .refuse) { (reader) throws(JSONError) in
      try reader.skipValue()
    }
    #expect(skipped?.reason == .duplicateKey)
  }

  // MARK: Misuse

  @Test func trapsWhenTheDecoderLosesItsPlace() async {
    await #expect(processExitsWith: .failure) {
      let buffer = ByteBuffer("[1]")
      var reader = try JSONReader(buffer.readable)
      try reader.beginArray()
      _ = try reader.readInteger(Int.self)
    }
    await #expect(processExitsWith: .failure) {
      let buffer = ByteBuffer("{\"a\":1}")
      var reader = try JSONReader(buffer.readable)
      try reader.beginObject()
      _ = try reader.nextKey()
      _ = try reader.nextKey()
    }
    await #expect(processExitsWith: .failure) {
      let buffer = ByteBuffer("[1]")
      var reader = try JSONReader(buffer.readable)
      try reader.beginArray()
      try reader.finish()
    }
  }
}
