// Loops and connections for tests: each test has its own loops, and waits for their end.

import Bytes
import Glibc
import Runtime
import TLS

/// Runs `body` with loops of its own and shuts them down after it, so that a leaked task shows as a hang here.
func withLoops<Result>(
  _ count: Int = 1, time: any TimeSource = SystemTime(), _ body: (EventLoopGroup) async throws -> Result
) async throws -> Result {
  var configuration = EventLoopGroup.Configuration(loops: count)
  configuration.poolThreads = 4
  configuration.name = "tls"
  configuration.time = time
  let group = try EventLoopGroup(configuration)
  do {
    let result = try await body(group)
    await group.shutdown()
    return result
  } catch {
    await group.shutdown()
    throw error
  }
}

/// What one handshake or connection came to, told by a server to the test.
actor Outcomes {
  private var failures: [NetworkError] = []
  private var infos: [TLSInfo?] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func add(_ failure: NetworkError) {
    failures.append(failure)
    wake()
  }

  func add(_ info: TLSInfo?) {
    infos.append(info)
    wake()
  }

  private func wake() {
    for waiter in waiting { waiter.resume() }
    waiting = []
  }

  /// The first failure, once there is one.
  func firstFailure() async -> NetworkError {
    while failures.isEmpty { await withCheckedContinuation { waiting.append($0) } }
    return failures[0]
  }

  /// What the first `count` connections agreed on.
  func first(_ count: Int) async -> [TLSInfo] {
    while infos.count < count { await withCheckedContinuation { waiting.append($0) } }
    return infos[..<count].compactMap { $0 }
  }
}

/// A server that sends back what it receives, over TLS when it has a context.
struct EchoServer {
  let server: SocketServer
  let outcomes = Outcomes()

  var address: SocketAddress { server.address }
  var port: UInt16 { server.address.port ?? 0 }

  init(on group: EventLoopGroup, _ context: TLSServerContext?) throws {
    let outcomes = outcomes
    server = try SocketServer(listeningAt: .ip(.loopbackV4, port: 0), on: group) { connection in
      do throws(NetworkError) {
        var transport: Transport
        if let context {
          transport = try await Transport.accept(connection, context)
        } else {
          transport = Transport(connection)
        }
        await outcomes.add(transport.security)
        try await echo(&transport)
      } catch {
        await outcomes.add(error)
      }
    }
  }
}

/// Sends back what arrives until the peer has finished, then finishes too.
func echo(_ transport: inout Transport) async throws(NetworkError) {
  while try await transport.receive(yieldsToDraining: true) > 0 {
    transport.write(transport.input.split(transport.input.count))
    try await transport.flush()
  }
  try await transport.finishWriting()
}

extension Transport {
  /// Receives until the peer has finished, or `count` bytes are there.
  mutating func receiveAll(_ count: Int = .max) async throws(NetworkError) -> [UInt8] {
    inputBytesMaximum = .max
    while input.count < count, try await receive() > 0 {}
    let bytes = [UInt8](input)
    input.clear()
    return bytes
  }

  /// Sends `bytes`, finishes, and returns what came back.
  mutating func exchange(_ bytes: [UInt8]) async throws(NetworkError) -> [UInt8] {
    output.append(contentsOf: bytes)
    try await finishWriting()
    return try await receiveAll()
  }
}

/// A client's transport to `address`, over TLS when it has a context. On the loop only.
func connect(
  _ address: SocketAddress, _ context: TLSClientContext?, host: String = "localhost",
  applicationProtocols: [String] = []
) async throws(NetworkError) -> Transport {
  let connection = try await onThisLoop().connect(to: address)
  guard let context else { return Transport(connection) }
  return try await Transport.connect(
    connection, context, host: host, applicationProtocols: applicationProtocols)
}

/// The loop that runs the caller.
func onThisLoop() -> EventLoop {
  guard let loop = EventLoop.current else { preconditionFailure("not on a loop") }
  return loop
}

/// `count` bytes that follow from `seed`.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  let random = SeededRandom(seed: seed)
  return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
    random.fill(UnsafeMutableRawBufferPointer(bytes))
    initialized = count
  }
}
