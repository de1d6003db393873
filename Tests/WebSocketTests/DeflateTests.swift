// permessage-deflate: the examples of RFC 7692, contexts kept and forgotten, small windows, bombs and rubbish.

import Bytes
import Testing

@testable import WebSocket

@Suite("permessage-deflate") struct DeflateTests {
  static func direction(_ bits: Int = 15, keepsContext: Bool = true) -> DeflateAgreement.Direction {
    var direction = DeflateAgreement.Direction()
    (direction.windowBits, direction.keepsContext) = (bits, keepsContext)
    return direction
  }

  static func inflate(
    _ bytes: [UInt8], with inflater: MessageInflater, bytesMaximum: Int = 1 << 20
  ) throws(WebSocketError) -> [UInt8] {
    var output = ByteBuffer()
    try ByteBuffer(bytes).withReadableBytes { bytes throws(WebSocketError) in
      try inflater.inflate(bytes, into: &output, bytesMaximum: bytesMaximum)
    }
    try inflater.finishMessage(into: &output, bytesMaximum: bytesMaximum)
    return [UInt8](output)
  }

  static func deflate(_ bytes: [UInt8], with deflater: MessageDeflater) -> [UInt8] {
    var output = ByteBuffer()
    deflater.deflate(ByteBuffer(bytes), into: &output)
    return [UInt8](output)
  }

  static let hello = Array("Hello".utf8)

  /// RFC 7692 section 7.2.3: one block, no compression, a final block, two blocks.
  @Test(
    arguments: [
      [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
      [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
      [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
      [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ] as [[UInt8]]) func readsTheExamples(_ bytes: [UInt8]) throws
  {
    let inflater = try MessageInflater(Self.direction())
    // Twice, so that the state after it is seen to be a good one.
    #expect(try Self.inflate(bytes, with: inflater) == Self.hello)
    #expect(try Self.inflate(bytes, with: inflater) == Self.hello)
  }

  /// RFC 7692 section 7.2.3.2: the second Hello refers to the first, and a final block between them too.
  @Test func keepsTheContext() throws {
    let first: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
    let second: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
    let keeping = try MessageInflater(Self.direction())
    #expect(try Self.inflate(first, with: keeping) == Self.hello)
    #expect(try Self.inflate(second, with: keeping) == Self.hello)
    let final: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]
    let afterFinal = try MessageInflater(Self.direction())
    #expect(try Self.inflate(final, with: afterFinal) == Self.hello)
    #expect(try Self.inflate(second, with: afterFinal) == Self.hello)
    let forgetting = try MessageInflater(Self.direction(keepsContext: false))
    #expect(try Self.inflate(first, with: forgetting) == Self.hello)
    #expect(throws: WebSocketError.undecodable) { try Self.inflate(second, with: forgetting) }
  }

  @Test(arguments: [9, 10, 12, 15], [true, false]) func readsWhatItWrites(bits: Int, keepsContext: Bool)
    throws
  {
    let direction = Self.direction(bits, keepsContext: keepsContext)
    let deflater = try MessageDeflater(direction, DeflateOptions())
    let inflater = try MessageInflater(direction)
    var size = 0
    for round in 0..<40 {
      let message = (0..<size).map { UInt8(truncatingIfNeeded: ($0 / 7) &* round &+ $0 % 5) }
      let sent = Self.deflate(message, with: deflater)
      #expect(try Self.inflate(sent, with: inflater) == message)
      size = size * 3 / 2 + 1
      if size > 200_000 { size = 0 }
    }
  }

  @Test func forgettingMakesTheNextMessageStandAlone() throws {
    let deflater = try MessageDeflater(Self.direction(), DeflateOptions())
    let text = Array("a text that would be worth referring to, were it remembered".utf8)
    let first = Self.deflate(text, with: deflater)
    #expect(Self.deflate(text, with: deflater).count < first.count / 2)
    deflater.forget()
    #expect(Self.deflate(text, with: deflater) == first)
  }

  @Test func anEmptyMessageIsOneByte() throws {
    let deflater = try MessageDeflater(Self.direction(), DeflateOptions())
    let inflater = try MessageInflater(Self.direction())
    for _ in 0..<3 {
      #expect(Self.deflate([], with: deflater) == [0])
      #expect(try Self.inflate([0], with: inflater) == [])
    }
    #expect(try Self.inflate([], with: inflater) == [])
  }

  @Test func aBombIsCutOffAtTheLimit() throws {
    let deflater = try MessageDeflater(Self.direction(), DeflateOptions())
    let bomb = Self.deflate([UInt8](repeating: 0, count: 4 << 20), with: deflater)
    #expect(bomb.count < 20_000)
    var output = ByteBuffer()
    let inflater = try MessageInflater(Self.direction())
    #expect(throws: WebSocketError.messageTooLarge(bytesMaximum: 100_000)) {
      try ByteBuffer(bomb).withReadableBytes { bytes throws(WebSocketError) in
        try inflater.inflate(bytes, into: &output, bytesMaximum: 100_000)
      }
    }
    #expect(output.count == 100_001 && output.capacity < 400_000)
    // What is just at the limit passes.
    let whole = try MessageInflater(Self.direction())
    #expect(try Self.inflate(bomb, with: whole, bytesMaximum: 4 << 20).count == 4 << 20)
  }

  @Test(arguments: [[0xff], [0x07], [0xf2, 0x00, 0x11, 0x00], [0x00, 0x05, 0x00, 0xfa, 0xfe]] as [[UInt8]])
  func refusesRubbish(_ bytes: [UInt8]) throws {
    let inflater = try MessageInflater(Self.direction())
    #expect(throws: WebSocketError.undecodable) { try Self.inflate(bytes, with: inflater) }
  }

  @Test func decodesCompressedMessagesInFragments() throws {
    let deflater = try MessageDeflater(Self.direction(), DeflateOptions())
    let text = String(repeating: "Grüße, κόσμε! ", count: 50)
    var agreement = DeflateAgreement()
    agreement.client = Self.direction()
    let payload = Self.deflate(Array(text.utf8), with: deflater)
    var encoder = FrameEncoder(role: .client)
    var bytes = ByteBuffer()
    let cut = payload.count / 3
    encoder.append(.text, ByteBuffer(payload[..<cut]), isFinal: false, isCompressed: true, to: &bytes)
    encoder.append(.ping, ByteBuffer([9]), to: &bytes)
    encoder.append(.continuation, ByteBuffer(), isFinal: false, to: &bytes)
    encoder.append(.continuation, ByteBuffer(payload[cut...]), to: &bytes)
    // Uncompressed ones may come between.
    encoder.append(.text, ByteBuffer("plain"), to: &bytes)
    for piece in [1, 5, 1 << 20] {
      let events = MessageDecoderTests.events(bytes, piece: piece, compression: agreement)
      #expect(
        events
          == .success([.ping(ByteBuffer([9])), .message(.text(text)), .message(.text("plain"))]))
    }
  }

  @Test func checksTheTextThatComesOut() throws {
    let deflater = try MessageDeflater(Self.direction(), DeflateOptions())
    for wrong: [UInt8] in [[0x61, 0xff, 0x61], [0xe2, 0x82]] {
      var encoder = FrameEncoder(role: .client)
      var bytes = ByteBuffer()
      encoder.append(.text, ByteBuffer(Self.deflate(wrong, with: deflater)), isCompressed: true, to: &bytes)
      deflater.forget()
      #expect(
        MessageDecoderTests.events(bytes, piece: 3, compression: DeflateAgreement())
          == .failure(.invalidText))
    }
  }
}
