// A thread that writes partitions. Producers tell it which ones have something; it serves them one after the
// other, and sleeps until it is told again or until the first flush is due.

import Runtime

/// Writes the partitions that are assigned to it.
final class WriterThread: Sendable {
  private struct State: ~Copyable {
    var told: ContiguousArray<Partition> = []
    var isAsleep = false
    var isStopping = false
  }

  private let state = Locked(State())
  private let semaphore = ThreadSemaphore()
  private let thread = Locked<SystemThread?>(nil)
  private let time: any TimeSource

  init(name: String, time: any TimeSource) throws(ThreadError) {
    self.time = time
    let started = try SystemThread.start(name: name) { [self] in run() }
    thread.withLock { $0 = started }
    // Who owns the clock decides when a flush is due.
    if time.isManual { time.onMove { [weak self] in self?.wake() } }
  }

  /// Has the partition served soon.
  func tell(_ partition: Partition) {
    let mustWake = state.withLock { state in
      state.told.append(partition)
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if mustWake { semaphore.signal() }
  }

  private func wake() {
    let mustWake = state.withLock { state in
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if mustWake { semaphore.signal() }
  }

  /// Ends the thread; nothing is told to it any more.
  func stop() {
    state.withLock { $0.isStopping = true }
    semaphore.signal()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  private func run() {
    var told: ContiguousArray<Partition> = []
    // Partitions that asked to be served at a moment, by identity.
    var timed: [ObjectIdentifier: (partition: Partition, due: MonotonicInstant)] = [:]
    while true {
      let mustStop = state.withLock { state in
        swap(&state.told, &told)
        return state.isStopping && told.isEmpty
      }
      if mustStop { return }
      if !timed.isEmpty {
        let now = time.monotonic
        for (_, entry) in timed where entry.due <= now { told.append(entry.partition) }
      }
      for partition in told {
        timed[ObjectIdentifier(partition)] = partition.serve().map { (partition, $0) }
      }
      if told.isEmpty { sleep(until: timed.values.map(\.due).min()) }
      told.removeAll(keepingCapacity: true)
    }
  }

  private func sleep(until due: MonotonicInstant?) {
    let mustSleep = state.withLock { state in
      state.isAsleep = state.told.isEmpty && !state.isStopping
      return state.isAsleep
    }
    if !mustSleep { return }
    if let due, !time.isManual {
      if !semaphore.wait(for: due.since(time.monotonic)) { state.withLock { $0.isAsleep = false } }
    } else {
      semaphore.wait()
    }
  }
}
