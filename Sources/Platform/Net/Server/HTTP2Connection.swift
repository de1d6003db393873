// A connection of HTTP/2: one task reads, one writes, and each stream has one of its own, all on the connection's
// loop. The session between them knows the protocol. Reading is HTTP2Connection+Reading.swift.

import Bytes
import HTTP
import HTTP2
import Runtime
import TLS
import Telemetry

/// One connection, and what its tasks share.
///
/// `@unchecked Sendable`: used on the connection's loop only.
final class HTTP2Connection: @unchecked Sendable {
  /// About how much is written at once.
  static let batchBytes = 64 << 10

  /// How far the connection is on its way to its end.
  enum Stage {
    case serving
    /// The client was told that no new streams are wanted.
    case announced
    /// The client was told which stream is the last.
    case leaving
    /// Nothing more will be sent than what waits.
    case ending
    /// It is gone.
    case lost
  }

  let session: HTTP2Session
  let context: HTTPServerContext
  let loop: EventLoop
  let peer: SocketAddress?
  var stage = Stage.serving
  /// Streams with a task.
  var tasks = 0
  /// Where heads are put together.
  var fields = HTTP2FieldBlock()
  var scratch = ByteBuffer()
  private var writer: Waiter<Void>?

  private init(
    _ session: HTTP2Session, _ context: HTTPServerContext, _ loop: EventLoop, _ peer: SocketAddress?
  ) {
    self.session = session
    self.context = context
    self.loop = loop
    self.peer = peer
  }

  /// Serves a connection until it ends.
  static func serve(_ transport: consuming Transport, _ context: HTTPServerContext) async {
    let session: HTTP2Session
    do throws(HTTP2Violation) {
      session = try HTTP2Session(.server, limits: context.configuration.http2 ?? HTTP2Limits())
    } catch {
      context.logger.error("no session for a connection", ["cause": .error(error)])
      return
    }
    let connection = HTTP2Connection(session, context, transport.loop, transport.peerAddress)
    _ = await transport.split(
      reading: { reader in await connection.read(reader) },
      writing: { writer in await connection.write(writer) })
  }

  /// Whether the server, or this connection, is coming to its end.
  var isDraining: Bool {
    if case .serving = stage { return false }
    return true
  }

  /// Has `body` use the session; what it throws ends the connection.
  func carry(_ body: (HTTP2Session) throws(HTTP2Violation) -> Void) throws(HTTPError) {
    do throws(HTTP2Violation) {
      try body(session)
    } catch {
      session.end(error)
      wakeWriter()
      throw .connectionLost(.closed)
    }
  }

  // MARK: Writing

  /// Has the writer look for something to send, once those that are ready to run have run.
  func wakeWriter() {
    guard let waiter = writer else { return }
    writer = nil
    waiter.resume(returning: ())
  }

  /// Sends what the session has to say until nothing will follow.
  private func write(_ half: consuming TransportWriter) async {
    do throws(NetworkError) {
      while true {
        if case .lost = stage { break }
        if session.wantsToSend { try fill(&half.output) }
        if half.outputCount > 0 {
          try await half.flush(until: deadline(for: half.outputCount))
          continue
        }
        if isDone {
          try await half.finish(until: deadline(for: 0))
          return
        }
        await suspend { writer = $0 }
      }
    } catch {
      ended(error)
      lose()
    }
    half.abort()
  }

  /// Whether everything was said that will be.
  private var isDone: Bool {
    switch stage {
    case .ending: true
    case .leaving: tasks == 0 && session.streams.isEmpty
    case .serving, .announced, .lost: false
    }
  }

  private func fill(_ output: inout ByteBuffer) throws(NetworkError) {
    do throws(HTTP2Violation) {
      try session.send(into: &output, maximum: Self.batchBytes)
    } catch {
      context.logger.error("HTTP/2 failed", ["cause": .error(error)])
      throw .closed
    }
  }

  private func deadline(for count: Int) -> MonotonicInstant {
    loop.now.advanced(
      nanoseconds: context.configuration.timeouts.allowance(context.answerNanoseconds, for: count))
  }

  // MARK: The end

  /// The connection is gone: whoever waits for it stops waiting.
  func lose() {
    stage = .lost
    session.abandon()
    wakeWriter()
  }

  /// How connections end is the client's business; only what the kernel refuses is ours.
  func ended(_ error: NetworkError) {
    if case .system(let cause) = error {
      context.logger.warning("connection failed", ["cause": .error(cause)])
    } else {
      context.logger.debug("connection ended", ["cause": .error(error)])
    }
  }
}
