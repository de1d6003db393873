// Loops, servers and raw peers for the driver's tests.

import Bytes
import Glibc
import HTTPServer
import Runtime
import TLS

@testable import WebSocket
@testable import websocket_probe

/// Runs `body` with loops of its own and shuts them down after it, so that a leaked task shows as a hang here.
func withLoops(
  _ count: Int = 1, time: any TimeSource = SystemTime(), _ body: (EventLoopGroup) async throws -> Void
) async throws {
  var configuration = EventLoopGroup.Configuration(loops: count)
  configuration.poolThreads = 1
  configuration.name = "test"
  configuration.time = time
  let group = try EventLoopGroup(configuration)
  do {
    try await body(group)
    await group.shutdown()
  } catch {
    await group.shutdown()
    throw error
  }
}

/// What tasks of a test tell it, to be waited for.
final class Box<Value: Sendable>: Sendable {
  private let content = Locked<[Value]>([])

  func put(_ value: Value) { content.withLock { $0.append(value) } }
  var all: [Value] { content.withLock { $0 } }
  var count: Int { content.withLock { $0.count } }

  /// Returns once `count` values are there.
  func wait(for count: Int) async -> [Value] {
    while self.count < count { await Task.yield() }
    return all
  }
}

/// A client that speaks frames and keeps no rules but those it is told to.
struct RawPeer: ~Copyable {
  var connection: Connection
  private var decoder: MessageDecoder
  private var encoder = FrameEncoder(role: .client)

  /// Connects and upgrades.
  init(to address: SocketAddress, on loop: EventLoop, compression: DeflateOptions? = nil) async throws {
    var connection = try await loop.connect(to: address)
    var request = ClientHandshake.Request(authority: "test")
    request.compression = compression
    let handshake = ClientHandshake(request)
    handshake.write(to: &connection.output)
    try await connection.flush()
    var searched = 0
    var answer: UpgradeAnswer?
    while answer == nil {
      answer = try UpgradeAnswer.take(from: &connection.input, searched: &searched)
      if answer == nil, try await connection.receive() == 0 { throw NetworkError.closed }
    }
    let found = answer!
    let agreement = try handshake.conclude(status: found.status, values: found.values)
    decoder = MessageDecoder(from: .server, limits: WebSocketLimits(), compression: agreement.compression)
    self.connection = connection
  }

  mutating func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) async throws {
    encoder.append(opcode, ByteBuffer(payload), isFinal: isFinal, to: &connection.output)
    try await connection.flush()
  }

  mutating func send(bytes: [UInt8]) async throws {
    connection.output.append(contentsOf: bytes)
    try await connection.flush()
  }

  /// The server's next event; nil at the connection's end.
  mutating func next() async throws -> WebSocketEvent? {
    while true {
      if let event = try decoder.next(from: &connection.input) { return event }
      if try await connection.receive() == 0 { return nil }
    }
  }

  /// Every event up to the end.
  mutating func rest() async throws -> [WebSocketEvent] {
    var events: [WebSocketEvent] = []
    while let event = try await next() { events.append(event) }
    return events
  }
}

/// Serves `handler` on `group`, and runs `body` on another of its loops with the address.
func withServer(
  loops: Int = 1, time: any TimeSource = SystemTime(),
  _ change: (inout UpgradeServer) -> Void = { _ in },
  handler: @escaping WebSocketConnection.Handler = UpgradeServer.echo,
  _ body:
    @escaping @Sendable (EventLoop, SocketAddress, HTTPServer, Box<WebSocketClosure>) async throws ->
    Void
) async throws {
  try await withLoops(loops, time: time) { group in
    let closures = Box<WebSocketClosure>()
    var server = UpgradeServer(handler: handler)
    server.onEnd = { closures.put($0) }
    change(&server)
    let listening = try server.listen(at: .ip(.loopbackV4, port: 0), on: group, time: time)
    let loop = group.next()
    try await loop.run { () async throws in
      try await body(loop, listening.address, listening, closures)
    }
    await listening.drain(within: .seconds(0))
  }
}

/// Connects a client of ours.
func connect(
  to address: SocketAddress, on loop: EventLoop, tls: TLSClientContext? = nil,
  configuration: WebSocketConfiguration = WebSocketConfiguration(),
  _ change: (inout ClientHandshake.Request) -> Void = { _ in },
  _ handler: @escaping WebSocketConnection.Handler
) async throws(WebSocketError) -> WebSocketClosure {
  var request = ClientHandshake.Request(authority: "test", target: "/")
  change(&request)
  return try await WebSocketClient.connect(
    toHost: "127.0.0.1", port: address.port ?? 0, request, on: loop, tls: tls,
    configuration: configuration, handler: handler)
}
