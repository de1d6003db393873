// What a connection promises, over each kind of socket.

import Bytes
import Glibc
import Testing

@testable import Runtime

@Suite("Connection") struct ConnectionTests {
  /// Every kind of socket, so that what holds for one is seen to hold for all.
  static let addresses = ["127.0.0.1:0", "[::1]:0", "unix:", "unix:@"]

  static func address(_ text: String) throws -> SocketAddress {
    switch text {
    case "unix:": .unix(path: temporaryPath("socket"))
    case "unix:@": .unix(path: "@" + temporaryPath("socket"))
    default: try SocketAddress(text)
    }
  }

  @Test(arguments: addresses) func echoes(_ text: String) async throws {
    try await withLoops(2) { group in
      let server = try SocketServer(listeningAt: try Self.address(text), on: group, handler: echo)
      let address = server.address
      let sent = pattern(100_000)
      let received = try await group.next().run { () async throws(NetworkError) in
        var connection = try await onThisLoop().connect(to: address)
        connection.output.append(contentsOf: sent)
        try await connection.finishWriting()
        return try await connection.receiveAll()
      }
      #expect(received == sent)
      #expect(await server.drain(within: .seconds(5)) == 0)
    }
  }

  @Test func servesManyConnectionsAtOnce() async throws {
    try await withLoops(2) { group in
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: echo)
      let address = server.address
      let answers = TestCounter()
      await withTaskGroup(of: Void.self) { tasks in
        for number in 0..<200 {
          tasks.addTask {
            let sent = pattern(500 + number * 7, seed: UInt64(number))
            let received = try? await group.next().run { () async throws(NetworkError) in
              var connection = try await onThisLoop().connect(to: address)
              var all: [UInt8] = []
              for part in [sent[..<100], sent[100...]] {
                connection.output.append(contentsOf: part)
                try await connection.flush()
                all += try await connection.receiveAll(part.count)
              }
              return all
            }
            if received == sent { answers.add() }
          }
        }
      }
      #expect(answers.value == 200)
      #expect(server.statistics.accepted == 200)
      #expect(await server.drain(within: .seconds(5)) == 0)
      #expect(server.statistics.open == 0)
    }
  }

  @Test func knowsBothAddresses() async throws {
    try await withPair { left, right in
      #expect(left.localAddress == right.peerAddress)
      #expect(left.peerAddress == right.localAddress)
      #expect(left.peerAddress?.ip == .loopbackV4)
    }
  }

  @Test func takesTheUsualOptions() async throws {
    try await withPair { left, _ in
      let descriptor = left.reader.stream.descriptor
      func option(_ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
      }
      let tcp = Int32(IPPROTO_TCP)
      #expect(option(tcp, TCP_NODELAY) != 0)
      try left.setNoDelay(false)
      #expect(option(tcp, TCP_NODELAY) == 0)
      try left.setKeepAlive(idle: .seconds(60), interval: .seconds(10), probes: 3)
      #expect(option(SOL_SOCKET, SO_KEEPALIVE) != 0)
      #expect(option(tcp, TCP_KEEPIDLE) == 60)
      #expect(option(tcp, TCP_KEEPINTVL) == 10)
      #expect(option(tcp, TCP_KEEPCNT) == 3)
    }
  }

  // MARK: Ends

  @Test func readsOnAfterItHasFinishedWriting() async throws {
    try await withPair { left, right in
      try await left.finishWriting()
      #expect(try await right.receive() == 0)
      // The end is there every time one asks.
      #expect(try await right.receive() == 0)
      right.output.append("still here")
      try await right.finishWriting()
      #expect(try await left.receiveAll() == Array("still here".utf8))
    }
  }

  @Test func writesOnAfterThePeerHasFinished() async throws {
    try await withPair { left, right in
      right.output.append("last words")
      try await right.finishWriting()
      #expect(try await left.receiveAll() == Array("last words".utf8))
      left.output.append("noted")
      try await left.flush()
      #expect(try await right.receiveAll(5) == Array("noted".utf8))
    }
  }

  @Test func readsWhatCameBeforeTheEndThoughTheBufferIsSmall() async throws {
    try await withPair { left, right in
      left.output.append(contentsOf: pattern(60_000))
      try await left.finishWriting()
      // Received in several calls, the end being known from the first: none may wait for another event.
      #expect(try await right.receiveAll() == pattern(60_000))
    }
  }

  @Test func reportsAResetAsClosed() async throws {
    try await onLoop { loop in
      let halves = try await Halves.connected(on: loop)
      var left = halves.takeLeft()
      let right = halves.takeRight()
      try right.resetOnClose()
      left.output.append("x")
      try await left.flush()
      _ = consume right
      await #expect(throws: NetworkError.closed) {
        while try await left.receive() > 0 {}
      }
      left.output.append("x")
      await #expect(throws: NetworkError.closed) { try await left.flush() }
    }
  }

  @Test func closesWhenItsOwnerLetsGoAnywhere() async throws {
    try await withLoops { group in
      let loop = group.next()
      let kept = try await loop.run { () async throws(NetworkError) in
        try await Halves.connected(on: loop)
      }
      #expect(loop.core.pointee.counts.sockets == 2)
      // Here, off the loop.
      kept.drop()
      await waitUntil { loop.statistics.sockets == 0 }
    }
  }

  @Test func reusesDescriptorsWithoutMixingThemUp() async throws {
    try await withLoops { group in
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: echo)
      let address = server.address
      try await group.next().run { () async throws(NetworkError) in
        var numbers: Set<Int32> = []
        for round in 0..<300 {
          var connection = try await onThisLoop().connect(to: address)
          numbers.insert(connection.reader.stream.descriptor)
          // Every other one is left with an answer on its way.
          connection.output.append(contentsOf: pattern(64, seed: UInt64(round)))
          try await connection.flush()
          if round % 2 == 0 {
            #expect(try await connection.receiveAll(64) == pattern(64, seed: UInt64(round)))
          }
        }
        #expect(numbers.count < 100)
      }
      #expect(await server.drain(within: .seconds(5)) == 0)
    }
  }

  // MARK: Limits and backpressure

  @Test func holdsNoMoreThanItMay() async throws {
    try await withPair { left, right in
      right.reader.inputBytesMaximum = 1000
      left.output.append(contentsOf: pattern(1500))
      try await left.flush()
      while right.input.count < 1000 { _ = try await right.receive() }
      #expect(right.input.count == 1000)
      await #expect(throws: NetworkError.inputLimit(bytes: 1000)) { try await right.receive() }
      right.input.consume(600)
      while right.input.count < 900 { _ = try await right.receive() }
      #expect([UInt8](right.input) == Array(pattern(1500)[600...]))
    }
  }

  @Test func suspendsAWriterWhosePeerIsSlow() async throws {
    try await onLoop { loop in
      let halves = try await Halves.connected(on: loop)
      var right = halves.takeRight()
      let total = 32 << 20
      let progress = Progress()
      async let written: Void = Self.write(total, on: halves.takeLeft(), progress)
      // The writer stops, with most of it unsent, and waits for room.
      while !progress.isWaiting { await loop.yield() }
      #expect(progress.flushed < total / 2)
      var received = 0
      while true {
        let count = try await right.receive()
        if count == 0 { break }
        received += count
        right.input.clear()
      }
      #expect(received == total)
      await written
      #expect(progress.flushed == total)
    }
  }

  /// How far a writer is. Touched on one loop only.
  final class Progress: @unchecked Sendable {
    var flushed = 0
    var stream: SocketStream?
    var isWaiting: Bool {
      guard let stream else { return false }
      return stream.loop.core.pointee.descriptors[stream.descriptor].pointee.writing.waiter != nil
    }
  }

  private static func write(_ total: Int, on connection: consuming Connection, _ progress: Progress) async {
    progress.stream = connection.writer.stream
    defer { progress.stream = nil }
    let piece = ByteBuffer(pattern(1 << 20))
    do {
      while progress.flushed < total {
        connection.write(piece)
        connection.output.append("")
        try await connection.flushIfFull()
        progress.flushed += piece.count
      }
      try await connection.finishWriting()
    } catch {
      Issue.record(error)
    }
  }

  @Test func sendsSplicedBuffersInOrder() async throws {
    try await withPair { left, right in
      var expected: [UInt8] = []
      for index in 0..<150 {
        let head = "head \(index)\r\n"
        let body = pattern(index * 40, seed: UInt64(index))
        left.output.append(head)
        left.write(ByteBuffer(body))
        expected += Array(head.utf8) + body
      }
      #expect(left.writer.outputCount == expected.count)
      let sending = left.writer.stream
      let all = expected
      try await left.flush()
      try await left.finishWriting()
      #expect(try await right.receiveAll() == all)
      #expect(sending.loop === right.loop)
    }
  }

  @Test func givesItsBuffersBackWhileItIsIdle() async throws {
    try await onLoop { loop in
      let halves = try await Halves.connected(on: loop)
      var left = halves.takeLeft()
      var right = halves.takeRight()
      left.output.append("ping")
      try await left.flush()
      #expect(left.output.capacity == 0 || left.writer.queue.staging.capacity == 0)
      _ = try await right.receive()
      right.input.clear()
      #expect(right.input.capacity > 0)
      let deadline = loop.now
      await #expect(throws: NetworkError.timedOut) { try await right.receive(until: deadline) }
      #expect(right.input.capacity == 0)
    }
  }

  // MARK: Two tasks

  @Test func readsAndWritesAtTheSameTime() async throws {
    try await withLoops { group in
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: echo)
      let address = server.address
      let sent = pattern(3 << 20)
      let (received, error) = try await group.next().run {
        () async throws(NetworkError) -> ([UInt8]?, NetworkError?) in
        let connection = try await onThisLoop().connect(to: address)
        return await connection.split { reader -> [UInt8]? in
          var reader = reader
          reader.inputBytesMaximum = .max
          do { while try await reader.receive() > 0 {} } catch { return nil }
          return [UInt8](reader.input)
        } writing: { writer -> NetworkError? in
          var writer = writer
          do throws(NetworkError) {
            for start in stride(from: 0, to: sent.count, by: 65_536) {
              writer.write(ByteBuffer(sent[start..<min(start + 65_536, sent.count)]))
              try await writer.flush()
            }
            try await writer.finish()
          } catch {
            return error
          }
          return nil
        }
      }
      #expect(error == nil)
      #expect(received == sent)
      #expect(await server.drain(within: .seconds(5)) == 0)
    }
  }

  @Test func oneHalfEndsTheOther() async throws {
    try await onLoop { loop in
      let halves = try await Halves.connected(on: loop)
      let left = halves.takeLeft()
      let right = halves.takeRight()
      let (read, _) = await left.split { reader -> Result<Int, NetworkError> in
        var reader = reader
        do throws(NetworkError) { return .success(try await reader.receive()) } catch {
          return .failure(error)
        }
      } writing: { writer in
        await loop.yield()
        writer.abort()
      }
      #expect(read == .success(0) || read == .failure(.closed))
      withExtendedLifetime(right.loop) {}
    }
  }
}
