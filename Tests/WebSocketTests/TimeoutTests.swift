// What takes too long is given up, by a clock that the tests move.

import Bytes
import Runtime
import Testing

@testable import WebSocket
@testable import websocket_probe

@Suite("WebSocket timeouts") struct TimeoutTests {
  /// Moves the clock, second by second, until `closures` has one.
  static func closure(
    _ closures: Box<WebSocketClosure>, _ time: ManualTime, on loop: EventLoop
  ) async -> (WebSocketClosure, seconds: Int) {
    var seconds = 0
    while closures.count == 0 {
      time.advance(by: .seconds(1))
      seconds += 1
      for _ in 0..<20 { await loop.yield() }
    }
    return (closures.all[0], seconds)
  }

  @Test func aSilentPeerIsPingedThenGivenUp() async throws {
    let time = ManualTime()
    try await withServer(time: time) { loop, address, _, closures in
      var peer = try await RawPeer(to: address, on: loop)
      try await peer.send(.text, [])
      #expect(try await peer.next() == .message(.text("")))
      time.advance(by: .seconds(30))
      #expect(try await peer.next() == .ping(ByteBuffer()))
      // Any sign of life will do.
      try await peer.send(.pong, [])
      try await peer.send(.text, Array("here".utf8))
      #expect(try await peer.next() == .message(.text("here")))
      time.advance(by: .seconds(30))
      #expect(try await peer.next() == .ping(ByteBuffer()))
      #expect(closures.count == 0)
      let (closure, _) = await Self.closure(closures, time, on: loop)
      #expect(closure.error == .unresponsive && closure.code == .abnormal)
      #expect(try await peer.next() == nil)
    }
  }

  @Test func aPeerThatDoesNotAnswerACloseIsLeft() async throws {
    let time = ManualTime()
    try await withServer(
      time: time, handler: { connection throws(WebSocketError) in connection.socket.close() }
    ) { loop, address, _, closures in
      var peer = try await RawPeer(to: address, on: loop)
      #expect(try await peer.next() == .close(CloseFrame(.normal)))
      let (closure, seconds) = await Self.closure(closures, time, on: loop)
      #expect(closure.error == .unresponsive && !closure.isClean && seconds >= 5)
    }
  }

  @Test func aPeerThatKeepsItsEndOpenIsLeft() async throws {
    let time = ManualTime()
    try await withServer(time: time) { loop, address, _, closures in
      var peer = try await RawPeer(to: address, on: loop)
      try await peer.send(.close, [0x03, 0xe8])
      #expect(try await peer.rest() == [.close(CloseFrame(.normal))])
      let (closure, seconds) = await Self.closure(closures, time, on: loop)
      #expect(closure.isClean && seconds >= 2)
    }
  }

  @Test func aServerThatDoesNotAnswerTheHandshakeIsLeft() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let accepted = Box<Bool>()
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
        var connection = connection
        accepted.put(true)
        do throws(NetworkError) { while try await connection.receive() > 0 {} } catch { return }
      }
      let address = server.address
      let loop = group.next()
      let outcome = Box<WebSocketError>()
      let task = loop.spawn {
        do throws(WebSocketError) {
          _ = try await connect(to: address, on: loop) { _ throws(WebSocketError) in }
        } catch { outcome.put(error) }
      }
      _ = await accepted.wait(for: 1)
      while outcome.count == 0 {
        time.advance(by: .seconds(1))
        await loop.run { for _ in 0..<20 { await loop.yield() } }
      }
      await task.value
      #expect(outcome.all == [.network(.timedOut)])
      await server.drain(within: .seconds(0))
    }
  }

  @Test func cancellingEndsAConnection() async throws {
    try await withServer { loop, address, _, closures in
      let opened = Box<Bool>()
      let ended = Box<WebSocketClosure>()
      let task = loop.spawn {
        do throws(WebSocketError) {
          ended.put(
            try await connect(to: address, on: loop) { connection throws(WebSocketError) in
              opened.put(true)
              _ = try await connection.next()
            })
        } catch { Issue.record(error) }
      }
      _ = await opened.wait(for: 1)
      task.cancel()
      await task.value
      #expect(ended.all.first?.error == .network(.cancelled))
      #expect(await closures.wait(for: 1)[0].code == .abnormal)
    }
  }
}
