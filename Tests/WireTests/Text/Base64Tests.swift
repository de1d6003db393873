import Bytes
import Foundation
import Testing
import Wire

@Suite("Base64") struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func matchesRFC4648(bytes: String, text: String) throws {
    let unpadded = text.filter { $0 != "=" }
    let input = ByteBuffer(bytes)
    #expect(Base64.standard.encode(input.readable) == text)
    #expect(Base64.url.encode(input.readable) == unpadded)
    #expect(try Base64.standard.decode(text) == input)
    #expect(try Base64.url.decode(unpadded) == input)
    #expect(try Base64.lenient.decode(text) == input)
    #expect(try Base64.lenient.decode(unpadded) == input)
    #expect(Base64.lenient.encode(input.readable) == text)
    #expect(Base64(.url, padding: .required).encode(input.readable) == text)
    #expect(Base64(.standard, padding: .forbidden).encode(input.readable) == unpadded)
  }

  @Test func agreesWithFoundationAtEveryLength() throws {
    var random = SplitMix(seed: 3)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let buffer = ByteBuffer(bytes)
      let text = Data(bytes).base64EncodedString()
      #expect(Base64.standard.encode(buffer.readable) == text)
      #expect(Base64.standard.encodedCount(of: length) == text.utf8.count)
      #expect(try Base64.standard.decode(text) == buffer)
      let url = text.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
      #expect(Base64.url.encode(buffer.readable) == String(url))
      #expect(Base64.url.encodedCount(of: length) == url.count)
      #expect(try Base64.url.decode(String(url)) == buffer)
    }
  }

  @Test func usesEachAlphabetOnlyWhereItBelongs() throws {
    let bytes = ByteBuffer([0xfb, 0xef, 0xff, 0xff])
    #expect(Base64.standard.encode(bytes.readable) == "++///w==")
    #expect(Base64.url.encode(bytes.readable) == "--___w")
    #expect(try Base64.lenient.decode("+-/__w") == bytes)
    #expect(
      textError { () throws(TextError) in _ = try Base64.standard.decode("++__") }
        == .invalidCharacter(position: 2))
    #expect(
      textError { () throws(TextError) in _ = try Base64.url.decode("--+-") }
        == .invalidCharacter(position: 2))
    #expect(
      textError { () throws(TextError) in _ = try Base64.url.decode("--+") } == .invalidCharacter(position: 2)
    )
  }

  @Test(
    arguments: [
      (.standard, "Zg", .invalidPadding(position: 2)), (.standard, "Zg=", .invalidPadding(position: 2)),
      (.standard, "Zm8", .invalidPadding(position: 3)), (.standard, "Zm9v=", .invalidPadding(position: 4)),
      (.standard, "Zm9v==", .invalidPadding(position: 4)), (.standard, "Zg===", .invalidPadding(position: 3)),
      (.standard, "=", .invalidPadding(position: 0)), (.standard, "==", .invalidPadding(position: 0)),
      (.standard, "====", .invalidCharacter(position: 0)),
      (.standard, "Z===", .invalidCharacter(position: 1)),
      (.standard, "Zg==Zg==", .invalidCharacter(position: 2)), (.standard, "Z", .invalidLength(position: 1)),
      (.standard, "Zm9vY", .invalidLength(position: 5)),
      (.standard, "Zm9v\n", .invalidCharacter(position: 4)),
      (.standard, "Zm 9v", .invalidCharacter(position: 2)),
      (.standard, "Zm9v!m9v", .invalidCharacter(position: 4)),
      (.standard, "Zm9\u{ff}", .invalidCharacter(position: 3)),
      (.standard, "é==", .invalidCharacter(position: 0)),
      (.standard, "éé", .invalidCharacter(position: 0)),
      (.standard, "Zh==", .looseBits(position: 1)), (.standard, "Zm9=", .looseBits(position: 2)),
      (.standard, "Zm9vYm9=", .looseBits(position: 6)), (.url, "Zh", .looseBits(position: 1)),
      (.url, "Zg==", .invalidPadding(position: 2)), (.url, "Zm9v=", .invalidPadding(position: 4)),
      (.url, "Z", .invalidLength(position: 1)), (.lenient, "Zg=", .invalidPadding(position: 2)),
      (.lenient, "Zm8==", .invalidPadding(position: 3)), (.lenient, "Z", .invalidLength(position: 1)),
      (.lenient, "Z=", .invalidLength(position: 2)), (.lenient, "Z!", .invalidCharacter(position: 1)),
    ] as [(Base64, String, TextError)])
  func refuses(variant: Base64, text: String, error: TextError) {
    #expect(textError { () throws(TextError) in _ = try variant.decode(text) } == error, "\(text)")
  }

  @Test func refusesEveryCharacterOutsideTheAlphabetAtEveryPlace() {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for character in UInt8.min...UInt8.max where !alphabet.utf8.contains(character) {
      for place in 0..<10 {
        var text = Array("AAAAAAAAAA==".utf8)
        text[place] = character
        let input = ByteBuffer(text)
        var output = ByteBuffer("kept")
        let error = textError { () throws(TextError) in
          try Base64.standard.decode(input.readable, into: &output)
        }
        #expect(error == .invalidCharacter(position: place))
        #expect(output == ByteBuffer("kept"))
      }
    }
  }

  @Test func takesLooseBitsOnlyWhenTold() throws {
    var loose = Base64.url
    loose.takesLooseBits = true
    #expect(try loose.decode("Zh") == ByteBuffer("f"))
    #expect(try loose.decode("Zm9") == ByteBuffer("fo"))
    #expect(try Base64.lenient.decode("Zh==") == ByteBuffer("f"))
  }

  @Test func appendsToABuffer() throws {
    var text = ByteBuffer(">")
    Base64.standard.encode(ByteBuffer("foobar!").readable, into: &text)
    #expect(text == ByteBuffer(">Zm9vYmFyIQ=="))
    var bytes = ByteBuffer("<")
    try Base64.standard.decode(ByteBuffer("Zm9vYmFyIQ==").readable, into: &bytes)
    #expect(bytes == ByteBuffer("<foobar!"))
  }
}
