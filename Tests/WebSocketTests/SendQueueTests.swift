// The bounded send queue: backpressure for those who wait, a decision for those who do not, and broadcasts.

import Bytes
import Runtime
import Testing

@testable import WebSocket
@testable import websocket_probe

@Suite("Send queue") struct SendQueueTests {
  static let big = ByteBuffer(repeatElement(7, count: 64 << 10))

  @Test func aWaitingSenderKeepsToTheQueue() async throws {
    let most = Box<Int>()
    try await withServer(
      { $0.configuration.sendQueue.messagesMaximum = 4 },
      handler: { connection throws(WebSocketError) in
        for _ in 0..<200 {
          try await connection.send(.binary(Self.big))
          most.put(connection.socket.queued.messages)
        }
        connection.socket.close()
        while try await connection.next() != nil {}
      }
    ) { loop, address, _, _ in
      let received = Locked(0)
      let closure = try await connect(to: address, on: loop) { connection throws(WebSocketError) in
        while let message = try await connection.next() {
          #expect(message.payload == Self.big)
          received.withLock { $0 += 1 }
        }
      }
      #expect(closure.isClean && received.withLock { $0 } == 200)
      #expect(most.all.max() == 4)
    }
  }

  @Test func aSlowConsumerIsClosedUnlessToldOtherwise() async throws {
    let consumers = Box<SlowConsumer>()
    let refused = Box<Bool>()
    try await withServer(
      {
        $0.configuration.sendQueue.bytesMaximum = 1 << 20
        let usual = $0.configuration.slowConsumer
        $0.configuration.slowConsumer = { consumer in
          consumers.put(consumer)
          return usual(consumer)
        }
      },
      handler: { connection throws(WebSocketError) in
        // The peer reads nothing: the kernel's buffers fill, then the queue.
        while connection.socket.offer(.binary(Self.big)) {
          await EventLoop.current?.yield()
        }
        refused.put(connection.socket.offer(.text("more")))
        while try await connection.next() != nil {}
      }
    ) { loop, address, _, closures in
      let peer = try await RawPeer(to: address, on: loop)
      #expect(await refused.wait(for: 1) == [false])
      peer.connection.reader.abort()
      let closure = await closures.wait(for: 1)[0]
      let consumer = try #require(consumers.all.first)
      #expect(consumers.count == 1 && consumer.queuedBytes >= 1 << 20 && consumer.queuedBytes < 2 << 20)
      #expect(consumer.offeredBytes == 64 << 10 && consumer.dropped == 0)
      #expect(!closure.isClean)
    }
  }

  @Test func aSlowConsumerMayMissMessages() async throws {
    let outcomes = Box<Bool>()
    let go = Box<Bool>()
    try await withServer(
      {
        $0.configuration.sendQueue.messagesMaximum = 2
        $0.configuration.slowConsumer = { $0.dropped < 5 ? .drop : .close(CloseFrame(.init(rawValue: 4000))) }
      },
      handler: { connection throws(WebSocketError) in
        for number in 0..<9 { outcomes.put(connection.socket.offer(.text("\(number)"))) }
        go.put(true)
        while try await connection.next() != nil {}
      }
    ) { loop, address, _, _ in
      var peer = try await RawPeer(to: address, on: loop)
      // Two fit, five are dropped, and the eighth closes and forgets what waited.
      #expect(try await peer.next() == .close(CloseFrame(.init(rawValue: 4000))))
      #expect(outcomes.all == [true, true] + [Bool](repeating: false, count: 7))
    }
  }

  @Test(arguments: [nil, DeflateOptions()]) func broadcastsFromAnyThread(_ compression: DeflateOptions?)
    async throws
  {
    let sockets = Box<WebSocket>()
    let line = String(repeating: "to whom it may concern ", count: 200)
    let prepared = try PreparedMessage(.text(line), compression: compression)
    try await withServer(
      loops: 2, { $0.handshake.compression = compression },
      handler: { connection throws(WebSocketError) in
        // Something in the compressor's context first.
        try await connection.send(.text(line))
        sockets.put(connection.socket)
        while try await connection.next() != nil {}
      }
    ) { loop, address, _, _ in
      let received = Box<Int>()
      let clients = (0..<20).map { _ in
        loop.spawn {
          do throws(WebSocketError) {
            _ = try await connect(to: address, on: loop, { $0.compression = compression }) {
              connection throws(WebSocketError) in
              var count = 0
              while let message = try await connection.next() {
                if message.text == "end" { break }
                #expect(message.text == line)
                count += 1
              }
              received.put(count)
            }
          } catch { Issue.record(error) }
        }
      }
      let all = await sockets.wait(for: 20)
      await withTaskGroup(of: Void.self) { senders in
        for _ in 0..<4 {
          senders.addTask { @concurrent in
            for _ in 0..<25 {
              for socket in all { #expect(socket.offer(prepared)) }
            }
          }
        }
      }
      for socket in all { #expect(socket.offer(.text(line)) && socket.offer(.text("end"))) }
      for client in clients { await client.value }
      #expect(received.all == [Int](repeating: 102, count: 20))
    }
  }
}
