// How service tasks and other threads tell the node's thread what happened: a short queue and a descriptor
// that wakes the thread's poll.

import CLinux
import Glibc
import Runtime

/// Events on their way to the node's thread. Bounded by what can happen: a few events a service.
final class NodeInbox: Sendable {
  let descriptor: Int32
  private let events = Locked<[LifecycleStateMachine.Event]>([])

  init() throws(LifecycleError) {
    descriptor = clinux_wakeup_descriptor()
    guard descriptor >= 0 else { throw .cannotWaitForSignals(errno: errno) }
  }

  deinit { close(descriptor) }

  /// From any thread: leaves an event and wakes the node.
  func post(_ event: LifecycleStateMachine.Event) {
    events.withLock { events in
      // Asking again for what is already asked for adds nothing; without this, only these could pile up.
      let isRepeat = event == .reloadRequested || event == .stopRequested(signal: nil)
      if !(isRepeat && events.contains(event)) { events.append(event) }
    }
    var one: UInt64 = 1
    // It fails only when the counter is full, that is, when a wake-up is already pending.
    _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  /// From the node's thread: everything left since the last time.
  func take() -> [LifecycleStateMachine.Event] {
    var count: UInt64 = 0
    // It fails when there was no wake-up; the queue is looked at all the same.
    _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
    return events.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
