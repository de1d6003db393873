// The thread that does what nobody waits for: making room ahead, retention, compaction, deleting. One job at
// a time, so that upkeep never takes more than one core from the work.

import Runtime

/// Runs jobs in the background, and one of them again and again.
final class LogKeeper: Sendable {
  private struct State: ~Copyable {
    var jobs: ContiguousArray<@Sendable () -> Void> = []
    var tick: (@Sendable () -> Void)?
    var isStopping = false
  }

  private let state = Locked(State())
  private let semaphore = ThreadSemaphore()
  private let thread = Locked<SystemThread?>(nil)

  /// - Parameter interval: how often the tick runs.
  init(name: String, interval: Duration, time: any TimeSource) throws(ThreadError) {
    let started = try SystemThread.start(name: name) { [self] in run(interval, time) }
    thread.withLock { $0 = started }
  }

  /// What is done at every interval.
  func onTick(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.tick = body } }

  /// Has a job done soon. Who submits sees to it that there is never more than one of a kind.
  func submit(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    semaphore.signal()
  }

  /// Ends the thread after the job it is at; the others are not done.
  func stop() {
    state.withLock { state in
      state.isStopping = true
      state.jobs.removeAll()
      state.tick = nil
    }
    semaphore.signal()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  /// Whether a long job should come to an end.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  private func run(_ interval: Duration, _ time: any TimeSource) {
    var due = time.monotonic.advanced(by: interval)
    while true {
      let (job, mustStop) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopping)
      }
      if mustStop { return }
      if let job {
        job()
        continue
      }
      if time.isManual {
        semaphore.wait()
        continue
      }
      let now = time.monotonic
      if now >= due {
        state.withLock { $0.tick }?()
        due = time.monotonic.advanced(by: interval)
      } else {
        semaphore.wait(for: due.since(now))
      }
    }
  }
}
