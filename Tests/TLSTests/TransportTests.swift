// What a transport promises, encrypted or not: the same.

import Bytes
import Foundation
import Glibc
import Peers
import Runtime
import TLS
import Testing

@Suite("Transport") struct TransportTests {
  /// Both kinds of transport, so that what holds for one is seen to hold for the other.
  enum Kind: CaseIterable, Sendable {
    case plain, encrypted

    func server(on group: EventLoopGroup) throws -> EchoServer {
      try EchoServer(on: group, self == .plain ? nil : serverContext())
    }
    func client() throws -> TLSClientContext? { self == .plain ? nil : try clientContext() }
  }

  @Test(arguments: Kind.allCases, [0, 1, 4095, 16_384, 16_385, 65_536, 3_000_000])
  func echoes(_ kind: Kind, _ count: Int) async throws {
    let context = try kind.client()
    try await withLoops(2) { group in
      let server = try kind.server(on: group)
      let address = server.address
      let sent = pattern(count)
      let received = try await group.next().run { () async throws(NetworkError) in
        // Both sides would wait for each other if all was sent before anything is read.
        let transport = try await connect(address, context)
        let (received, failure) = await transport.split(
          reading: { reader -> Result<[UInt8], NetworkError> in
            var reader = reader
            reader.inputBytesMaximum = .max
            do throws(NetworkError) {
              while try await reader.receive() > 0 {}
              return .success([UInt8](reader.input))
            } catch {
              return .failure(error)
            }
          },
          writing: { writer -> NetworkError? in
            var writer = writer
            do throws(NetworkError) {
              for start in stride(from: 0, to: sent.count, by: 50_000) {
                writer.write(ByteBuffer(sent[start..<min(start + 50_000, sent.count)]))
                writer.output.append(contentsOf: [])
                try await writer.flushIfFull()
              }
              try await writer.finish()
              return nil
            } catch {
              return error
            }
          })
        if let failure { throw failure }
        return try received.get()
      }
      #expect(received == sent)
      #expect(await server.server.drain(within: .seconds(5)) == 0)
    }
  }

  @Test(arguments: Kind.allCases) func keepsTheOrderOfWhatIsWritten(_ kind: Kind) async throws {
    let context = try kind.client()
    try await withLoops { group in
      let server = try kind.server(on: group)
      let address = server.address
      try await group.next().run { () async throws in
        var transport = try await connect(address, context)
        var expected: [UInt8] = []
        let file = try TemporaryFolder()
        let content = pattern(150_000, seed: 9)
        try Data(content).write(to: file.url("file"))
        let descriptor = open(file.path("file"), O_RDONLY)
        defer { close(descriptor) }
        for (round, size) in [10, 5000, 3, 20_000, 2048, 4096].enumerated() {
          let bytes = pattern(size, seed: UInt64(round))
          transport.output.append(contentsOf: bytes)
          transport.write(ByteBuffer(bytes))
          #expect(transport.outputCount > 0)
          try await transport.send(FileRange(descriptor: descriptor, offset: Int64(size), count: size * 6))
          #expect(transport.outputCount == 0)
          expected += bytes + bytes + content[size..<size * 7]
          let received = try await transport.receiveAll(size * 8)
          #expect(received == expected)
          expected = []
        }
        try await transport.finishWriting()
        #expect(try await transport.receive() == 0)
      }
    }
  }

  @Test(arguments: Kind.allCases) func saysHowMuchOfAFileWasMissing(_ kind: Kind) async throws {
    let context = try kind.client()
    try await withLoops { group in
      let server = try kind.server(on: group)
      let address = server.address
      let folder = try TemporaryFolder()
      try Data(pattern(100_000)).write(to: folder.url("file"))
      let path = folder.path("file")
      for (count, missing) in [(100_001, 1), (300_000, 200_000)] {
        await #expect(throws: NetworkError.fileTruncated(bytesMissing: missing)) {
          try await group.next().run { () async throws(NetworkError) in
            var transport = try await connect(address, context)
            let descriptor = open(path, O_RDONLY)
            defer { close(descriptor) }
            try await transport.send(FileRange(descriptor: descriptor, offset: 0, count: count))
          }
        }
      }
    }
  }

  @Test(arguments: Kind.allCases) func holdsNoMoreUnreadThanItMay(_ kind: Kind) async throws {
    let context = try kind.client()
    try await withLoops { group in
      let server = try kind.server(on: group)
      let address = server.address
      let sent = pattern(40_000)
      let received = try await group.next().run { () async throws(NetworkError) in
        var transport = try await connect(address, context)
        transport.inputBytesMaximum = 1000
        transport.output.append(contentsOf: sent)
        try await transport.finishWriting()
        var received: [UInt8] = []
        while true {
          while transport.input.count < 1000 {
            if try await transport.receive() == 0 { return received + [UInt8](transport.input) }
            precondition(transport.input.count <= 1000)
          }
          do throws(NetworkError) {
            _ = try await transport.receive()
            preconditionFailure("the limit was passed")
          } catch {
            guard error == .inputLimit(bytes: 1000) else { throw error }
          }
          received += [UInt8](transport.input)
          transport.input.clear()
        }
      }
      #expect(received == sent)
    }
  }

  @Test(arguments: Kind.allCases) func givesWayToDrainingAndToDeadlines(_ kind: Kind) async throws {
    let context = try kind.client()
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let server = try kind.server(on: group)
      let address = server.address
      let isWaiting = Locked(false)
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          var transport = try await connect(address, context)
          let deadline = loop.deadline(in: .seconds(5))
          isWaiting.withLock { $0 = true }
          _ = try await transport.receive(until: deadline)
        }
      }
      while !isWaiting.withLock({ $0 }) { await Task.yield() }
      time.advance(by: .seconds(6))
      await #expect(throws: NetworkError.timedOut) { try await task.value }
      let other = Task {
        try await loop.run { () async throws(NetworkError) in
          var transport = try await connect(address, context)
          return try await transport.receiveAll()
        }
      }
      _ = await server.outcomes.first(2)
      #expect(await server.server.drain(within: .seconds(5)) == 0)
      #expect(await server.outcomes.firstFailure() == .draining)
      if kind == .plain {
        #expect(try await other.value == [])
      } else {
        // The handler left without saying goodbye.
        await #expect(throws: NetworkError.tls(.truncated)) { try await other.value }
      }
    }
  }
}
