// Clients that do not shake hands: they say something else, or nothing, or hang up.

import Bytes
import Runtime
import TLS
import Testing

@Suite("TLS with hostile clients") struct HostileClientTests {
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", TLSFailure.notTLS(found: "an HTTP request")),
    (String(repeating: "garbage ", count: 1000), .notTLS(found: "something that is no TLS record")),
    ("", .handshake(reason: "the peer ended the connection", alert: nil)),
    ("\u{16}\u{3}\u{1}", .handshake(reason: "the peer ended the connection", alert: nil)),
  ])
  func reportsWhatCameInsteadOfAHandshake(_ text: String, _ failure: TLSFailure) async throws {
    let context = try serverContext()
    try await withLoops { group in
      let server = try EchoServer(on: group, context)
      let address = server.address
      try await group.next().run { () async throws(NetworkError) in
        var connection = try await onThisLoop().connect(to: address)
        connection.output.append(text)
        try await connection.finishWriting()
        // What comes back, if anything, is no plain text.
        do throws(NetworkError) {
          while try await connection.receive() > 0 {}
        } catch {
          guard error == .closed else { throw error }
        }
        precondition(connection.input.isEmpty || connection.input[0] == 21)
      }
      #expect(await server.outcomes.firstFailure() == .tls(failure))
      #expect(await server.server.drain(within: .seconds(5)) == 0)
    }
  }

  @Test(arguments: [0, 1]) func waitsOnlySoLongForAHandshake(_ trickle: Int) async throws {
    let context = try serverContext { $0.handshakeTimeout = .seconds(7) }
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let server = try EchoServer(on: group, context)
      let address = server.address
      let isOver = Locked(false)
      let loop = group.next()
      let client = Task {
        defer { isOver.withLock { $0 = true } }
        try await loop.run { () async throws(NetworkError) in
          var connection = try await loop.connect(to: address)
          connection.output.append(contentsOf: [22, 3, 1, 0x20, 0])
          while true {
            // One byte more at each look, or none: neither moves the server's deadline.
            connection.output.append(repeating: 1, count: trickle)
            do throws(NetworkError) {
              try await connection.flush()
              if try await connection.receive(until: loop.deadline(in: .milliseconds(50))) == 0 { return }
            } catch {
              if error == .closed { return }
              guard error == .timedOut else { throw error }
            }
          }
        }
      }
      while !isOver.withLock({ $0 }) {
        time.advance(by: .milliseconds(20))
        await Task.yield()
      }
      try await client.value
      #expect(await server.outcomes.firstFailure() == .timedOut)
    }
  }

  @Test func takesAHangUpForAnEnd() async throws {
    let (context, client) = (try serverContext(), try clientContext())
    let (ends, end) = AsyncStream.makeStream(of: Result<Int, NetworkError>.self)
    try await withLoops { group in
      let server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
        do throws(NetworkError) {
          var transport = try await Transport.accept(connection, context)
          end.yield(.success(try await transport.receive()))
        } catch {
          end.yield(.failure(error))
        }
      }
      let address = server.address
      try await group.next().run { () async throws(NetworkError) in
        // Without close_notify.
        try await connect(address, client).abort()
      }
      for await result in ends {
        #expect(try result.get() == 0)
        break
      }
    }
  }
}
