// Codable types to CBOR and back.

import Bytes
import Testing
import Wire

@Suite("CBOR: Codable") struct CBORCodableTests {
  enum Kind: String, Codable { case pull, push }

  struct Inner: Codable, Equatable {
    var name: String
    var sizes: [UInt16]
  }

  struct Everything: Codable, Equatable {
    var id: UInt64 = .max
    var text = "t\u{fc}"
    var raw = ByteBuffer([1, 2, 3])
    var flag = true
    var small: Int8 = -128
    var wide: Int64 = .min
    var ratio = 0.1
    var single: Float = 0.1
    var kind = Kind.push
    var inner = Inner(name: "n", sizes: [1, 2, 65535])
    var inners = [Inner(name: "", sizes: []), Inner(name: "x", sizes: [7])]
    var none: String?
    var some: String? = "s"
    var byName = ["a": [1], "b": [2, 3]]
    var byNumber = [-1: "minus", 300: "many"]
    var numbers: [Double?] = [1, nil, .infinity]
    var any: CBORValue = ["k": .tagged(1, [1.5, .undefined])]
    var blobs = [ByteBuffer([9]), ByteBuffer()]
  }

  static let optionSets: [(CBORWritingOptions, Bool)] = [
    (CBORWritingOptions(), false), (.deterministic, false), (.deterministicLengthFirst, true),
    (CBORWritingOptions(floats: .asGiven), true),
  ]

  @Test("what is encoded decodes to the same value", arguments: optionSets.indices)
  func roundTrips(_ index: Int) throws {
    let (options, usesIntegerKeys) = Self.optionSets[index]
    let encoder = CBOREncoder(options: options, usesIntegerKeys: usesIntegerKeys)
    let decoder = CBORDecoder(usesIntegerKeys: usesIntegerKeys)
    let message = try encoder.encode(Everything())
    #expect(try decoder.decode(Everything.self, from: message) == Everything())
    #expect(try decoder.decode(Everything.self, from: message.readable) == Everything())
    if let order = options.keyOrder {
      let strict = CBORReadingOptions(
        allowsIndefiniteLength: false, requiresPreferredSerialization: true, keyOrder: order)
      _ = try CBORValue(decoding: message, options: strict)
    }
  }

  @Test("fields are what a peer expects them to be")
  func wire() throws {
    struct Message: Codable {
      var id = 7
      var data = ByteBuffer([0xab])
      var at = 1.5
      var gone: Int?
      var list = ["x"]
    }
    let message = try CBOREncoder().encode(Message())
    #expect(cborHex(message) == "a4626964076464617461" + "41ab626174f93e00646c697374816178")
    let sorted = try CBOREncoder(options: .deterministic).encode(Message())
    #expect(try CBORValue(decoding: sorted, options: .deterministic) == CBORValue(decoding: message))
  }

  @Test("keys can be integers, and dictionaries keep text that is no plain number")
  func integerKeys() throws {
    struct Header: Codable, Equatable {
      var algorithm: Int
      var note: String
      enum CodingKeys: Int, CodingKey {
        case algorithm = 1
        case note = -70000
      }
    }
    let encoder = CBOREncoder(options: .deterministic, usesIntegerKeys: true)
    let decoder = CBORDecoder(usesIntegerKeys: true)
    let header = Header(algorithm: -7, note: "n")
    let message = try encoder.encode(header)
    #expect(try CBORValue(decoding: message).description == "{1: -7, -70000: \"n\"}")
    #expect(try decoder.decode(Header.self, from: message) == header)
    #expect(try CBORDecoder().decode(Header.self, from: CBOREncoder().encode(header)) == header)
    let names = ["01": 1, "1": 2, "x": 3, "-0": 4, "+1": 5]
    #expect(try decoder.decode([String: Int].self, from: encoder.encode(names)) == names)
    // A peer may well write the numbers of a dictionary's keys as text.
    #expect(
      try decoder.decode([String: Int].self, from: bytes(cbor: "a2 6131 05 02 06")) == ["1": 5, "2": 6])
    #expect(try decoder.decode([Int: Int].self, from: encoder.encode([5: 6])) == [5: 6])
    #expect(try CBORDecoder().decode([Int: Int].self, from: CBOREncoder().encode([5: 6])) == [5: 6])
  }

  @Test("keys are found in any order, in small maps and large, and unknown ones are passed over")
  func lookup() throws {
    struct Three: Codable, Equatable { var c, a, b: Int }
    let small = bytes(cbor: "a5 6162 02 6179 82f600 6163 03 7f6161ff 01 04 05")
    #expect(try CBORDecoder().decode(Three.self, from: small) == Three(c: 3, a: 1, b: 2))
    var map = CBORMap((0..<200).map { CBORMap.Pair(.text("k\($0)"), CBORValue($0)) })
    map["a"] = 1
    map["b"] = 2
    map["c"] = 3
    let large = try CBORValue.map(map).encoded()
    #expect(try CBORDecoder().decode(Three.self, from: large) == Three(c: 3, a: 1, b: 2))
    map["a"] = nil
    map["b"] = nil
    map["c"] = nil
    let numbers = try CBORDecoder().decode([String: Int].self, from: CBORValue.map(map).encoded())
    #expect(numbers.count == 200 && numbers["k150"] == 150)
  }

  @Test(
    "of a duplicate key the last value counts, where it is not refused",
    arguments: [
      CBORReadingOptions.DuplicateKeys.lastWins, .allowed,
    ])
  func lastWins(_ policy: CBORReadingOptions.DuplicateKeys) throws {
    let message = bytes(cbor: "a3 6161 01 6162 02 6161 03")
    let decoder = CBORDecoder(options: CBORReadingOptions(duplicateKeys: policy))
    #expect(try decoder.decode([String: Int].self, from: message) == ["a": 3, "b": 2])
    #expect(throws: DecodingError.self) { try CBORDecoder().decode([String: Int].self, from: message) }
  }

  @Test("nil is what is missing, null or undefined")
  func optionals() throws {
    struct Optional: Codable, Equatable { var a: Int?, b: String?, c: ByteBuffer?, d: [Int]?, e: Bool? }
    let message = bytes(cbor: "a4 6161 f6 6162 f7 6164 8101 6165 f5")
    #expect(
      try CBORDecoder().decode(Optional.self, from: message)
        == Optional(a: nil, b: nil, c: nil, d: [1], e: true))
    #expect(try CBORDecoder().decode(Int?.self, from: bytes(cbor: "f6")) == nil)
    #expect(try cborHex(CBOREncoder().encode([1, nil])) == "8201f6")
  }

  @Test("tags are passed over, save in a CBORValue")
  func tags() throws {
    struct Tagged: Codable { var at: Int, list: [Double], value: CBORValue }
    let message = bytes(cbor: "d9d9f7 a3 626174 c101 646c697374 c1 82 c1f93e00 02 6576616c7565 c102")
    let tagged = try CBORDecoder().decode(Tagged.self, from: message)
    #expect(tagged.at == 1 && tagged.list == [1.5, 2] && tagged.value == .tagged(1, 2))
  }

  @Test(
    "numbers decode to types that hold them",
    arguments: [
      ("fb3ff199999999999a", "1.1", true), ("1b0020000000000000", "9007199254740992.0", true),
      ("1b0020000000000001", "", false), ("3b001fffffffffffff", "-9007199254740992.0", true),
      ("3b0020000000000000", "", false), ("20", "-1.0", true), ("3bffffffffffffffff", "", false),
      ("6131", "", false),
    ])
  func doubles(_ hex: String, _ expected: String, _ isExact: Bool) throws {
    if isExact {
      #expect(try CBORDecoder().decode(Double.self, from: bytes(cbor: hex)).description == expected)
    } else {
      #expect(throws: DecodingError.self) { try CBORDecoder().decode(Double.self, from: bytes(cbor: hex)) }
    }
  }

  @Test("a Float is the nearest one, and never an infinity that was not sent")
  func floats() throws {
    #expect(try CBORDecoder().decode(Float.self, from: bytes(cbor: "fb3ff199999999999a")) == 1.1)
    #expect(try CBORDecoder().decode(Float.self, from: bytes(cbor: "f97c00")) == .infinity)
    #expect(try CBORDecoder().decode(Float.self, from: bytes(cbor: "f97e00")).isNaN)
    #expect(throws: DecodingError.self) {
      try CBORDecoder().decode(Float.self, from: bytes(cbor: "fb7e37e43c8800759c"))
    }
  }

  /// A type, a message that is not of it, the path of the error and its kind.
  struct Refusal: Sendable {
    let hex: String
    let path: [String]
    let kind: String
  }

  @Test(
    "errors say where in the value they are",
    arguments: [
      Refusal(hex: "a1 646c697374 8201 6178", path: ["list", "Index 1"], kind: "typeMismatch"),
      Refusal(hex: "a1 646c697374 8201 f93c00", path: ["list", "Index 1"], kind: "typeMismatch"),
      Refusal(
        hex: "a1 646c697374 8201 1bffffffffffffffff", path: ["list", "Index 1"], kind: "dataCorrupted"),
      Refusal(hex: "a1 646c697374 8201 f6", path: ["list", "Index 1"], kind: "valueNotFound"),
      Refusal(hex: "a1 646c697374 01", path: ["list"], kind: "typeMismatch"),
      Refusal(hex: "a0", path: ["list"], kind: "keyNotFound"),
      Refusal(hex: "80", path: [], kind: "typeMismatch"),
      Refusal(
        hex: "a2 646c697374 80 65696e6e6572 81 a1 646e616d65 01", path: ["inner", "Index 0", "name"],
        kind: "typeMismatch"),
      Refusal(
        hex: "a2 646c697374 80 65696e6e6572 81 a0", path: ["inner", "Index 0", "name"], kind: "keyNotFound"),
      Refusal(hex: "a1 646c697374 9f", path: [], kind: "malformed"),
      Refusal(hex: "", path: [], kind: "malformed"),
      Refusal(hex: "a1 646c697374 80 00", path: [], kind: "malformed"),
    ])
  func errorPaths(_ refusal: Refusal) throws {
    struct Name: Codable { var name: String }
    struct Outer: Codable { var list: [Int], inner: [Name]? }
    #expect {
      try CBORDecoder().decode(Outer.self, from: bytes(cbor: refusal.hex))
    } throws: { error in
      let (context, kind): (DecodingError.Context, String)
      switch error as? DecodingError {
      case .typeMismatch(_, let found)?: (context, kind) = (found, "typeMismatch")
      case .valueNotFound(_, let found)?: (context, kind) = (found, "valueNotFound")
      case .dataCorrupted(let found)?:
        (context, kind) = (found, found.underlyingError is CBORError ? "malformed" : "dataCorrupted")
      case .keyNotFound(let key, let found)?:
        return refusal.kind == "keyNotFound"
          && (found.codingPath + [key]).map(\.stringValue) == refusal.path
      default: return false
      }
      return kind == refusal.kind && context.codingPath.map(\.stringValue) == refusal.path
    }
  }

  /// Encodes a key as often as it is told.
  struct Repeated: Encodable {
    var keys: [String]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int?
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      for key in keys { try container.encode(1, forKey: Key(stringValue: key)) }
    }
  }

  @Test("a key that is encoded twice is an error, and leaves the buffer as it was")
  func duplicateKeys() throws {
    let many = (0..<100).map { "k\($0)" }
    for keys in [["a", "a"], ["a", "b", "a"], many + ["k50"]] {
      for options in [CBORWritingOptions(), .deterministic] {
        var target = ByteBuffer([7])
        #expect(throws: EncodingError.self) {
          try CBOREncoder(options: options).encode(Repeated(keys: keys), into: &target)
        }
        #expect(target == ByteBuffer([7]))
      }
    }
    let message = try CBOREncoder(options: .deterministic).encode(Repeated(keys: many))
    #expect(
      try CBORValue(decoding: message, options: .deterministic).description.hasPrefix("{\"k0\": 1, \"k1\": 1")
    )
    #expect(throws: EncodingError.self) {
      try CBOREncoder(options: .deterministic).encode(CBORValue.map([1: 1, 1: 2]))
    }
  }

  @Test("a type that encodes nothing is an empty map, at the top and inside")
  func empties() throws {
    struct Nothing: Codable, Equatable {}
    #expect(try cborHex(CBOREncoder().encode(Nothing())) == "a0")
    #expect(try cborHex(CBOREncoder().encode([Nothing(), Nothing()])) == "82a0a0")
    #expect(try CBORDecoder().decode([Nothing].self, from: bytes(cbor: "82a0a0")) == [Nothing(), Nothing()])
  }

  @Test(
    "single values of every type",
    arguments: ["00", "20", "f5", "6161", "4100", "f93e00", "8101", "a1616101"])
  func singleValues(_ hex: String) throws {
    let message = bytes(cbor: hex)
    let value = try CBORDecoder().decode(CBORValue.self, from: message)
    #expect(try CBOREncoder().encode(value) == message)
    switch value {
    case .unsigned: #expect(try CBORDecoder().decode(UInt32.self, from: message) == 0)
    case .negative: #expect(try CBORDecoder().decode(Int16.self, from: message) == -1)
    case .bool: #expect(try CBORDecoder().decode(Bool.self, from: message))
    case .text: #expect(try CBORDecoder().decode(String.self, from: message) == "a")
    case .bytes: #expect(try CBORDecoder().decode(ByteBuffer.self, from: message) == ByteBuffer([0]))
    case .float: #expect(try CBORDecoder().decode(Double.self, from: message) == 1.5)
    case .array: #expect(try CBORDecoder().decode(Set<UInt8>.self, from: message) == [1])
    case .map: #expect(try CBORDecoder().decode([String: Int8].self, from: message) == ["a": 1])
    default: Issue.record("unexpected \(value)")
    }
  }

  @Test("a decoder that outlives the call still has its message")
  func escapingDecoder() throws {
    final class Box { var decoder: (any Decoder)? }
    struct Late: Decodable {
      init(from decoder: any Decoder) throws {
        (decoder.userInfo[CodingUserInfoKey(rawValue: "box")!] as? Kept)?.box.decoder = decoder
      }
    }
    struct Kept: @unchecked Sendable { let box = Box() }
    let kept = Kept()
    var message = bytes(cbor: "8263616263f5")
    _ = try CBORDecoder(userInfo: [CodingUserInfoKey(rawValue: "box")!: kept]).decode(
      Late.self, from: message)
    message.withMutableReadableBytes { $0[2] = 0xff }
    message = ByteBuffer()
    var container = try #require(kept.box.decoder).unkeyedContainer()
    #expect(try container.decode(String.self) == "abc")
    #expect(try container.decode(Bool.self))
    // The decoder has the userInfo, which has the box, which has the decoder.
    kept.box.decoder = nil
  }
}
