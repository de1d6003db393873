import Bytes
import Testing
import Wire

@Suite("Base58") struct Base58Tests {
  @Test(arguments: [
    ("", ""), ("61", "2g"), ("626262", "a3gV"), ("636363", "aPEr"), ("516b6fcd0f", "ABnLTmg"),
    ("73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"),
    ("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"),
    ("bf4f89001e670274dd", "3SEo3LWLoPntC"), ("572e4794", "3EFU7m"),
    ("ecac89cad93923c02321", "EJDM8drfXA6uyA"),
    ("10c8511e", "Rt5zm"), ("00000000000000000000", "1111111111"), ("0000287fb4cd", "11233QC4"), ("00", "1"),
    (
      "000111d38e5fc9071ffcd20b4a763cc9ae4f252bb4e48fd66a835e252ada93ff480d6dd43dc62a641155a5",
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    ),
    ("48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"),
    (
      "54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672e",
      "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
    ),
  ])
  func matchesPublishedPairs(hex: String, text: String) throws {
    let bytes = try Hex.decode(hex)
    #expect(try Base58.encode(bytes.readable) == text)
    #expect(try Base58.decode(text) == bytes)
  }

  @Test func readsBackWhateverItWrites() throws {
    var random = SplitMix(seed: 5)
    for length in 0..<150 {
      let zeros = Int(random.next() % 4)
      var bytes = [UInt8](repeating: 0, count: zeros)
      bytes += (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let buffer = ByteBuffer(bytes)
      #expect(try Base58.decode(Base58.encode(buffer.readable)) == buffer)
    }
    let ones = ByteBuffer([UInt8](repeating: 0xff, count: Base58.bytesMaximum))
    #expect(try Base58.decode(Base58.encode(ones.readable)) == ones)
    let zeros = ByteBuffer([UInt8](repeating: 0, count: Base58.bytesMaximum))
    #expect(try Base58.decode(Base58.encode(zeros.readable)) == zeros)
  }

  @Test(arguments: ["0", "O", "I", "l", " ", "+", "é", "\u{0}"])
  func refusesStrayCharacters(stray: String) {
    for place in 0..<12 {
      let text =
        String(repeating: "1", count: place / 2) + String(repeating: "z", count: place - place / 2) + stray
        + "zz"
      #expect(
        textError { () throws(TextError) in _ = try Base58.decode(text) }
          == .invalidCharacter(position: place))
    }
  }

  @Test func keepsItsLimits() throws {
    let long = ByteBuffer([UInt8](repeating: 1, count: Base58.bytesMaximum + 1))
    #expect(
      textError { () throws(TextError) in let _: String = try Base58.encode(long.readable) }
        == .tooLong(count: 1025, maximum: 1024))
    let text: String = try Base58.encode(long.readable, bytesMaximum: 2000)
    #expect(try Base58.decode(text, bytesMaximum: 1025) == long)
    #expect(
      textError { () throws(TextError) in _ = try Base58.decode(text) }
        == .tooLong(count: 1025, maximum: 1024))
    #expect(
      textError { () throws(TextError) in _ = try Base58.decode(String(repeating: "z", count: 5000)) }
        == .tooLong(count: 5000, maximum: 1409))
    #expect(
      textError { () throws(TextError) in _ = try Base58.decode("11111", bytesMaximum: 4) }
        == .tooLong(count: 5, maximum: 4))
  }

  @Test func appendsToABuffer() throws {
    var text = ByteBuffer("Q")
    try Base58.encode(ByteBuffer("a").readable, into: &text)
    #expect(text == ByteBuffer("Q2g"))
    var bytes = ByteBuffer("kept")
    #expect(throws: TextError.self) { try Base58.decode(ByteBuffer("2g0").readable, into: &bytes) }
    #expect(bytes == ByteBuffer("kept"))
    try Base58.decode(ByteBuffer("2g").readable, into: &bytes)
    #expect(bytes == ByteBuffer("kepta"))
  }
}
