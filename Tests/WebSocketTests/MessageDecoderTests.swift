// The receiving half as a table: bytes in, events or the reason of refusal out, however the bytes are cut.

import Bytes
import Testing

@testable import WebSocket

@Suite("Message decoder") struct MessageDecoderTests {
  /// Everything that `bytes` say, when they come `piece` at a time.
  static func events(
    _ bytes: ByteBuffer, piece: Int, from sender: WebSocketRole = .client,
    limits: WebSocketLimits = WebSocketLimits(), compression: DeflateAgreement? = nil
  ) -> Result<[WebSocketEvent], WebSocketError> {
    var decoder = MessageDecoder(from: sender, limits: limits, compression: compression)
    var input = ByteBuffer()
    var rest = bytes
    var events: [WebSocketEvent] = []
    do throws(WebSocketError) {
      while !rest.isEmpty {
        input.append(rest.split(min(piece, rest.count)))
        while let event = try decoder.next(from: &input) { events.append(event) }
      }
    } catch {
      return .failure(error)
    }
    return .success(events)
  }

  static func outcomes(
    _ bytes: ByteBuffer, from sender: WebSocketRole = .client, limits: WebSocketLimits = WebSocketLimits()
  ) -> [Result<[WebSocketEvent], WebSocketError>] {
    [1, 2, 3, 7, 1 << 20].map { events(bytes, piece: $0, from: sender, limits: limits) }
  }

  static func text(_ text: String) -> WebSocketEvent { .message(.text(text)) }

  @Test func takesControlFramesBetweenFragments() {
    let bytes = ByteBuffer.frames(
      from: .client,
      [
        (.text, Array("fra".utf8), false), (.ping, [1, 2], true), (.continuation, [], false),
        (.pong, [], true), (.continuation, Array("gment".utf8), true), (.binary, [0, 255], true),
        (.close, [0x03, 0xe8] + Array("bye".utf8), true), (.text, Array("late".utf8), true),
      ])
    for outcome in Self.outcomes(bytes) {
      #expect(
        outcome
          == .success([
            .ping(ByteBuffer([1, 2])), .pong(ByteBuffer()), Self.text("fragment"),
            .message(.binary(ByteBuffer([0, 255]))), .close(CloseFrame(.normal, "bye")),
          ]))
    }
  }

  /// What a peer may not send, as frames that are well formed one by one.
  static let refused: [(name: String, frames: [(Opcode, [UInt8], Bool)], error: WebSocketError)] = [
    ("a stray continuation", [(.continuation, [], true)], .violation(.strayContinuation)),
    (
      "a continuation after the end", [(.text, [], true), (.continuation, [], true)],
      .violation(.strayContinuation)
    ),
    ("a text in a text", [(.text, [], false), (.text, [], true)], .violation(.messageInMessage)),
    (
      "a binary in a text, after a ping", [(.text, [], false), (.ping, [], true), (.binary, [], true)],
      .violation(.messageInMessage)
    ),
    ("half a close code", [(.close, [3], true)], .violation(.closeWithoutCode)),
    ("a reason that is no UTF-8", [(.close, [0x03, 0xe8, 0xc0], true)], .invalidText),
    ("a reason that ends in a character", [(.close, [0x03, 0xe8, 0xe2, 0x82], true)], .invalidText),
    ("a text that is no UTF-8", [(.text, [0xff], true)], .invalidText),
    ("a text that ends in a character", [(.text, [0xe2, 0x82], true)], .invalidText),
    (
      "a text that goes wrong in its second frame", [(.text, [0xe2], false), (.continuation, [0x28], false)],
      .invalidText
    ),
  ]

  @Test(arguments: refused.indices) func refuses(_ index: Int) {
    let (name, frames, error) = Self.refused[index]
    for sender in [WebSocketRole.client, .server] {
      let bytes = ByteBuffer.frames(from: sender, frames.map { ($0.0, $0.1, $0.2) })
      for outcome in Self.outcomes(bytes, from: sender) {
        #expect(outcome == .failure(error), "\(name)")
      }
    }
  }

  @Test func aTextFailsBeforeItsFrameHasArrived() throws {
    var bytes = ByteBuffer()
    FrameHeader(opcode: .text, payloadCount: 100_000).write(to: &bytes)
    bytes.append(contentsOf: [0x61, 0xff])
    #expect(Self.events(bytes, piece: 1000, from: .server) == .failure(.invalidText))
  }

  @Test func takesTheCloseCodesThatMayBeSent() {
    var wrong: [UInt16] = []
    for code in UInt16.min...UInt16.max {
      let isSendable =
        (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
      let bytes = ByteBuffer.frames(
        from: .server, [(.close, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)], true)])
      let expected: Result<[WebSocketEvent], WebSocketError> =
        isSendable
        ? .success([.close(CloseFrame(CloseCode(rawValue: code)))]) : .failure(.violation(.closeCode))
      if Self.events(bytes, piece: 10, from: .server) != expected { wrong.append(code) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func anEmptyCloseHasNoCode() {
    let bytes = ByteBuffer.frames(from: .server, [(.close, [], true)])
    #expect(Self.events(bytes, piece: 1, from: .server) == .success([.close(.empty)]))
  }

  // MARK: Limits

  @Test func keepsToTheFrameLimit() {
    var limits = WebSocketLimits()
    limits.frameBytesMaximum = 300
    let fits = [UInt8](repeating: 1, count: 300)
    let bytes = ByteBuffer.frames(from: .client, [(.binary, fits, false), (.continuation, fits, true)])
    for outcome in Self.outcomes(bytes, limits: limits) {
      #expect(outcome == .success([.message(.binary(ByteBuffer(fits + fits)))]))
    }
    // Refused by its header alone.
    var header = ByteBuffer()
    FrameHeader(opcode: .binary, payloadCount: 301).write(to: &header)
    #expect(
      Self.events(header, piece: 99, from: .server, limits: limits)
        == .failure(.frameTooLarge(bytesMaximum: 300)))
  }

  @Test func keepsToTheMessageLimit() {
    var limits = WebSocketLimits()
    limits.messageBytesMaximum = 10
    let five: [UInt8] = [1, 2, 3, 4, 5]
    let fits = ByteBuffer.frames(
      from: .client, [(.binary, five, false), (.continuation, five, false), (.continuation, [], true)])
    for outcome in Self.outcomes(fits, limits: limits) {
      #expect(outcome == .success([.message(.binary(ByteBuffer(five + five)))]))
    }
    let exceeds = ByteBuffer.frames(
      from: .client, [(.binary, five, false), (.continuation, five, false), (.continuation, [6], true)])
    for outcome in Self.outcomes(exceeds, limits: limits) {
      #expect(outcome == .failure(.messageTooLarge(bytesMaximum: 10)))
    }
  }

  @Test func keepsToTheFragmentLimit() {
    var limits = WebSocketLimits()
    limits.fragmentsMaximum = 3
    let three = ByteBuffer.frames(
      from: .client, [(.text, [], false), (.continuation, [], false), (.continuation, [], true)])
    for outcome in Self.outcomes(three, limits: limits) { #expect(outcome == .success([Self.text("")])) }
    let endless = ByteBuffer.frames(
      from: .client,
      [
        (.text, [], false), (.continuation, [], false), (.continuation, [], false),
        (.continuation, [], false),
      ]
    )
    for outcome in Self.outcomes(endless, limits: limits) {
      #expect(outcome == .failure(.tooManyFragments(maximum: 3)))
    }
  }

  @Test func aLengthThatIsOnlyClaimedCostsNothing() throws {
    var limits = WebSocketLimits()
    limits.frameBytesMaximum = .max
    limits.messageBytesMaximum = .max
    var bytes = ByteBuffer()
    FrameHeader(opcode: .binary, payloadCount: 1 << 50).write(to: &bytes)
    bytes.append(contentsOf: [1, 2, 3])
    #expect(Self.events(bytes, piece: 1, from: .server, limits: limits) == .success([]))
  }

  @Test func messagesThatAreKeptStayAsTheyWere() throws {
    var decoder = MessageDecoder(from: .server, limits: WebSocketLimits())
    var kept: [WebSocketMessage] = []
    for number in 0..<100 {
      var input = ByteBuffer.frames(from: .server, [(.text, Array("message \(number)".utf8), true)])
      guard case .message(let message)? = try decoder.next(from: &input) else {
        Issue.record("there is a message")
        return
      }
      kept.append(message)
    }
    #expect(kept.map(\.text) == (0..<100).map { "message \($0)" })
  }
}
