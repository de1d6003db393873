// Loops, servers of ours and servers made of bytes for the clients to talk to.

import Bytes
import HTTP
import HTTP1
import HTTP2
import HTTPServer
import Runtime
import TLS
import Telemetry
import Testing

@testable import HTTPClient

/// Runs `body` with loops that end after it.
func withGroup<Result: Sendable>(
  loops count: Int = 1, time: any TimeSource = SystemTime(),
  _ body: @escaping @Sendable (EventLoopGroup) async throws -> Result
) async throws -> Result {
  var configuration = EventLoopGroup.Configuration(loops: count)
  configuration.poolThreads = 2
  configuration.name = "client-test"
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

/// Runs `body` with a server of ours.
func withServer<Result: Sendable>(
  _ handler: some HTTPHandler, on group: EventLoopGroup, time: any TimeSource = SystemTime(),
  configure: (inout HTTPServer.Configuration) -> Void = { _ in },
  _ body: (HTTPServer) async throws -> Result
) async throws -> Result {
  var configuration = HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: 0))
  configuration.limits.bodyBytesMaximum = 64 << 20
  configure(&configuration)
  let logs = try LogPipeline(sink: MemorySink(), levels: try LogLevels(parsing: "warning"))
  let server = try HTTPServer(
    configuration, on: group, time: time, metrics: MetricRegistry(), logger: logs.logger("http"),
    handler: handler)
  do {
    let result = try await body(server)
    await server.drain(within: .zero)
    return result
  } catch {
    await server.drain(within: .zero)
    throw error
  }
}

/// Runs `body` with a server of ours that has a loop to itself.
func withServerOfItsOwn<Result: Sendable>(
  _ handler: some HTTPHandler,
  configure: @Sendable @escaping (inout HTTPServer.Configuration) -> Void = { _ in },
  _ body: @escaping @Sendable (HTTPServer) async throws -> Result
) async throws -> Result {
  try await withGroup { group in try await withServer(handler, on: group, configure: configure, body) }
}

/// Answers by a closure.
struct ClosureHandler: HTTPHandler {
  let body: @Sendable (inout Exchange) async throws(HTTPError) -> Void

  init(_ body: @escaping @Sendable (inout Exchange) async throws(HTTPError) -> Void) { self.body = body }

  func respond(to exchange: inout Exchange) async throws(HTTPError) { try await body(&exchange) }
}

/// Frames of HTTP/2, as bytes.
enum Frame {
  static let ack: UInt8 = 1
  static let endStream: UInt8 = 1
  static let endHeaders: UInt8 = 4

  static func make(_ kind: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = [])
    -> [UInt8]
  {
    let count = payload.count
    return [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255), kind, flags]
      + bytes(stream) + payload
  }

  static func bytes(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  static func data(_ stream: UInt32, _ text: String, ends: Bool = false) -> [UInt8] {
    make(0, ends ? endStream : 0, stream, Array(text.utf8))
  }

  /// A section that HPACK's static table knows: `:status: 200` is 0x88, 404 is 0x8d.
  static func head(_ stream: UInt32, _ block: [UInt8] = [0x88], ends: Bool = false) -> [UInt8] {
    make(1, endHeaders | (ends ? endStream : 0), stream, block)
  }

  /// A field that is spelled out.
  static func field(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
  }

  static func reset(_ stream: UInt32, _ code: UInt32) -> [UInt8] { make(3, 0, stream, bytes(code)) }

  static func settings(_ pairs: [(UInt16, UInt32)] = []) -> [UInt8] {
    make(4, 0, 0, pairs.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + bytes($0.1) })
  }

  static func goAway(_ last: UInt32, _ code: UInt32 = 0) -> [UInt8] {
    make(7, 0, 0, bytes(last) + bytes(code))
  }
}

/// The other end of one connection, which says what a test wants. Kept in one task, on its loop.
struct RawPeer: ~Copyable {
  var connection: Connection
  /// Whole frames that came: kind, flags, stream, payload.
  private(set) var frames: [(kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] = []
  private var hasGreeted = false

  init(_ connection: consuming Connection) { self.connection = connection }

  mutating func send(_ bytes: [UInt8]) async throws(NetworkError) {
    connection.output.append(contentsOf: bytes)
    try await connection.flush()
  }

  /// Waits until a frame of `kind` has come that `isWanted`; false when the connection ended first.
  mutating func hear(
    _ kind: UInt8, where isWanted: (UInt8, UInt32, [UInt8]) -> Bool = { _, _, _ in true }
  ) async throws(NetworkError) -> Bool {
    while true {
      parse()
      if frames.contains(where: { $0.kind == kind && isWanted($0.flags, $0.stream, $0.payload) }) {
        return true
      }
      if try await connection.receive() == 0 { return false }
    }
  }

  /// Forgets the frames that came.
  mutating func forget() { frames = [] }

  private mutating func parse() {
    if !hasGreeted {
      guard connection.input.count >= 24 else { return }
      connection.input.consume(24)
      hasGreeted = true
    }
    while connection.input.count >= 9 {
      let head = Array(connection.input.slice(from: 0, count: 9))
      let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard connection.input.count >= 9 + count else { return }
      let payload = Array(connection.input.slice(from: 9, count: count))
      connection.input.consume(9 + count)
      let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) }
      frames.append((head[3], head[4], stream, payload))
    }
  }
}

/// Runs `client` against one connection that `peer` serves, both on one loop.
func withRawPeer<Result: Sendable>(
  time: any TimeSource = SystemTime(),
  _ peer: @escaping @Sendable (inout RawPeer) async throws(NetworkError) -> Void,
  client: @escaping @Sendable (EventLoop, SocketAddress) async throws -> Result
) async throws -> Result {
  try await withGroup(time: time) { group in
    let loop = group.next()
    return try await loop.run { () async throws in
      let socket = try ListeningSocket(.ip(.loopbackV4, port: 0))
      let address = socket.address
      loop.spawn {
        do throws(NetworkError) {
          let listener = try Listener(socket, on: loop)
          var raw = RawPeer(try await listener.accept())
          try await peer(&raw)
        } catch {
          // The client's side of the test says what it missed.
          return
        }
      }
      return try await client(loop, address)
    }
  }
}

/// Runs `body` with a client's connection of HTTP/2 to `address`; on a loop.
func withConnection2<Result>(
  to address: SocketAddress, on loop: EventLoop, limits: HTTP2Limits = HTTP2Limits(),
  options: HTTP2ClientOptions = HTTP2ClientOptions(),
  _ body: (HTTP2ClientConnection) async throws -> Result
) async throws -> Result {
  let connection = try HTTP2ClientConnection(loop: loop, limits: limits, options: options)
  let transport = Transport(try await loop.connect(to: address))
  let box = TransportBox(transport)
  let running = loop.spawn { await connection.run(box.take()) }
  do {
    let result = try await body(connection)
    connection.abort()
    await running.value
    return result
  } catch {
    connection.abort()
    await running.value
    throw error
  }
}

/// Carries a transport into a task, once.
///
/// `@unchecked Sendable`: made and taken on one loop.
final class TransportBox: @unchecked Sendable {
  private var transport: Transport?

  init(_ transport: consuming Transport) { self.transport = consume transport }

  func take() -> Transport {
    guard let taken = transport.take() else { preconditionFailure("a transport is taken once") }
    return taken
  }
}

extension EventLoop {
  /// Far enough away for whatever a test does.
  var later: MonotonicInstant { deadline(in: .seconds(30)) }
}

/// What `body` throws.
func thrown(_ body: () async throws(HTTPClientError) -> Void) async -> HTTPClientError? {
  do throws(HTTPClientError) {
    try await body()
    return nil
  } catch {
    return error
  }
}

/// Expects an error of a kind.
func expectCase(
  _ isExpected: (HTTPClientError?) -> Bool, _ error: HTTPClientError?,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(isExpected(error), "\(String(describing: error))", sourceLocation: sourceLocation)
}
