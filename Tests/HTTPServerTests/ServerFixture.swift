// A server on loops of its own, and a client that sends exactly the bytes a test wants.

import Bytes
import Glibc
import HTTP
import HTTP1
import HTTPServer
import Runtime
import Telemetry
import Testing

/// A server under test.
struct ServerFixture: Sendable {
  let server: HTTPServer
  let group: EventLoopGroup
  let metrics: MetricRegistry
  let sink: MemorySink
  let logs: LogPipeline

  /// Runs `body` with a server that answers by `handler`, and ends both after it.
  static func with<Result: Sendable>(
    _ handler: some HTTPHandler = TestHandler(), time: any TimeSource = SystemTime(),
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (ServerFixture) async throws -> Result
  ) async throws -> Result {
    var loops = EventLoopGroup.Configuration(loops: 1)
    loops.poolThreads = 2
    loops.name = "http-test"
    loops.time = time
    let group = try EventLoopGroup(loops)
    let sink = MemorySink()
    let logs = try LogPipeline(sink: sink, levels: try LogLevels(parsing: "debug"))
    let metrics = MetricRegistry()
    var configuration = HTTPServer.Configuration(name: "test", address: .ip(.loopbackV4, port: 0))
    configure(&configuration)
    do {
      let server = try HTTPServer(
        configuration, on: group, time: time, metrics: metrics, logger: logs.logger("http"), handler: handler)
      let fixture = ServerFixture(server: server, group: group, metrics: metrics, sink: sink, logs: logs)
      let result = try await body(fixture)
      await server.drain(within: Duration.zero)
      await group.shutdown()
      return result
    } catch {
      await group.shutdown()
      throw error
    }
  }

  /// Runs `body` with a client that has just connected, on a loop.
  func connect<Result: Sendable>(
    _ body: @escaping @Sendable (inout TestClient) async throws -> Result
  ) async throws -> Result {
    let address = server.address
    let loop = group.next()
    return try await loop.run { () async throws in
      var client = TestClient(try await loop.connect(to: address))
      return try await body(&client)
    }
  }

  /// Sends `text` on a connection of its own and returns everything that came back until the server closed.
  func send(_ text: String) async throws -> String {
    try await connect { client in
      try await client.send(text)
      return try await client.receiveToEnd()
    }
  }

  /// The metrics, as they are scraped.
  var scrape: String {
    var buffer = ByteBuffer()
    metrics.render(into: &buffer)
    return String(validating: buffer) ?? ""
  }
}

/// One connection to the server.
struct TestClient: ~Copyable {
  var connection: Connection

  init(_ connection: consuming Connection) {
    self.connection = connection
    self.connection.reader.inputBytesMaximum = .max
  }

  mutating func send(_ text: String) async throws {
    connection.output.append(text)
    try await connection.flush()
  }

  /// Receives until `text` has come; returns everything up to its end.
  mutating func receive(through text: String) async throws -> String {
    while true {
      let all = connection.input.withReadableBytes { String(decoding: $0, as: UTF8.self) }
      if let range = all.range(of: text) {
        let taken = String(all[..<range.upperBound])
        connection.input.consume(taken.utf8.count)
        return taken
      }
      try #require(try await connection.receive() > 0, "closed before \(text) came, after \(all)")
    }
  }

  /// Receives until the server closes.
  mutating func receiveToEnd() async throws -> String {
    do throws(NetworkError) {
      while try await connection.receive() > 0 {}
    } catch {
      // A reset is an end too; what had come is what counts.
      guard error == .closed else { throw error }
    }
    defer { connection.input.clear() }
    return connection.input.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension String {
  /// Where `other` first stands.
  func range(of other: String) -> Range<Index>? {
    let (mine, theirs) = (Array(utf8), Array(other.utf8))
    guard mine.count >= theirs.count else { return nil }
    for start in 0...(mine.count - theirs.count)
    where mine[start..<start + theirs.count].elementsEqual(theirs) {
      return utf8.index(startIndex, offsetBy: start)..<utf8.index(startIndex, offsetBy: start + theirs.count)
    }
    return nil
  }

  /// The answers without what differs from run to run: Date and X-Request-Id.
  var stable: String {
    split(separator: "\r\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("Date: ") && !$0.hasPrefix("X-Request-Id: ") }
      .joined(separator: "\r\n")
  }

  /// The status of each answer in it.
  var statuses: [Int] {
    split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
  }
}

/// An open file without a name, holding `bytes`, of `length`.
final class UnnamedFile: Sendable {
  let descriptor: Int32

  init(_ bytes: [UInt8], length: Int? = nil) throws {
    var name = Array("/tmp/varve-http-XXXXXX\0".utf8CString)
    descriptor = mkstemp(&name)
    try #require(descriptor >= 0)
    unlink(name)
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    try #require(written == bytes.count)
    if let length { try #require(ftruncate(descriptor, length) == 0) }
  }

  deinit { close(descriptor) }
}
