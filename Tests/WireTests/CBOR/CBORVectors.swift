// What the CBOR tests share: bytes from hex, and the examples of RFC 8949, appendix A.

import Bytes
import Testing
import Wire

/// The bytes of a hex string, in which spaces do not count.
func bytes(cbor hex: String) -> ByteBuffer {
  let digits = hex.filter { $0 != " " }.map { UInt8($0.hexDigitValue!) }
  return ByteBuffer(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
}

/// The bytes of a buffer as hex.
func cborHex(_ buffer: ByteBuffer) -> String {
  [UInt8](buffer).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// One example: an encoding, what it means, how that is written in diagnostic notation, and whether the
/// encoding is the one our writer makes of it.
struct CBORVector: CustomTestStringConvertible, Sendable {
  let hex: String
  let value: CBORValue
  let notation: String
  let isPreferred: Bool

  init(_ hex: String, _ value: CBORValue, _ notation: String, isPreferred: Bool = true) {
    self.hex = hex
    self.value = value
    self.notation = notation
    self.isPreferred = isPreferred
  }

  var testDescription: String { hex }

  private static let upTo25: CBORValue = .array((1...25).map { .unsigned($0) })
  private static let upTo25Notation = "[" + (1...25).map { String($0) }.joined(separator: ", ") + "]"
  private static let nested: CBORValue = [1, [2, 3], [4, 5]]
  private static let nestedNotation = "[1, [2, 3], [4, 5]]"

  /// RFC 8949, appendix A, in its order. (Bignums are printed as what they are made of, as section 8 lets us.)
  static let appendixA: [CBORVector] = [
    CBORVector("00", 0, "0"),
    CBORVector("01", 1, "1"),
    CBORVector("0a", 10, "10"),
    CBORVector("17", 23, "23"),
    CBORVector("1818", 24, "24"),
    CBORVector("1819", 25, "25"),
    CBORVector("1864", 100, "100"),
    CBORVector("1903e8", 1000, "1000"),
    CBORVector("1a000f4240", 1_000_000, "1000000"),
    CBORVector("1b000000e8d4a51000", 1_000_000_000_000, "1000000000000"),
    CBORVector("1bffffffffffffffff", .unsigned(.max), "18446744073709551615"),
    CBORVector(
      "c249010000000000000000", .tagged(2, .bytes(bytes(cbor: "010000000000000000"))),
      "2(h'010000000000000000')"),
    CBORVector("3bffffffffffffffff", .negative(.max), "-18446744073709551616"),
    CBORVector(
      "c349010000000000000000", .tagged(3, .bytes(bytes(cbor: "010000000000000000"))),
      "3(h'010000000000000000')"),
    CBORVector("20", -1, "-1"),
    CBORVector("29", -10, "-10"),
    CBORVector("3863", -100, "-100"),
    CBORVector("3903e7", -1000, "-1000"),
    CBORVector("f90000", 0.0, "0.0"),
    CBORVector("f98000", .float(-0.0), "-0.0"),
    CBORVector("f93c00", 1.0, "1.0"),
    CBORVector("fb3ff199999999999a", 1.1, "1.1"),
    CBORVector("f93e00", 1.5, "1.5"),
    CBORVector("f97bff", 65504.0, "65504.0"),
    CBORVector("fa47c35000", 100000.0, "100000.0"),
    CBORVector("fa7f7fffff", 3.4028234663852886e+38, "3.4028234663852886e+38"),
    CBORVector("fb7e37e43c8800759c", 1.0e+300, "1.0e+300"),
    CBORVector("f90001", 5.960464477539063e-8, "5.960464477539063e-8"),
    CBORVector("f90400", 0.00006103515625, "6.103515625e-5"),
    CBORVector("f9c400", -4.0, "-4.0"),
    CBORVector("fbc010666666666666", -4.1, "-4.1"),
    CBORVector("f97c00", .float(.infinity), "Infinity"),
    CBORVector("f97e00", .float(.nan), "NaN"),
    CBORVector("f9fc00", .float(-.infinity), "-Infinity"),
    CBORVector("fa7f800000", .float(.infinity), "Infinity", isPreferred: false),
    CBORVector("fa7fc00000", .float(.nan), "NaN", isPreferred: false),
    CBORVector("faff800000", .float(-.infinity), "-Infinity", isPreferred: false),
    CBORVector("fb7ff0000000000000", .float(.infinity), "Infinity", isPreferred: false),
    CBORVector("fb7ff8000000000000", .float(.nan), "NaN", isPreferred: false),
    CBORVector("fbfff0000000000000", .float(-.infinity), "-Infinity", isPreferred: false),
    CBORVector("f4", false, "false"),
    CBORVector("f5", true, "true"),
    CBORVector("f6", .null, "null"),
    CBORVector("f7", .undefined, "undefined"),
    CBORVector("f0", .simple(CBORSimple(16)!), "simple(16)"),
    CBORVector("f8ff", .simple(CBORSimple(255)!), "simple(255)"),
    CBORVector(
      "c074323031332d30332d32315432303a30343a30305a", .tagged(0, "2013-03-21T20:04:00Z"),
      "0(\"2013-03-21T20:04:00Z\")"),
    CBORVector("c11a514b67b0", .tagged(1, 1_363_896_240), "1(1363896240)"),
    CBORVector("c1fb41d452d9ec200000", .tagged(1, 1363896240.5), "1(1363896240.5)"),
    CBORVector("d74401020304", .tagged(23, .bytes(bytes(cbor: "01020304"))), "23(h'01020304')"),
    CBORVector("d818456449455446", .tagged(24, .bytes(bytes(cbor: "6449455446"))), "24(h'6449455446')"),
    CBORVector(
      "d82076687474703a2f2f7777772e6578616d706c652e636f6d", .tagged(32, "http://www.example.com"),
      "32(\"http://www.example.com\")"),
    CBORVector("40", .bytes(ByteBuffer()), "h''"),
    CBORVector("4401020304", .bytes(bytes(cbor: "01020304")), "h'01020304'"),
    CBORVector("60", "", "\"\""),
    CBORVector("6161", "a", "\"a\""),
    CBORVector("6449455446", "IETF", "\"IETF\""),
    CBORVector("62225c", "\"\\", "\"\\\"\\\\\""),
    CBORVector("62c3bc", "\u{00fc}", "\"\u{00fc}\""),
    CBORVector("63e6b0b4", "\u{6c34}", "\"\u{6c34}\""),
    CBORVector("64f0908591", "\u{10151}", "\"\u{10151}\""),
    CBORVector("80", [], "[]"),
    CBORVector("83010203", [1, 2, 3], "[1, 2, 3]"),
    CBORVector("8301820203820405", nested, nestedNotation),
    CBORVector("98190102030405060708090a0b0c0d0e0f101112131415161718181819", upTo25, upTo25Notation),
    CBORVector("a0", [:], "{}"),
    CBORVector("a201020304", [1: 2, 3: 4], "{1: 2, 3: 4}"),
    CBORVector("a26161016162820203", ["a": 1, "b": [2, 3]], "{\"a\": 1, \"b\": [2, 3]}"),
    CBORVector("826161a161626163", ["a", ["b": "c"]], "[\"a\", {\"b\": \"c\"}]"),
    CBORVector(
      "a56161614161626142616361436164614461656145",
      ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"],
      "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}"),
    CBORVector(
      "5f42010243030405ff", .bytes(bytes(cbor: "0102030405")), "h'0102030405'", isPreferred: false),
    CBORVector("7f657374726561646d696e67ff", "streaming", "\"streaming\"", isPreferred: false),
    CBORVector("9fff", [], "[]", isPreferred: false),
    CBORVector("9f018202039f0405ffff", nested, nestedNotation, isPreferred: false),
    CBORVector("9f01820203820405ff", nested, nestedNotation, isPreferred: false),
    CBORVector("83018202039f0405ff", nested, nestedNotation, isPreferred: false),
    CBORVector("83019f0203ff820405", nested, nestedNotation, isPreferred: false),
    CBORVector(
      "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", upTo25, upTo25Notation,
      isPreferred: false),
    CBORVector(
      "bf61610161629f0203ffff", ["a": 1, "b": [2, 3]], "{\"a\": 1, \"b\": [2, 3]}", isPreferred: false),
    CBORVector("826161bf61626163ff", ["a", ["b": "c"]], "[\"a\", {\"b\": \"c\"}]", isPreferred: false),
    CBORVector(
      "bf6346756ef563416d7421ff", ["Fun": true, "Amt": -2], "{\"Fun\": true, \"Amt\": -2}",
      isPreferred: false),
  ]
}
