// Codable types that arrange their containers themselves: superclasses, and nested containers.

import Bytes
import Testing
import Wire

@Suite("CBOR: Codable containers") struct CBORCodableContainerTests {
  class Animal: Codable {
    var name: String
    init(name: String) { self.name = name }
  }

  final class Dog: Animal {
    var tricks: [String]

    init(name: String, tricks: [String]) {
      self.tricks = tricks
      super.init(name: name)
    }

    enum CodingKeys: String, CodingKey { case tricks }

    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      tricks = try container.decode([String].self, forKey: .tricks)
      try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      let above = container.superEncoder()
      try container.encode(tricks, forKey: .tricks)
      // Filled in after the container around it went on.
      try super.encode(to: above)
    }
  }

  @Test("superclasses have a place of their own")
  func superclasses() throws {
    let message = try CBOREncoder().encode(Dog(name: "rex", tricks: ["sit"]))
    #expect(
      try CBORValue(decoding: message).description == #"{"super": {"name": "rex"}, "tricks": ["sit"]}"#)
    let dog = try CBORDecoder().decode(Dog.self, from: message)
    #expect(dog.name == "rex" && dog.tricks == ["sit"])
  }

  /// Encodes itself by nested containers, filled in turns, with the coder's userInfo among it.
  struct Nested: Codable, Equatable {
    var pairs: [String: Int]
    var rows: [[Int]]
    var note: String

    static let noteKey = CodingUserInfoKey(rawValue: "note")!

    enum CodingKeys: CodingKey { case pairs, rows, note }
    enum PairKeys: CodingKey { case x, y }

    init(pairs: [String: Int], rows: [[Int]], note: String) {
      (self.pairs, self.rows, self.note) = (pairs, rows, note)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      var first = container.nestedContainer(keyedBy: PairKeys.self, forKey: .pairs)
      var second = container.nestedUnkeyedContainer(forKey: .rows)
      try first.encode(pairs["x"] ?? 0, forKey: .x)
      for row in rows {
        var inner = second.nestedUnkeyedContainer()
        for number in row { try inner.encode(number) }
      }
      try container.encode(encoder.userInfo[Self.noteKey] as? String ?? "", forKey: .note)
      try first.encode(pairs["y"] ?? 0, forKey: .y)
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      let first = try container.nestedContainer(keyedBy: PairKeys.self, forKey: .pairs)
      pairs = ["x": try first.decode(Int.self, forKey: .x), "y": try first.decode(Int.self, forKey: .y)]
      var second = try container.nestedUnkeyedContainer(forKey: .rows)
      rows = []
      while !second.isAtEnd {
        var inner = try second.nestedUnkeyedContainer()
        var row: [Int] = []
        while !inner.isAtEnd { row.append(try inner.decode(Int.self)) }
        #expect(inner.currentIndex == inner.count)
        #expect(throws: DecodingError.self) { try inner.decode(Int.self) }
        rows.append(row)
      }
      note =
        (decoder.userInfo[Self.noteKey] as? String ?? "") + (try container.decode(String.self, forKey: .note))
    }
  }

  @Test("nested containers may be filled in any order, and userInfo arrives")
  func nestedContainers() throws {
    let nested = Nested(pairs: ["x": 1, "y": 2], rows: [[1, 2], [], [3]], note: "")
    let message = try CBOREncoder(userInfo: [Nested.noteKey: "out"]).encode(nested)
    #expect(
      try CBORValue(decoding: message).description
        == #"{"pairs": {"x": 1, "y": 2}, "rows": [[1, 2], [], [3]], "note": "out"}"#)
    let back = try CBORDecoder(userInfo: [Nested.noteKey: "in"]).decode(Nested.self, from: message)
    #expect(back.rows == nested.rows && back.pairs == nested.pairs && back.note == "inout")
  }
}
