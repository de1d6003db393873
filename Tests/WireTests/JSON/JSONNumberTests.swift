import Bytes
import Testing
import Wire

private func read<Integer: FixedWidthInteger>(
  _ text: String, as type: Integer.Type
) -> Result<Integer, JSONError> {
  let buffer = ByteBuffer(text)
  return Result { () throws(JSONError) in
    var reader = try JSONReader(buffer.readable)
    return try reader.readInteger(type)
  }
}

private func readDouble(_ text: String) -> Result<Double, JSONError> {
  let buffer = ByteBuffer(text)
  return Result { () throws(JSONError) in
    var reader = try JSONReader(buffer.readable)
    return try reader.readDouble()
  }
}

extension Result where Failure == JSONError {
  fileprivate var reason: JSONError.Reason? {
    if case .failure(let error) = self { error.reason } else { nil }
  }
}

@Suite("JSON numbers") struct JSONNumberTests {
  @Test func readsIntegersToTheLastDigit() throws {
    #expect(try read("9223372036854775807", as: Int64.self).get() == .max)
    #expect(try read("-9223372036854775808", as: Int64.self).get() == .min)
    #expect(try read("18446744073709551615", as: UInt64.self).get() == .max)
    #expect(try read("9007199254740993", as: Int64.self).get() == 9_007_199_254_740_993)
    #expect(try read("-0", as: Int64.self).get() == 0)
    #expect(try read("-0", as: UInt64.self).get() == 0)
    #expect(try read("255", as: UInt8.self).get() == 255)
    #expect(try read("-128", as: Int8.self).get() == -128)
    for shift in 0..<64 {
      let value = UInt64.max >> UInt64(shift)
      #expect(try read("\(value)", as: UInt64.self).get() == value)
      #expect(try read("-\(value >> 1)", as: Int64.self).get() == -Int64(value >> 1))
    }
  }

  @Test func refusesIntegersThatDoNotFit() {
    #expect(read("9223372036854775808", as: Int64.self).reason == .numberOutOfRange)
    #expect(read("-9223372036854775809", as: Int64.self).reason == .numberOutOfRange)
    #expect(read("18446744073709551616", as: UInt64.self).reason == .numberOutOfRange)
    #expect(read("184467440737095516150", as: UInt64.self).reason == .numberOutOfRange)
    #expect(read("99999999999999999999999", as: UInt64.self).reason == .numberOutOfRange)
    #expect(read("-1", as: UInt64.self).reason == .numberOutOfRange)
    #expect(read("256", as: UInt8.self).reason == .numberOutOfRange)
    #expect(read("-129", as: Int8.self).reason == .numberOutOfRange)
    #expect(read("1.0", as: Int.self).reason == .notAnInteger)
    #expect(read("1e3", as: Int.self).reason == .notAnInteger)
  }

  @Test(
    arguments: [
      ("1.0", 1), ("1e3", 1000), ("1.5e1", 15), ("-2.50e2", -250), ("100e-2", 1), ("0e99999999999", 0),
      ("0.0", 0), ("1.5", nil), ("1e-1", nil), ("1e19", nil), ("-9223372036854775808.0", .min),
      ("9223372036854775808", nil), ("9.223372036854775807e18", .max), ("1e99999999999", nil),
      ("100000000000000000000000e-22", 10), ("1.00000000000000000000000000000000000", 1),
      ("1.00000000000000000000000000000000001", nil),
    ] as [(String, Int64?)])
  func knowsWhichNumbersAreMathematicallyIntegers(text: String, value: Int64?) {
    #expect(JSONNumber(text)?.decimal.exactInt64 == value)
  }

  @Test func knowsUnsignedIntegersToo() {
    #expect(JSONNumber("1.8446744073709551615e19")?.decimal.exactUInt64 == .max)
    #expect(JSONNumber("1.8446744073709551616e19")?.decimal.exactUInt64 == nil)
    #expect(JSONNumber("-0.0")?.decimal.exactUInt64 == 0)
    #expect(JSONNumber("-1e0")?.decimal.exactUInt64 == nil)
    #expect(JSONNumber("1.0")?.uint64 == nil)
    #expect(JSONNumber("12")?.uint64 == 12)
    #expect(JSONNumber("12")?.int64 == 12)
  }

  @Test func readsTheNearestDouble() throws {
    let texts = [
      "0", "-0", "1", "0.1", "-0.1", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "5e-324",
      "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "2.2250738585072011e-308",
      "2.2250738585072014e-308", "1.7976931348623157e308", "1.7976931348623158e308", "123456789.123456789",
      "3.141592653589793238462643383279502884197", "0.000001", "1e-7", "100000000000000000000000",
      "8.98846567431158e307", "6.02214076e23", "179769313486231580793e288",
      "0.500000000000000166533453693773481063544750213623046875", "1e0000000000000000000000000000022",
    ]
    for text in texts {
      let value = try readDouble(text).get()
      #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
      #expect(JSONNumber(text)?.double?.bitPattern == value.bitPattern)
    }
    #expect(try readDouble("-0").get().sign == .minus)
  }

  @Test func refusesNumbersBeyondEveryDouble() {
    for text in ["1e309", "-1e309", "1.7976931348623159e308", "1e999999999999999999999"] {
      #expect(readDouble(text).reason == .numberOutOfRange)
      #expect(JSONNumber(text)?.double == nil)
    }
  }

  @Test func readsRandomDoublesAsTheStandardLibraryDoes() throws {
    var random = SplitMix(seed: 7)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try readDouble(value.description).get().bitPattern == value.bitPattern)
    }
    for _ in 0..<20_000 {
      let text =
        "\(random.next() >> (random.next() % 64)).\(random.next() % 1000)e\(Int(random.next() % 80) - 40)"
      #expect(try readDouble(text).get().bitPattern == Double(text)?.bitPattern, "\(text)")
    }
  }

  @Test func keepsANumbersTextExactly() throws {
    for text in ["0", "-0", "1.0", "1.50", "1E5", "1e+05", "0.1000", "12345678901234567890123456789.5e-7"] {
      #expect(try JSONValue(parsing: text).number?.text == text)
      #expect(try JSONValue(parsing: "[\(text)]").text() == "[\(text)]")
    }
  }

  @Test func refusesTextThatIsNoNumber() {
    for text in ["", "-", "01", "1.", ".5", "1e", "+1", "1 ", " 1", "NaN", "0x1", "1_0", "--1", "1a"] {
      #expect(JSONNumber(text) == nil, "\(text)")
    }
  }
}

/// A small seeded generator, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
