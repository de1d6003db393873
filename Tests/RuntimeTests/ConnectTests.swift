import Bytes
import Glibc
import Testing

@testable import Runtime

@Suite("Connecting") struct ConnectTests {
  /// An address of this machine where nobody listens.
  static func deadAddress() throws -> SocketAddress {
    try ListeningSocket(.ip(.loopbackV4, port: 0)).address
  }

  /// A listener that nobody accepts from, with its backlog full: further connects get no answer.
  final class SilentListener: Sendable {
    let socket: ListeningSocket
    private let waiting: Locked<[Int32]>

    init(_ address: SocketAddress) throws {
      var options = ListeningSocket.Options()
      options.backlog = 0
      socket = try ListeningSocket(address, options)
      waiting = Locked([])
      for _ in 0..<8 {
        let client = Glibc.socket(
          socket.address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        _ = socket.address.withKernelForm { connect(client, $0, $1) }
        waiting.withLock { $0.append(client) }
      }
    }
    deinit { for client in waiting.withLock({ $0 }) { close(client) } }
  }

  @Test func reportsARefusal() async throws {
    let address = try Self.deadAddress()
    try await onLoop { loop in
      await #expect(
        throws: NetworkError.unreachable(address, SystemError(code: ECONNREFUSED, operation: "connect"))
      ) {
        _ = try await loop.connect(to: address)
      }
      let path = SocketAddress.unix(path: temporaryPath("none"))
      await #expect(throws: NetworkError.unreachable(path, SystemError(code: ENOENT, operation: "connect"))) {
        _ = try await loop.connect(to: path)
      }
    }
  }

  @Test(arguments: ["127.0.0.1:0", "unix:"]) func givesUpOnAPeerThatDoesNotAnswer(_ text: String) async throws
  {
    let silent = try SilentListener(ConnectionTests.address(text))
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          _ = try await loop.connect(to: silent.socket.address, until: loop.deadline(in: .seconds(3)))
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      var steps = 0
      while loop.statistics.tasks > 0 {
        time.advance(by: .milliseconds(100))
        steps += 1
        await loop.run {}
        await Task.yield()
      }
      #expect(steps >= 30)
      await #expect(throws: NetworkError.timedOut) { try await task.value }
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func triesAddressesInTurn() async throws {
    let dead = try Self.deadAddress()
    let silent = try SilentListener(.ip(.loopbackV4, port: 0))
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let socket = try ListeningSocket(.ip(.loopbackV6, port: 0))
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          let deadline = loop.deadline(in: .seconds(9))
          let connection = try await loop.connect(
            toFirstOf: [dead, silent.socket.address, socket.address], until: deadline)
          // The silent one had half of what was left, not all.
          #expect(loop.now < deadline)
          #expect(connection.peerAddress == socket.address)
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      while loop.statistics.tasks > 0 {
        // Small steps: the last address has some ninety turns of the loop to answer in.
        time.advance(by: .milliseconds(50))
        await loop.run {}
        await Task.yield()
      }
      try await task.value
      await #expect(
        throws: NetworkError.unreachable(dead, SystemError(code: ECONNREFUSED, operation: "connect"))
      ) {
        try await loop.run { () async throws(NetworkError) in
          _ = try await loop.connect(toFirstOf: [dead, dead])
        }
      }
    }
  }

  @Test func resolvesNamesOffTheLoop() async throws {
    try await onLoop { loop in
      let found = try await loop.resolve("localhost", port: 7)
      #expect(found.contains(.ip(.loopbackV4, port: 7)) || found.contains(.ip(.loopbackV6, port: 7)))
      #expect(try await loop.resolve("192.0.2.1", port: 9) == [.ip(.v4(0xc000_0201), port: 9)])
      #expect(loop.pool.statistics.completed == 1)
      let error = await #expect(throws: NetworkError.self) {
        try await loop.resolve("no.such.host.invalid", port: 1)
      }
      guard case .unknownHost("no.such.host.invalid", _) = error else {
        Issue.record("expected an unknown host, not \(String(describing: error))")
        return
      }
    }
  }

  @Test func connectsByName() async throws {
    try await onLoop { loop in
      let listener = try Listener(ListeningSocket(.ip(.loopbackV4, port: 0)), on: loop)
      let connection = try await loop.connect(toHost: "127.0.0.1", port: listener.address.port ?? 0)
      #expect(connection.peerAddress == listener.address)
    }
  }
}
