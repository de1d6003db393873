// The outbox behind its lock, with those who wait for it: the writer for something to send, senders for room.
// Any thread may send; only the connection's own writer takes.

import Bytes
import Runtime

/// A connection's outbox.
final class Outbox: Sendable {
  /// What the writer is to do.
  enum Order {
    case write
    case finish
    case abort
  }

  private struct Shared {
    var state: OutboxState
    var writer: Waiter<Void>?
    var senders: ContiguousArray<Waiter<Void>> = []
  }

  private let shared: Locked<Shared>

  init(_ state: OutboxState) { shared = Locked(Shared(state: state)) }

  /// Reads something of the state.
  func read<Result>(_ body: (borrowing OutboxState) -> Result) -> Result {
    shared.withLock { body($0.state) }
  }

  /// Changes the state, and wakes whoever has waited for the change.
  func change<Result>(_ body: (inout OutboxState) -> Result) -> Result {
    let (result, writer, senders) = shared.withLock { shared in
      let result = body(&shared.state)
      let writer = shared.state.needsWriter ? shared.writer.take() : nil
      let letsSendersGo = !shared.senders.isEmpty && !(shared.state.isFull && shared.state.isOpen)
      var senders: ContiguousArray<Waiter<Void>> = []
      if letsSendersGo { swap(&senders, &shared.senders) }
      return (result, writer, senders)
    }
    writer?.resume()
    for sender in senders { sender.resume() }
    return result
  }

  /// Returns when there may be room, or when there is no use in waiting.
  func waitForRoom() async {
    await suspend { (waiter: Waiter<Void>) in
      let waits = shared.withLock { shared in
        guard shared.state.isFull && shared.state.isOpen else { return false }
        shared.senders.append(waiter)
        return true
      }
      if !waits { waiter.resume() }
    }
  }

  /// Waits for something to do, and takes what there is to write.
  func nextOrder(_ batch: inout OutboxState.Batch) async -> Order {
    while true {
      if let order = order(&batch) { return order }
      await suspend { (waiter: Waiter<Void>) in
        let waits = shared.withLock { shared in
          if shared.state.needsWriter { return false }
          precondition(shared.writer == nil, "an outbox has one writer")
          shared.writer = waiter
          return true
        }
        if !waits { waiter.resume() }
      }
    }
  }

  private func order(_ batch: inout OutboxState.Batch) -> Order? {
    shared.withLock { shared in
      if shared.state.isAborted { return .abort }
      if shared.state.hasWork {
        shared.state.take(&batch)
        return .write
      }
      return shared.state.isFinishing ? .finish : nil
    }
  }
}
