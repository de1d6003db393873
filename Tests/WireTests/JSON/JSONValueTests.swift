import Bytes
import Peers
import Testing
import Wire

@Suite("JSONValue") struct JSONValueTests {
  @Test func keepsOrderAndAnswersByKeyAndIndex() throws {
    let value = try JSONValue(parsing: "{\"z\":[1,\"two\",null,true],\"a\":{\"b\":2.50}}")
    #expect(value.object?.members.map(\.key) == ["z", "a"])
    #expect(value["z"]?[0]?.number?.int64 == 1)
    #expect(value["z"]?[1]?.string == "two")
    #expect(value["z"]?[2]?.kind == .null)
    #expect(value["z"]?[3]?.bool == true)
    #expect(value["z"]?[4] == nil)
    #expect(value["z"]?.array?.count == 4)
    #expect(value["a"]?["b"]?.number?.double == 2.5)
    #expect(value["missing"] == nil)
    #expect(value[0] == nil)
    #expect(value["z"]?["a"] == nil)
    #expect(value.string == nil && value.bool == nil && value.number == nil && value.array == nil)
    #expect(JSONValue.null.object == nil)
  }

  @Test func isWrittenByLiterals() {
    let value: JSONValue = ["b": [1, true, nil, "x"], "a": [:], "c": []]
    #expect(value.text() == "{\"b\":[1,true,null,\"x\"],\"a\":{},\"c\":[]}")
    #expect(
      value.text(style: .pretty(indent: 1))
        == "{\n \"b\": [\n  1,\n  true,\n  null,\n  \"x\"\n ],\n \"a\": {},\n \"c\": []\n}")
  }

  @Test func editsObjectsInPlace() {
    var object = JSONObject()
    object["a"] = 1
    object["b"] = 2
    object["a"] = 3
    #expect(JSONValue.object(object).text() == "{\"a\":3,\"b\":2}")
    object["a"] = nil
    #expect(JSONValue.object(object).text() == "{\"b\":2}")
    #expect(object["a"] == nil)
  }

  @Test func treatsRepeatedKeysAsTold() throws {
    let text = "{\"a\":1,\"b\":2,\"a\":3}"
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    let kept = try JSONValue(parsing: text, duplicateKeys: .keepEvery)
    #expect(kept.text() == text)
    #expect(kept["a"] == 3)
  }

  @Test func namesEveryKind() throws {
    let kinds = try ["null", "false", "0", "\"\"", "[]", "{}"].map { try JSONValue(parsing: $0).kind }
    #expect(kinds == [.null, .bool, .number, .string, .array, .object])
  }

  // MARK: Against another implementation

  /// Reads each line, checks it is what `repr` says, and writes it again in one of four ways.
  private static let script = """
    import json, sys
    for number, line in enumerate(sys.stdin):
        value = json.loads(line)
        print(json.dumps(value, ensure_ascii=number % 2 == 0,
                         separators=(',', ':') if number % 4 < 2 else (' , ', ' : ')))
    """

  @Test func agreesWithPythonOnRandomDocuments() throws {
    var random = SplitMix(seed: 2026)
    let documents = (0..<1500).map { _ in Self.document(&random, depth: 5) }
    let input = documents.map { $0.text() + "\n" }.joined()
    let lines = try ForeignProgram.python(Self.script, input: input).split(separator: "\n")
    try #require(lines.count == documents.count)
    for (line, document) in zip(lines, documents) {
      #expect(try JSONValue(parsing: String(line)) == document)
    }
  }

  /// A document whose numbers Python writes as we do: integers of any size, and doubles by their shortest
  /// digits where both lay them out alike.
  private static func document(_ random: inout SplitMix, depth: Int) -> JSONValue {
    switch random.next() % (depth == 0 ? 5 : 8) {
    case 0: return .null
    case 1: return .bool(random.next() % 2 == 0)
    case 2: return .integer(Int64(bitPattern: random.next()) >> Int64(random.next() % 64))
    case 3:
      let value = Double(Int64(bitPattern: random.next()) >> 20) / 1024 + 0.5 / 1024
      return JSONNumber(value.description).map(JSONValue.number) ?? .null
    case 4: return .string(text(&random))
    case 5: return .array((0..<random.next() % 6).map { _ in document(&random, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<random.next() % 6 { object[text(&random)] = document(&random, depth: depth - 1) }
      return .object(object)
    }
  }

  private static func text(_ random: inout SplitMix) -> String {
    var text = ""
    for _ in 0..<random.next() % 24 {
      let range: UInt32 = [0x20, 0x80, 0x800, 0xffff, 0x10ffff][Int(random.next() % 5)]
      // Python splits its input into lines at line feeds only, and we write none raw.
      text.unicodeScalars.append(Unicode.Scalar(UInt32(random.next() % UInt64(range))) ?? "\u{fffd}")
    }
    return text
  }
}
