// What a connection promises, between our two ends and against a peer that misbehaves.

import Bytes
import HTTPServer
import Runtime
import Testing

@testable import WebSocket
@testable import websocket_probe

@Suite("WebSocket connection") struct ConnectionTests {
  @Test(arguments: [nil, DeflateOptions()], [false, true])
  func echoes(_ compression: DeflateOptions?, isSecure: Bool) async throws {
    let certificate = isSecure ? try TestCertificate() : nil
    let (server, client) = (certificate?.server, certificate?.client)
    try await withServer({
      $0.handshake.compression = compression
      $0.tls = server
    }) { loop, address, _, closures in
      let closure = try await connect(
        to: address, on: loop, tls: client, { $0.compression = compression }
      ) {
        connection throws(WebSocketError) in
        #expect((connection.agreement.compression != nil) == (compression != nil))
        for size in [0, 1, 125, 126, 2047, 2048, 65_535, 65_536, 300_000] {
          let text = String(repeating: "x", count: size)
          try await connection.send(.text(text))
          #expect(try await connection.next() == .text(text))
          let bytes = ByteBuffer((0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
          try await connection.send(.binary(bytes))
          #expect(try await connection.next() == .binary(bytes))
        }
        connection.socket.close(CloseCode(rawValue: 4321), "enough")
        #expect(try await connection.next() == nil)
        #expect(try await connection.next() == nil)
        await #expect(throws: WebSocketError.closed) { try await connection.socket.send(text: "late") }
      }
      // The server gives our code back.
      #expect(closure == WebSocketClosure(code: .init(rawValue: 4321), reason: "", isClean: true, error: nil))
      let served = await closures.wait(for: 1)
      #expect(
        served == [
          WebSocketClosure(code: .init(rawValue: 4321), reason: "enough", isClean: true, error: nil)
        ])
    }
  }

  @Test func aHandlerThatReturnsCloses() async throws {
    try await withServer(handler: { connection throws(WebSocketError) in
      try await connection.send(.text("bye"))
    }) { loop, address, _, closures in
      var peer = try await RawPeer(to: address, on: loop)
      #expect(try await peer.next() == .message(.text("bye")))
      #expect(try await peer.next() == .close(CloseFrame(.normal)))
      // What comes before the peer's close frame is dropped.
      try await peer.send(.text, Array("unheard".utf8))
      try await peer.send(.close, [0x03, 0xe8])
      #expect(try await peer.next() == nil)
      #expect(await closures.wait(for: 1).first?.isClean == true)
    }
  }

  @Test func aHandlerThatFailsClosesWithItsFault() async throws {
    try await withServer(handler: { _ throws(WebSocketError) in throw .sendQueueFull }) {
      loop, address, _, _ in
      var peer = try await RawPeer(to: address, on: loop)
      #expect(try await peer.next() == .close(CloseFrame(.internalError)))
    }
  }

  @Test func answersPingsInOrder() async throws {
    try await withServer { loop, address, _, _ in
      var peer = try await RawPeer(to: address, on: loop)
      for number in 0..<10 { try await peer.send(.ping, [UInt8(number)]) }
      for number in 0..<10 { #expect(try await peer.next() == .pong(ByteBuffer([UInt8(number)]))) }
    }
  }

  /// What a peer does wrong after a message, and the code that it hears.
  static let faults: [(bytes: [UInt8], code: CloseCode)] = [
    ([0x81, 0x00], .protocolError), ([0xf1, 0x80, 0, 0, 0, 0], .protocolError),
    ([0x80, 0x80, 0, 0, 0, 0], .protocolError), ([0x83], .protocolError),
    ([0x81, 0x81, 0, 0, 0, 0, 0xff], .invalidPayload), ([0x88, 0x81, 0, 0, 0, 0, 3], .protocolError),
    ([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0], .messageTooBig),
  ]

  @Test(arguments: faults.indices) func answersWhatWasRightThenSaysWhatIsWrong(_ index: Int) async throws {
    let (bytes, code) = Self.faults[index]
    try await withServer { loop, address, _, closures in
      var peer = try await RawPeer(to: address, on: loop)
      try await peer.send(.text, Array("right".utf8))
      try await peer.send(bytes: bytes)
      let events = try await peer.rest()
      #expect(events.count == 2)
      #expect(events.first == .message(.text("right")))
      guard case .close(let frame)? = events.last else {
        Issue.record("a close frame comes")
        return
      }
      #expect(frame.code == code)
      try await peer.connection.finishWriting()
      let closure = await closures.wait(for: 1)[0]
      #expect(!closure.isClean && closure.code == .abnormal && closure.error?.closeCode == code)
    }
  }

  @Test func aPeerThatLeavesWithoutAWordIsNoticed() async throws {
    try await withServer { loop, address, _, closures in
      do {
        var peer = try await RawPeer(to: address, on: loop)
        try await peer.send(.text, Array("hi".utf8))
        _ = try await peer.next()
      }
      let closure = await closures.wait(for: 1)[0]
      #expect(closure.error == .network(.closed) && closure.code == .abnormal && !closure.isClean)
    }
  }

  @Test func framesBehindTheHandshakeAreNotLost() async throws {
    try await withServer { loop, address, _, _ in
      var connection = try await loop.connect(to: address)
      ClientHandshake(ClientHandshake.Request(authority: "test")).write(to: &connection.output)
      var encoder = FrameEncoder(role: .client)
      encoder.append(.text, ByteBuffer("early"), to: &connection.output)
      try await connection.flush()
      var searched = 0
      while try UpgradeAnswer.take(from: &connection.input, searched: &searched) == nil {
        _ = try await connection.receive()
      }
      while connection.input.count < 7 { _ = try await connection.receive() }
      #expect([UInt8](connection.input) == [0x81, 5] + Array("early".utf8))
    }
  }

  @Test func refusedHandshakesSaySo() async throws {
    try await withServer({
      $0.handshake.subprotocols = ["one"]
      $0.handshake.requiresSubprotocol = true
    }) { loop, address, _, _ in
      await #expect(throws: WebSocketError.handshake(.refused(status: 400))) {
        try await connect(to: address, on: loop) { _ throws(WebSocketError) in }
      }
      let closure = try await connect(to: address, on: loop, { $0.subprotocols = ["zero", "one"] }) {
        connection throws(WebSocketError) in
        #expect(connection.agreement.subprotocol == "one")
      }
      #expect(closure.isClean)
    }
  }

  @Test func drainingSaysGoingAway() async throws {
    try await withServer { loop, address, server, closures in
      let first = Box<Bool>()
      let ended = Box<WebSocketClosure>()
      let client = loop.spawn {
        do throws(WebSocketError) {
          ended.put(
            try await connect(to: address, on: loop) { connection throws(WebSocketError) in
              try await connection.send(.text("hi"))
              _ = try await connection.next()
              first.put(true)
              #expect(try await connection.next() == nil)
            })
        } catch { Issue.record(error) }
      }
      _ = await first.wait(for: 1)
      #expect(await server.drain(within: .seconds(20)) == 0)
      await client.value
      #expect(ended.all.first?.code == .goingAway)
      #expect(closures.all.first?.isClean == true)
    }
  }
}
