// The sending half without a socket: what is admitted, what the writer gets, and in which order.

import Bytes
import Runtime
import Testing

@testable import WebSocket

@Suite("Outbox") struct OutboxStateTests {
  static func state(
    _ role: WebSocketRole = .server, messages: Int = 4, bytes: Int = 1 << 20,
    compression: DeflateAgreement? = nil
  ) -> OutboxState {
    var limits = SendQueueLimits()
    (limits.messagesMaximum, limits.bytesMaximum) = (messages, bytes)
    return OutboxState(
      WebSocketAgreement(role: role, compression: compression), limits, random: SystemRandom())
  }

  /// Everything the writer is given, as the peer reads it.
  static func events(_ state: inout OutboxState) -> [WebSocketEvent] {
    var batch = OutboxState.Batch()
    state.take(&batch)
    var bytes = ByteBuffer()
    for piece in batch.pieces { bytes.append(piece.bytes) }
    bytes.append(batch.staged)
    state.sent()
    var limits = WebSocketLimits()
    limits.frameBytesMaximum = 8 << 20
    limits.messageBytesMaximum = 8 << 20
    let role = state.role
    switch MessageDecoderTests.events(bytes, piece: 1 << 20, from: role, limits: limits) {
    case .success(let events): return events
    case .failure(let error):
      Issue.record("\(error)")
      return []
    }
  }

  static func text(_ text: String) -> WebSocketEvent { .message(.text(text)) }

  @Test(arguments: [WebSocketRole.server, .client]) func sendsInOrder(_ role: WebSocketRole) throws {
    var state = Self.state(role, messages: 100)
    let long = WebSocketMessage.binary(ByteBuffer(repeatElement(5, count: 100_000)))
    let prepared = try PreparedMessage(.text("for all"))
    let longPrepared = try PreparedMessage(long)
    #expect(state.add(.text("one")) == .accepted)
    #expect(state.add(long) == .accepted)
    #expect(state.add(prepared) == .accepted)
    state.pong(ByteBuffer([1]))
    #expect(state.add(longPrepared) == .accepted)
    #expect(state.add(.text("")) == .accepted)
    #expect(state.messages == 5)
    #expect(state.close(CloseFrame(.normal)) == true)
    #expect(state.add(.text("too late")) == .closed)
    #expect(state.add(prepared) == .closed)
    #expect(
      Self.events(&state) == [
        Self.text("one"), .message(long), Self.text("for all"), .pong(ByteBuffer([1])), .message(long),
        Self.text(""), .close(CloseFrame(.normal)),
      ])
    #expect(state.messages == 0 && state.bytes == 0 && !state.hasWork)
  }

  @Test func aPreparedMessageIsSharedByThoseItIsSentTo() throws {
    let prepared = try PreparedMessage(.binary(ByteBuffer(repeatElement(5, count: 100_000))))
    for _ in 0..<2 {
      var state = Self.state()
      #expect(state.add(prepared) == .accepted)
      var batch = OutboxState.Batch()
      state.take(&batch)
      let address = batch.pieces[0].bytes.withReadableBytes { $0.baseAddress }
      #expect(address == prepared.frame.withReadableBytes { $0.baseAddress })
    }
  }

  @Test func isFullAtItsLimits() {
    var byCount = Self.state(messages: 2)
    #expect(byCount.add(.text("a")) == .accepted)
    #expect(byCount.add(.text("b")) == .accepted)
    #expect(byCount.add(.text("c")) == .full)
    var batch = OutboxState.Batch()
    byCount.take(&batch)
    // What the writer has taken is not sent yet.
    #expect(byCount.add(.text("c")) == .full)
    byCount.sent()
    #expect(byCount.add(.text("c")) == .accepted)

    var byBytes = Self.state(messages: 100, bytes: 10)
    #expect(byBytes.add(.text("123456789")) == .accepted)
    #expect(byBytes.add(.text("1")) == .accepted)
    #expect(byBytes.add(.text("")) == .full)
  }

  @Test func aFloodOfPingsKeepsToItsRoom() {
    var state = Self.state()
    for number in 0..<10_000 {
      state.pong(ByteBuffer(repeatElement(UInt8(truncatingIfNeeded: number), count: 125)))
    }
    let events = Self.events(&state)
    #expect(events.count < 200)
    // The last ping is answered, whatever happened to those before it.
    #expect(events.last == .pong(ByteBuffer(repeatElement(UInt8(truncatingIfNeeded: 9_999), count: 125))))
    #expect(!state.hasWork)
    var pinging = Self.state()
    var sent = 0
    while pinging.ping(ByteBuffer()) { sent += 1 }
    #expect(sent < 2000)
  }

  @Test func closingForgetsWhatIsNotWithTheWriter() {
    var state = Self.state()
    #expect(state.add(.text("taken")) == .accepted)
    var batch = OutboxState.Batch()
    state.take(&batch)
    #expect(state.add(.text("waiting")) == .accepted)
    #expect(state.close(CloseFrame(.tryAgainLater, "slow"), forgetting: true) == true)
    #expect(state.messages == 1)
    state.sent()
    #expect(Self.events(&state) == [.close(CloseFrame(.tryAgainLater, "slow"))])
    #expect(state.messages == 0 && state.bytes == 0)
  }

  @Test func answersACloseOnceWithItsCode() {
    var state = Self.state()
    state.received(CloseFrame(CloseCode(rawValue: 4001), "why"))
    #expect(Self.events(&state) == [.close(CloseFrame(CloseCode(rawValue: 4001)))])
    state.received(.empty)
    #expect(state.close(CloseFrame(.normal)) == false)
    #expect(!state.hasWork)
    var empty = Self.state()
    empty.received(.empty)
    #expect(Self.events(&empty) == [.close(.empty)])
    var first = Self.state()
    #expect(first.close(CloseFrame(.goingAway)) == true)
    first.received(CloseFrame(.normal))
    #expect(Self.events(&first) == [.close(CloseFrame(.goingAway))])
  }

  @Test func leavesShortMessagesUncompressed() {
    var state = Self.state(compression: DeflateAgreement())
    #expect(state.add(.text("short")) == .accepted)
    #expect(state.add(.text(String(repeating: "long ", count: 100))) == .accepted)
    #expect(state.add(.text("short")) == .accepted)
    var batch = OutboxState.Batch()
    state.take(&batch)
    #expect(batch.pieces.count == 2 && !batch.staged.isEmpty)
    guard case .compress(.text) = batch.pieces[1].work else {
      Issue.record("the long message is compressed")
      return
    }
  }

  @Test func aWindowThatZlibCannotCompressWithMeansNone() {
    var agreement = DeflateAgreement()
    agreement.server.windowBits = 8
    var state = Self.state(compression: agreement)
    let long = String(repeating: "long ", count: 100)
    #expect(state.add(.text(long)) == .accepted)
    #expect(Self.events(&state) == [Self.text(long)])
  }

  @Test func reasonsAreCutAtACharacter() {
    let frame = CloseFrame(.normal, String(repeating: "é", count: 100))
    #expect(frame.reason == String(repeating: "é", count: 61))
    #expect(frame.payload.count == 124)
    #expect(CloseFrame(.normal, String(repeating: "a", count: 123)).reason.count == 123)
  }
}
