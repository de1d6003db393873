// A client of HTTP/2 that asks what a test wants, by a session of ours; what foreign clients make of the server is
// tested beside it.

import Bytes
import HTTP
import HTTP2
import HTTPServer
import Runtime
import Testing

/// What was answered.
struct Answer2: Sendable {
  var status: Int?
  var fields = HTTPFields()
  var body = ByteBuffer()
  var trailers = HTTPFields()
  var informational: [Int] = []
  /// How the stream ended, when not well.
  var reset: HTTP2ErrorCode?

  var text: String { body.withReadableBytes { String(decoding: $0, as: UTF8.self) } }
}

/// One connection to the server. On its loop only.
final class HTTP2Client: @unchecked Sendable {
  let session: HTTP2Session
  private var transport: Connection
  /// The last GOAWAY.
  var goAway: (lastStream: Int32, code: HTTP2ErrorCode)?
  var hasEnded = false
  /// What came after the session had lost interest.
  private var unheard: [UInt8] = []

  init(_ connection: consuming Connection, limits: HTTP2Limits = HTTP2Limits()) throws {
    transport = connection
    session = try HTTP2Session(.client, limits: limits)
  }

  var loop: EventLoop { transport.loop }

  /// Puts a request on its way.
  func ask(
    _ method: String, _ path: String, _ more: [(StaticString, String)] = [], hasBody: Bool = false
  ) throws -> HTTP2Stream {
    var fields = HTTP2FieldBlock()
    fields.append(":method", method)
    fields.append(":scheme", "http")
    fields.append(":authority", "test")
    fields.append(":path", path)
    for (name, value) in more { fields.append(name, value) }
    return try session.request(fields, hasBody: hasBody)
  }

  /// Sends what there is to be sent.
  func flush() async throws {
    while session.wantsToSend {
      try session.send(into: &transport.output, maximum: 64 << 10)
      if transport.output.isEmpty { break }
      try await transport.flush()
    }
  }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) async throws {
    transport.output.append(contentsOf: bytes)
    try await transport.flush()
  }

  /// Takes in what comes next; false at the end.
  func receive(until deadline: MonotonicInstant? = nil) async throws -> Bool {
    do throws(NetworkError) {
      if try await transport.receive(until: deadline) == 0 { hasEnded = true }
    } catch {
      guard error == .closed else { throw error }
      hasEnded = true
    }
    transport.input.withReadableBytes { bytes in
      // A client's session that was told to leave, and has no streams, looks at nothing more.
      if session.wantsToReceive { session.receive(bytes, now: 0) } else { unheard += bytes }
    }
    transport.input.clear()
    for case .goingAway(let last, let code) in session.takeEvents() { goAway = (last, code) }
    hearGoAways()
    return !hasEnded
  }

  /// Looks for GOAWAY among the frames that the session did not look at.
  private func hearGoAways() {
    func number(at index: Int) -> UInt32 { unheard[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    while unheard.count >= 9, case let end = 9 + Int(number(at: 0) >> 8), unheard.count >= end {
      if unheard[3] == 7, end >= 17 {
        goAway = (Int32(bitPattern: number(at: 9)), HTTP2ErrorCode(rawValue: number(at: 13)))
      }
      unheard.removeFirst(end)
    }
  }

  /// Sends and receives until `isDone`.
  func run(until isDone: () throws -> Bool) async throws {
    try await flush()
    while try !isDone() {
      guard try await receive() else { return }
      try await flush()
    }
  }

  /// What was answered on `stream`, once it is over.
  func answer(to stream: HTTP2Stream) async throws -> Answer2 {
    var answer = Answer2()
    try await run {
      answer.body.append(session.take(from: stream))
      return stream.isClosed || stream.hasEnded
    }
    answer.body.append(session.take(from: stream))
    answer.status = stream.response?.status.code
    answer.fields = stream.response?.fields ?? HTTPFields()
    answer.trailers = stream.trailers
    answer.informational = stream.informational.map(\.status.code)
    if stream.wasReset && !stream.hasEnded { answer.reset = stream.closeCode }
    return answer
  }

  /// Asks and waits for the answer.
  func get(_ path: String, method: String = "GET", _ more: [(StaticString, String)] = []) async throws
    -> Answer2
  {
    try await answer(to: try ask(method, path, more))
  }

  /// Asks with a body and waits for the answer.
  func post(
    _ path: String, _ body: ByteBuffer, _ more: [(StaticString, String)] = [],
    trailers: HTTP2FieldBlock? = nil
  ) async throws -> Answer2 {
    let stream = try ask("POST", path, more, hasBody: true)
    try session.write(body, on: stream)
    try session.finish(stream, trailers: trailers)
    return try await answer(to: stream)
  }
}

extension ServerFixture {
  /// Runs `body` with a client that speaks HTTP/2, on a loop.
  func connect2<Result: Sendable>(
    limits: HTTP2Limits = HTTP2Limits(), _ body: @escaping @Sendable (HTTP2Client) async throws -> Result
  ) async throws -> Result {
    let address = server.address
    let loop = group.next()
    return try await loop.run { () async throws in
      try await body(try HTTP2Client(try await loop.connect(to: address), limits: limits))
    }
  }
}
