// Map keys: duplicates, found by value however they are written, and required orders.

import Bytes
import Testing
import Wire

@Suite("CBOR: map keys") struct CBORKeyTests {
  private func error(_ hex: String, _ options: CBORReadingOptions = CBORReadingOptions()) -> CBORError? {
    do throws(CBORError) {
      _ = try CBORValue(decoding: bytes(cbor: hex), options: options)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "a key that is there already is refused, in whatever form",
    arguments: [
      ("a2 01 00 01 00", 3), ("a2 01 00 1801 00", 3), ("a2 1801 00 1b0000000000000001 00", 4),
      ("a2 20 00 3800 00", 3), ("a2 6161 00 6161 00", 4), ("a2 6161 00 7f6161ff 00", 4),
      ("a2 626162 00 7f61616162ff 00", 5), ("a2 4101 00 5f4101ff 00", 4),
      ("a2 f93c00 00 fb3ff0000000000000 00", 5),
      ("a2 f97e00 00 fa7fc00000 00", 5), ("a2 f4 00 f4 00", 3), ("a2 f6 00 f6 00", 3),
      ("a2 8101 00 9f01ff 00", 4),
      ("a2 8101 00 811801 00", 4), ("a2 a201000200 00 a202000100 00", 7), ("a2 c101 00 d80101 00", 4),
      ("bf 01 00 01 00 ff", 3), ("a1 00 a2 01 00 01 00", 5), ("a1 a2 01 00 01 00 00", 4),
      ("a3 01 00 02 a1 01 00 01 00", 7), ("a2 6b6161616161616161616161 00 6b6161616161616161616161 00", 14),
    ])
  func duplicates(_ hex: String, at position: Int) {
    #expect(error(hex) == .duplicateKey(at: position))
    #expect(error(hex, CBORReadingOptions(duplicateKeys: .allowed)) == nil)
    #expect(error(hex, CBORReadingOptions(duplicateKeys: .lastWins)) == nil)
  }

  @Test(
    "different keys that look alike are accepted",
    arguments: [
      "a2 01 00 20 00", "a2 01 00 f93c00 00", "a2 6161 00 4161 00", "a2 f90000 00 f98000 00",
      "a2 60 00 40 00",
      "a2 6161 00 626161 00", "a2 01 00 c101 00", "a2 6a61616161616161616161 00 6a61616161616161616162 00",
      "a2 8101 00 8102 00", "a2 a10100 00 a10101 00", "a2 f6 00 f7 00", "a2 6161 a16161 00 6162 a16161 00",
      "a2 62c3bc 00 6375cc88 00",
    ])
  func differentKeys(_ hex: String) {
    #expect(error(hex) == nil)
  }

  @Test("the last value counts, in its key's first place, when that is asked for")
  func lastWins() throws {
    let options = CBORReadingOptions(duplicateKeys: .lastWins)
    let value = try CBORValue(decoding: bytes(cbor: "a4 01 01 02 02 1801 03 03 04"), options: options)
    #expect(value.description == "{1: 3, 2: 2, 3: 4}")
  }

  @Test("one duplicate among many keys is found", arguments: [24, 25, 26, 100, 1000, 5000])
  func manyKeys(_ count: Int) throws {
    // Distinct keys in an order that is neither ascending nor descending, half of them with common prefixes.
    var pairs = (0..<count).map { index -> CBORMap.Pair in
      let scattered = index * 7919 % 65_537
      return CBORMap.Pair(
        index % 2 == 0 ? .text("a long key that begins alike \(scattered)") : .unsigned(UInt64(scattered)), 0)
    }
    #expect(try CBORValue(decoding: CBORValue.map(CBORMap(pairs)).encoded()) == .map(CBORMap(pairs)))
    pairs.append(pairs[count / 2])
    let message = try CBORValue.map(CBORMap(pairs)).encoded()
    #expect {
      try CBORValue(decoding: message)
    } throws: { error in
      if case .duplicateKey? = error as? CBORError { true } else { false }
    }
    #expect(throws: CBORError.self) { try CBORValue.map(CBORMap(pairs)).encoded(.deterministic) }
  }

  @Test("maps nested as keys of maps count against the limit of items at every level")
  func nestedKeys() {
    // {{{… 0: 0 …}: 0}: 0}: 121 items, which are read again for each of the 59 keys around them.
    let hex = String(repeating: "a1", count: 60) + String(repeating: "00", count: 61)
    #expect(error(hex) == nil)
    var options = CBORReadingOptions()
    options.limits.itemsMaximum = 1000
    if case .tooManyItems(maximum: 1000, at: _) = error(hex, options) {
    } else {
      Issue.record("what it takes to compare nested keys is not limited")
    }
  }

  @Test("a skipped or streamed map is checked like one that is kept")
  func streamed() throws {
    let message = bytes(cbor: "a2 6161 00 6161 00")
    #expect(throws: CBORError.duplicateKey(at: 4)) {
      var reader = try CBORReader(message)
      try reader.skip()
    }
    #expect(throws: CBORError.duplicateKey(at: 4)) {
      var reader = try CBORReader(message)
      try reader.beginMap()
      while try reader.hasNext() {
        _ = try reader.readText()
        _ = try reader.readInteger(Int.self)
      }
    }
  }

  /// The keys of the examples in RFC 8949, 4.2.1 and 4.2.3, each in a map with zeros for values.
  private static let bytewise = ["0a", "1864", "20", "617a", "626161", "811864", "8120", "f4"]
  private static let lengthFirst = ["0a", "20", "f4", "1864", "617a", "8120", "626161", "811864"]

  private func map(_ keys: [String]) -> String { "a8" + keys.map { $0 + "00" }.joined() }

  @Test("a required order is checked key by key")
  func order() {
    let core = CBORReadingOptions(keyOrder: .bytewise)
    let short = CBORReadingOptions(keyOrder: .lengthFirst)
    #expect(error(map(Self.bytewise), .deterministic) == nil)
    #expect(error(map(Self.bytewise), core) == nil)
    #expect(error(map(Self.bytewise), short) == .unorderedKey(at: 6))
    #expect(error(map(Self.lengthFirst), short) == nil)
    #expect(error(map(Self.lengthFirst), core) == .unorderedKey(at: 7))
    #expect(error("a2 01 00 01 00", core) == .duplicateKey(at: 3))
    #expect(error("a2 02 00 01 00", core) == .unorderedKey(at: 3))
    // A map inside a value has an order of its own, and the one around it goes on where it was.
    #expect(error("a3 01 00 05 a2 02 00 03 00 06 00", core) == nil)
    #expect(error("a3 01 00 05 a2 02 00 03 00 04 00", core) == .unorderedKey(at: 9))
  }

  @Test("written deterministically, maps come out in order, innermost first")
  func writesInOrder() throws {
    let shuffled = map(["f4", "626161", "8120", "0a", "811864", "617a", "20", "1864"])
    let value = try CBORValue(decoding: bytes(cbor: shuffled))
    #expect(try cborHex(value.encoded(.deterministic)) == map(Self.bytewise))
    #expect(try cborHex(value.encoded(.deterministicLengthFirst)) == map(Self.lengthFirst))
    #expect(try cborHex(value.encoded()) == shuffled)
    let nested = try CBORValue(decoding: bytes(cbor: "a2 02 a2 04 00 03 00 01 00"))
    #expect(try cborHex(nested.encoded(.deterministic)) == "a2010002a203000400")
    let keyed = try CBORValue(decoding: bytes(cbor: "a2 a2 02 00 01 00 05 01 06"))
    #expect(try cborHex(keyed.encoded(.deterministic)) == "a20106a20100020005")
  }
}
