// The receiving side of a connection, owned by the task that handles it. `next` is also what answers pings,
// sends keepalives and takes part in the close handshake: a handler that does not call it leaves the peer
// waiting, which is the backpressure.

import Bytes
import Runtime
import TLS

/// A WebSocket connection as its handler sees it.
public struct WebSocketConnection: ~Copyable {
  /// What a handler does with a connection. When it returns, the connection is closed, if it still is open.
  public typealias Handler =
    @Sendable (inout WebSocketConnection) async throws(WebSocketError) -> Void

  /// To send with, and to share with other tasks.
  public let socket: WebSocket

  private var half: TransportReader
  private var decoder: MessageDecoder
  /// Whether the peer was asked for a sign of life and has not given one.
  private var awaitsPong = false
  /// Whether a close was begun because the server drains.
  private var hasDrained = false
  /// Set when nothing more will come.
  private(set) var end: End?

  /// How receiving ended.
  enum End {
    /// With the peer's close frame.
    case closed
    /// With an error, or with the connection.
    case failed(WebSocketError)
  }

  init(_ half: consuming TransportReader, _ socket: WebSocket) {
    self.half = half
    self.socket = socket
    decoder = MessageDecoder(
      from: socket.agreement.role.peer, limits: socket.configuration.limits,
      compression: socket.agreement.compression)
  }

  /// What both ends agreed on.
  public var agreement: WebSocketAgreement { socket.agreement }

  /// Sends a message, waiting while the send queue is full.
  public func send(_ message: WebSocketMessage) async throws(WebSocketError) {
    try await socket.send(message)
  }

  /// The next message; nil once either end has closed.
  ///
  /// When the server drains, the connection is closed with `.goingAway`. A message that comes after we have
  /// sent our close frame is dropped: nothing could be answered.
  ///
  /// Throws what the peer has done wrong, `.unresponsive`, or `.network` when the connection broke.
  public mutating func next() async throws(WebSocketError) -> WebSocketMessage? {
    if end != nil { return nil }
    do throws(WebSocketError) {
      while end == nil {
        if let message = try decode() {
          if socket.isOpen { return message }
        } else if end == nil {
          try await receive()
        }
      }
      return nil
    } catch {
      end = .failed(error)
      fail(error)
      throw error
    }
  }

  /// Goes through what has arrived up to the next message.
  private mutating func decode() throws(WebSocketError) -> WebSocketMessage? {
    while let event = try decoder.next(from: &half.input) {
      switch event {
      case .message(let message): return message
      case .ping(let payload): socket.outbox.change { $0.pong(payload) }
      case .pong: break
      case .close(let frame):
        socket.outbox.change { $0.received(frame) }
        end = .closed
        return nil
      }
    }
    return nil
  }

  /// Waits for more bytes.
  private mutating func receive() async throws(WebSocketError) {
    let timeouts = socket.configuration.timeouts
    let patience = awaitsPong ? timeouts.pong : timeouts.pingAfter
    do throws(NetworkError) {
      let deadline = patience.map { half.loop.deadline(in: $0) }
      if try await half.receive(until: deadline, yieldsToDraining: !hasDrained) == 0 {
        // Without a close frame. If it was us who gave up, then because the peer did not answer ours.
        throw socket.outbox.read({ $0.isAborted }) ? .timedOut : .closed
      }
      awaitsPong = false
    } catch .timedOut {
      let hasGivenUp = socket.outbox.read { $0.isAborted }
      if awaitsPong || hasGivenUp { throw .unresponsive }
      awaitsPong = true
      socket.ping()
    } catch .draining {
      hasDrained = true
      socket.close(.goingAway)
    } catch {
      throw .network(error)
    }
  }

  /// Tells the peer what it did wrong, if that is what ended the connection.
  private func fail(_ error: WebSocketError) {
    if let code = error.closeCode {
      var reason = ""
      if case .violation(let violation) = error { reason = violation.rawValue }
      // What was right before is still answered.
      socket.close(CloseFrame(code, reason), forgetting: false)
    } else {
      socket.outbox.change { $0.abort() }
      half.abort()
    }
  }

  // MARK: The end

  /// Goes through the close handshake, as far as it has not been, and waits for the end of the connection.
  mutating func conclude() async -> WebSocketClosure {
    if end == nil {
      socket.close()
      // What the handler did not want to hear is dropped; the watchdog bounds the wait.
      do throws(WebSocketError) { while try await next() != nil {} } catch { end = .failed(error) }
    }
    await linger()
    return closure
  }

  /// Reads the rest until the peer has closed its end: closing over unread bytes would reset the connection,
  /// and the reset can overtake our close frame. The server closes first (RFC 6455 section 7.1.1).
  private mutating func linger() async {
    let isAborted = socket.outbox.read { $0.isAborted }
    if isAborted { return }
    if socket.agreement.role == .server { socket.outbox.change { $0.finish() } }
    let deadline = half.loop.deadline(in: socket.configuration.timeouts.linger)
    do throws(NetworkError) {
      repeat { half.input.clear() } while try await half.receive(until: deadline) > 0
    } catch {
      // Late, broken or cancelled: the connection is over, and the writer need not try any longer.
      socket.outbox.change { $0.abort() }
      half.abort()
    }
  }

  private var closure: WebSocketClosure {
    socket.outbox.read { state in
      var error: WebSocketError?
      if case .failed(let cause) = end { error = cause }
      let received = state.receivedClose
      return WebSocketClosure(
        code: received.map { $0.code ?? .noStatus } ?? .abnormal, reason: received?.reason ?? "",
        isClean: received != nil && state.sentClose != nil && error == nil, error: error)
    }
  }
}
