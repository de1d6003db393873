// The thread that does what nobody waits for: making room ahead, retention, compaction, deleting. One job at
// a time, so that upkeep never takes more than one core from the work. Short jobs go before long ones, and a
// long one lets them through now and then.

import Runtime

/// Runs jobs in the background, and one of them again and again.
final class LogKeeper: Sendable {
  /// A job that may take minutes.
  private struct LongJob {
    let run: @Sendable () -> Void
    let drop: @Sendable () -> Void
  }

  private struct State: ~Copyable {
    var jobs: ContiguousArray<@Sendable () -> Void> = []
    var longJobs: ContiguousArray<LongJob> = []
    var tick: (@Sendable () -> Void)?
    var isStopping = false
  }

  private let state = Locked(State())
  private let semaphore = ThreadSemaphore()
  /// Signalled only when the keeper stops.
  private let resting = ThreadSemaphore()
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

  /// Has a job done that may take long and calls `serveOthers` on the way; `drop` is called instead when the
  /// keeper has stopped or stops before.
  func submitLong(_ job: @escaping @Sendable () -> Void, orElse drop: @escaping @Sendable () -> Void) {
    let isTaken = state.withLock { state in
      if !state.isStopping { state.longJobs.append(LongJob(run: job, drop: drop)) }
      return !state.isStopping
    }
    if isTaken { semaphore.signal() } else { drop() }
  }

  /// Does the short jobs that wait. To be called by a long job, on the keeper's thread.
  func serveOthers() {
    while let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) { job() }
  }

  /// Leaves the disk alone for a while; not when the keeper stops meanwhile. To be called by a job.
  func pause(for duration: Duration) {
    if !isStopping { _ = resting.wait(for: duration) }
  }

  /// Ends the thread after the job it is at; the others are not done.
  func stop() {
    let dropped = state.withLock { state in
      state.isStopping = true
      state.jobs.removeAll()
      state.tick = nil
      defer { state.longJobs.removeAll() }
      return state.longJobs
    }
    for job in dropped { job.drop() }
    semaphore.signal()
    resting.signal()
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
      let (job, mustStop) = state.withLock { state in (Self.next(in: &state), state.isStopping) }
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

  private static func next(in state: inout State) -> (@Sendable () -> Void)? {
    if !state.jobs.isEmpty { return state.jobs.removeFirst() }
    return state.longJobs.isEmpty ? nil : state.longJobs.removeFirst().run
  }
}
