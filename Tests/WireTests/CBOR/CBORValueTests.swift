// The tree of values: equality as RFC 8949's data model has it, maps, and notation beyond appendix A.

import Bytes
import Testing
import Wire

@Suite("CBOR: values") struct CBORValueTests {
  @Test("equal values are equal and hash alike, different ones differ")
  func equality() {
    let nan = CBORValue.float(.nan)
    let alike: [(CBORValue, CBORValue)] = [
      (nan, nan), ([1: 2, 3: 4], [3: 4, 1: 2]), ([["a": 1, "b": 2]], [["b": 2, "a": 1]]),
      (.tagged(1, 2), .tagged(1, 2)), (.bytes(bytes(cbor: "01")), .bytes(bytes(cbor: "01"))),
      (.simple(CBORSimple(1)!), .simple(CBORSimple(1)!)), (.undefined, .undefined),
    ]
    for (left, right) in alike {
      #expect(left == right && left.hashValue == right.hashValue)
    }
    let different: [CBORValue] = [
      0, 1, -1, 1.0, 0.0, .float(-0.0), false, true, .null, .undefined, "", "a", .bytes(ByteBuffer()),
      .bytes(bytes(cbor: "61")), [], [1], [:], [1: 1], [1: 2], [2: 1], .map([1: 1, 1: 1]),
      .map([1: 1, 1: 2]),
      .tagged(0, 0), .tagged(1, 0), .simple(CBORSimple(0)!), "\u{fc}", "u\u{308}", nan,
      .float(Double(bitPattern: 0x7ff8_0000_0000_0001)),
    ]
    for (index, left) in different.enumerated() {
      for (other, right) in different.enumerated() { #expect((left == right) == (index == other)) }
    }
    #expect(Set(different).count == different.count)
  }

  @Test("integers of any type")
  func integers() {
    #expect(CBORValue(Int64.min) == .negative(UInt64(Int64.max)) && CBORValue(UInt64.max) == .unsigned(.max))
    #expect(CBORValue.negative(127).integer(as: Int8.self) == -128)
    #expect(CBORValue.negative(128).integer(as: Int8.self) == nil)
    #expect(CBORValue.negative(0).integer(as: UInt8.self) == nil)
    #expect(CBORValue.unsigned(.max).integer(as: Int.self) == nil)
    #expect(CBORValue.float(1).integer(as: Int.self) == nil)
  }

  @Test("a map is read and changed by key, and keeps its order")
  func maps() {
    var map: CBORMap = ["b": 1, "a": 2]
    map["c"] = 3
    map["b"] = 4
    #expect(CBORValue.map(map).description == "{\"b\": 4, \"a\": 2, \"c\": 3}")
    map["a"] = nil
    #expect(map["a"] == nil && map["c"] == 3 && map.count == 2)
    var twice: CBORMap = [1: 1, 1: 2]
    #expect(twice[1] == 2)
    twice[1] = nil
    #expect(twice.count == 0)
  }

  @Test(
    "notation escapes what JSON does",
    arguments: [
      ("a\"b\\c\n\r\t\u{0}\u{7f}\u{85}", #""a\"b\\c\n\r\t\u0000\u007f\u0085""#),
      ("\u{6c34}\u{10151}", "\"\u{6c34}\u{10151}\""),
    ])
  func notation(_ text: String, _ expected: String) {
    #expect(CBORValue.text(text).description == expected)
  }

  @Test("simple values that have a name, or do not exist, have no other form")
  func simples() {
    #expect((0...255).filter { CBORSimple($0) != nil } == Array(0...19) + Array(32...255))
  }

  @Test("errors say where and what")
  func errorTexts() {
    #expect(CBORError.stringTooLong(count: 9, maximum: 3, at: 7).description.contains("at byte 7"))
    #expect(
      CBORError.typeMismatch(expected: .integer, found: .text, at: 2).description
        == "CBOR at byte 2: expected integer, found text")
  }
}
