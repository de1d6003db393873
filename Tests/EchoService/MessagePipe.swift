// One direction of a loopback call: a short queue, at whose end there may be a status.

import Bytes
import GRPC
import Runtime

/// Messages on their way, from one task to another.
final class MessagePipe: Sendable {
  /// What is sent beyond what may wait suspends its sender.
  static let messagesMaximum = 4

  private struct State {
    var messages: [ByteBuffer] = []
    var hasEnded = false
    var status: GRPCStatus?
    var receiver: Waiter<Void>?
    var sender: Waiter<Void>?

    /// Both who wait, for whom there is something new.
    mutating func takeWaiters() -> [Waiter<Void>] {
      defer { (receiver, sender) = (nil, nil) }
      return [receiver, sender].compactMap { $0 }
    }
  }

  private let state = Locked(State())

  /// Adds a message that has its prefix.
  func send(_ frame: ByteBuffer) async throws(GRPCStatus) {
    var decoder = GRPCFrameDecoder(bytesMaximum: GRPCLimits().sentMessageBytesMaximum)
    decoder.receive(frame)
    guard let message = try decoder.next() else { throw GRPCStatus(.internal, "half a message was sent") }
    try decoder.finish()
    while true {
      let (isDone, waiters) = try state.withLock { (state) throws(GRPCStatus) -> (Bool, [Waiter<Void>]) in
        if state.hasEnded { throw state.status ?? GRPCStatus(.internal, "a message after the last") }
        if state.messages.count == Self.messagesMaximum { return (false, []) }
        state.messages.append(message.bytes)
        return (true, state.takeWaiters())
      }
      for waiter in waiters { waiter.resume() }
      if isDone { return }
      await wait { state in
        if state.hasEnded || state.messages.count < Self.messagesMaximum { return nil }
        return \.sender
      }
    }
  }

  /// The next message; nil after the last.
  func receive() async throws(GRPCStatus) -> ByteBuffer? {
    while true {
      let (message, hasEnded, waiters) = try state.withLock {
        (state) throws(GRPCStatus) -> (ByteBuffer?, Bool, [Waiter<Void>]) in
        if !state.messages.isEmpty { return (state.messages.removeFirst(), false, state.takeWaiters()) }
        if state.hasEnded, let status = state.status { throw status }
        return (nil, state.hasEnded, [])
      }
      for waiter in waiters { waiter.resume() }
      if message != nil || hasEnded { return message }
      await wait { state in
        if state.hasEnded || !state.messages.isEmpty { return nil }
        return \.receiver
      }
    }
  }

  /// Says that no message follows; the first end counts.
  func end(with status: GRPCStatus?) {
    let waiters = state.withLock { state in
      if !state.hasEnded { (state.hasEnded, state.status) = (true, status) }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Suspends until something has changed, unless it already has.
  private func wait(_ place: (State) -> WritableKeyPath<State, Waiter<Void>?>?) async {
    await suspend { waiter in
      let waits = state.withLock { state in
        guard let place = place(state) else { return false }
        precondition(state[keyPath: place] == nil, "one task at a time sends, and one receives")
        state[keyPath: place] = waiter
        return true
      }
      if !waits { waiter.resume() }
    }
  }
}
