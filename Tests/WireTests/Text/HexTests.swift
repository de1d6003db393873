import Bytes
import Testing
import Wire

/// What decoding throws.
func textError(_ body: () throws(TextError) -> Void) -> TextError? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

@Suite("Hex") struct HexTests {
  @Test func writesAndReadsEveryByte() throws {
    let bytes = ByteBuffer(UInt8.min...UInt8.max)
    let lower: String = Hex.encode(bytes.readable)
    let upper: String = Hex.encode(bytes.readable, letters: .upper)
    #expect(lower.hasPrefix("000102") && lower.hasSuffix("fdfeff") && lower.utf8.count == 512)
    #expect(upper == lower.uppercased())
    #expect(try Hex.decode(lower) == bytes)
    #expect(try Hex.decode(upper) == bytes)
    #expect(try Hex.decode(lower, letters: .lower) == bytes)
    #expect(try Hex.decode(upper, letters: .upper) == bytes)
    #expect(try Hex.decode("") == ByteBuffer())
    #expect(Hex.encode(ByteBuffer().readable) == "")
  }

  @Test func appendsToABuffer() throws {
    var text = ByteBuffer("0x")
    Hex.encode(ByteBuffer([0xbe, 0xef]).readable, into: &text)
    #expect(text == ByteBuffer("0xbeef"))
    var bytes = ByteBuffer([1])
    try Hex.decode(ByteBuffer("0aF0").readable, into: &bytes)
    #expect(bytes == ByteBuffer([1, 10, 240]))
  }

  @Test(
    arguments: [
      ("0", .invalidLength(position: 1)), ("abc", .invalidLength(position: 3)),
      ("0g", .invalidCharacter(position: 1)), ("g0", .invalidCharacter(position: 0)),
      ("00 00", .invalidCharacter(position: 2)), ("0x00", .invalidCharacter(position: 1)),
      ("00é0", .invalidCharacter(position: 2)), ("0/", .invalidCharacter(position: 1)),
      (":0", .invalidCharacter(position: 0)), ("@0", .invalidCharacter(position: 0)),
      ("00\u{0}", .invalidCharacter(position: 2)),
      ("0000000x0", .invalidCharacter(position: 7)),
    ] as [(String, TextError)])
  func refuses(text: String, error: TextError) {
    #expect(textError { () throws(TextError) in _ = try Hex.decode(text) } == error)
  }

  @Test func refusesTheOtherCaseWhenOneIsNamed() {
    #expect(
      textError { () throws(TextError) in _ = try Hex.decode("aaBB", letters: .lower) }
        == .invalidCharacter(position: 2))
    #expect(
      textError { () throws(TextError) in _ = try Hex.decode("AAbb", letters: .upper) }
        == .invalidCharacter(position: 2))
  }

  @Test func leavesTheBufferAloneWhenItRefuses() {
    for text in ["00ff0", "00ffgg", "0"] {
      var buffer = ByteBuffer("kept")
      let input = ByteBuffer(text)
      #expect(throws: TextError.self) { try Hex.decode(input.readable, into: &buffer) }
      #expect(buffer == ByteBuffer("kept"))
    }
  }
}
