// The sending side of a connection, to be shared: any task on any thread may send, ping and close. Receiving
// is `WebSocketConnection`'s.

public import Bytes
import Runtime

/// A handle to send with.
public final class WebSocket: Sendable {
  /// What both ends agreed on.
  public let agreement: WebSocketAgreement

  let configuration: WebSocketConfiguration
  let outbox: Outbox
  private let loop: EventLoop
  /// Gives a close handshake up that takes too long.
  private let watchdog = Locked<Task<Void, Never>?>(nil)

  init(_ agreement: WebSocketAgreement, _ configuration: WebSocketConfiguration, on loop: EventLoop) {
    self.agreement = agreement
    self.configuration = configuration
    self.loop = loop
    outbox = Outbox(OutboxState(agreement, configuration.sendQueue, random: configuration.random))
  }

  // MARK: Sending

  /// Puts a message into the send queue, waiting while that is full: backpressure for a sender who has
  /// nothing better to do. A wait ends at the latest when the connection does.
  ///
  /// Throws `.closed` when nothing can be sent any more.
  public func send(_ message: WebSocketMessage) async throws(WebSocketError) {
    while true {
      switch outbox.change({ $0.add(message) }) {
      case .accepted: return
      case .closed: throw .closed
      case .full: await outbox.waitForRoom()
      }
    }
  }

  /// Sends a text.
  public func send(text: String) async throws(WebSocketError) { try await send(.text(text)) }

  /// Sends bytes.
  public func send(binary: ByteBuffer) async throws(WebSocketError) { try await send(.binary(binary)) }

  /// Puts a message into the send queue without waiting. When that is full, the configuration's
  /// `slowConsumer` decides.
  ///
  /// - Returns: whether the message will be sent.
  @discardableResult
  public func offer(_ message: WebSocketMessage) -> Bool {
    admit(outbox.change { $0.add(message) }, bytes: message.payload.count)
  }

  /// Puts a prepared message into the send queue without waiting: see `offer(_:)` for messages.
  @discardableResult
  public func offer(_ message: PreparedMessage) -> Bool {
    admit(outbox.change { $0.add(message) }, bytes: message.message.payload.count)
  }

  private func admit(_ admission: OutboxState.Admission, bytes: Int) -> Bool {
    guard admission == .full else { return admission == .accepted }
    let consumer = outbox.read { state in
      SlowConsumer(
        queuedMessages: state.messages, queuedBytes: state.bytes, offeredBytes: bytes, dropped: state.dropped)
    }
    switch configuration.slowConsumer(consumer) {
    case .drop: outbox.change { $0.noteDropped() }
    case .close(let frame): close(frame, forgetting: true)
    }
    return false
  }

  /// Pings the peer; its pong counts as a sign of life like everything it sends.
  ///
  /// - Parameter payload: at most 125 bytes.
  /// - Returns: whether the ping will be sent.
  @discardableResult
  public func ping(_ payload: ByteBuffer = ByteBuffer()) -> Bool {
    precondition(payload.count <= FrameHeader.controlBytesMaximum, "a ping has at most 125 bytes")
    return outbox.change { $0.ping(payload) }
  }

  /// Messages that wait to be sent, and their bytes.
  public var queued: (messages: Int, bytes: Int) { outbox.read { ($0.messages, $0.bytes) } }

  /// Whether messages can still be sent.
  public var isOpen: Bool { outbox.read { $0.isOpen } }

  // MARK: Closing

  /// Ends the connection: what waits is sent, then a close frame; the peer has `timeouts.close` to answer.
  /// Closing again does nothing.
  public func close(_ code: CloseCode = .normal, _ reason: String = "") {
    close(CloseFrame(code, reason), forgetting: false)
  }

  func close(_ frame: CloseFrame, forgetting: Bool) {
    guard outbox.change({ $0.close(frame, forgetting: forgetting) }) else { return }
    watch()
  }

  /// Breaks the connection off if its close handshake outlasts its time.
  private func watch() {
    let patience = configuration.timeouts.close
    // A loop that has ended has no connections: there is nothing left to close.
    loop.post { loop in
      let task = loop.spawn {
        do { try await loop.sleep(for: patience) } catch { return }
        self.outbox.change { $0.abort() }
      }
      self.watchdog.withLock { $0 = task }
      if self.outbox.read({ $0.isFinishing || $0.isAborted }) { task.cancel() }
    }
  }

  /// The connection's end: nothing more is taken to be sent, and nobody waits for the close handshake.
  func end() {
    outbox.change { $0.finish() }
    watchdog.withLock { $0.take() }?.cancel()
  }
}
