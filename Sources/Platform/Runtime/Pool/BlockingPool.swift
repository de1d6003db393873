// Threads for what may block: page-cache misses, fsync, name resolution, SQLite. The number of threads and
// the length of the queue are fixed; the result resumes the caller on the executor it came from, so an
// event loop hands work out and goes on. The queue itself is PoolQueue.swift.

/// A fixed set of threads that run blocking work for tasks.
///
/// Each piece of work ends in exactly one way: it ran, or it was refused, or its caller was cancelled before
/// a thread took it up. Work that a thread has taken up always runs to its end, since nothing can stop a
/// blocked system call.
public final class BlockingPool: Sendable {
  /// What to do with work when the queue is full.
  public enum WhenFull: Sendable {
    /// Refuse it with `PoolError.saturated`.
    case refuse
    /// Let the caller wait for its turn, in order of arrival. The callers themselves must be bounded.
    case wait
  }

  /// What a pool has done so far.
  public struct Statistics: Hashable, Sendable {
    /// How many threads there are.
    public var threads = 0
    /// Pieces of work waiting for a thread now, waiting callers included.
    public var queued = 0
    /// Pieces of work running now.
    public var running = 0
    /// The longest the queue has been.
    public var queuedMaximum = 0
    /// Pieces of work that ran to their end.
    public var completed: UInt64 = 0
    /// Pieces of work refused because the queue was full or the pool was stopped.
    public var refused: UInt64 = 0
    /// Pieces of work whose caller was cancelled before a thread took them up.
    public var cancelled: UInt64 = 0
  }

  private let core: Core

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - name: what the threads are called.
  ///   - threads: how many may block at once.
  ///   - queueLimit: how many pieces of work may wait before `WhenFull` decides.
  public init(name: String, threads: Int, queueLimit: Int) throws(ThreadError) {
    precondition(threads > 0 && queueLimit >= 0, "a pool needs a thread")
    let core = Core(queueLimit: queueLimit)
    self.core = core
    for index in 0..<threads {
      // The threads hold only the core: letting go of the pool ends them.
      do {
        let thread = try SystemThread.start(name: "\(name)-\(index)") { core.serve() }
        core.state.withLock {
          $0.threads.append(thread)
          $0.statistics.threads += 1
          $0.alive += 1
        }
      } catch {
        core.stop()
        throw error
      }
    }
  }

  deinit { core.stop() }

  /// Runs `work` on a thread of the pool and returns its result on the caller's executor.
  ///
  /// - Parameters:
  ///   - whenFull: whether a full queue refuses the work or makes the caller wait.
  ///   - work: what may block. It runs at most once; to fail, let it return a `Result`, or use `perform`.
  public func run<Output: Sendable>(
    whenFull: WhenFull = .refuse, _ work: @escaping @Sendable () -> Output
  ) async throws(PoolError) -> Output {
    let item = Work(work)
    let core = core
    let outcome: Result<Output, PoolError> = await withTaskCancellationHandler {
      await suspend { continuation in
        item.continuation = continuation
        if let refusal = core.submit(item, whenFull: whenFull) {
          item.finish(.failure(refusal))
        }
      }
    } onCancel: {
      core.cancel(item)
    }
    return try outcome.get()
  }

  /// Runs `work` that may throw, with the pool's own refusals turned into the same error type.
  ///
  /// - Parameters:
  ///   - whenFull: whether a full queue refuses the work or makes the caller wait.
  ///   - refusal: the caller's error for work that the pool did not run.
  ///   - work: what may block.
  public func perform<Output: Sendable, Failure: Error>(
    whenFull: WhenFull = .refuse, refusal: (PoolError) -> Failure,
    _ work: @escaping @Sendable () throws(Failure) -> Output
  ) async throws(Failure) -> Output {
    let outcome: Result<Output, Failure>
    do {
      outcome = try await run(whenFull: whenFull) {
        do throws(Failure) { return .success(try work()) } catch { return .failure(error) }
      }
    } catch {
      throw refusal(error)
    }
    return try outcome.get()
  }

  /// What the pool has done so far.
  public var statistics: Statistics {
    core.state.withLock { state in
      var statistics = state.statistics
      statistics.queued = state.queue.count
      return statistics
    }
  }

  /// Refuses new work, lets what was accepted run, and returns when every thread has ended.
  public func shutdown() async {
    core.stop()
    await suspend { (continuation: Waiter<Void>) in
      let ended = core.state.withLock { state in
        if state.alive > 0 { state.stopWaiters.append(continuation) }
        return state.alive == 0
      }
      if ended { continuation.resume() }
    }
    // They have left their loops, so joining takes no time.
    let threads = core.state.withLock { state in
      defer { state.threads.removeAll() }
      return state.threads
    }
    for thread in threads { thread.join() }
  }
}

extension BlockingPool {
  /// What the threads share.
  fileprivate final class Core: Sendable {
    struct State {
      var queue = PoolQueue()
      var statistics = Statistics()
      var stopping = false
      var alive = 0
      var threads: [SystemThread] = []
      var stopWaiters: [Waiter<Void>] = []
    }

    let state = Locked(State())
    let available = ThreadSemaphore()
    let queueLimit: Int

    init(queueLimit: Int) { self.queueLimit = queueLimit }

    /// Queues `item`; returns why not, if not.
    func submit(_ item: PoolItem, whenFull: WhenFull) -> PoolError? {
      let refusal: PoolError? = state.withLock { state in
        if item.isCancelled {
          state.statistics.cancelled += 1
          return .cancelled
        }
        if state.stopping || (state.queue.count >= queueLimit + idle(state) && whenFull == .refuse) {
          state.statistics.refused += 1
          return state.stopping ? .shutDown : .saturated(queued: state.queue.count)
        }
        state.queue.append(item)
        state.statistics.queuedMaximum = max(state.statistics.queuedMaximum, state.queue.count)
        return nil
      }
      if refusal == nil { available.signal() }
      return refusal
    }

    /// Threads that have yet to take up work already queued for them: that work does not count as waiting.
    private func idle(_ state: State) -> Int { state.alive - state.statistics.running }

    /// Takes `item` out of the queue and resumes its caller, unless a thread was faster.
    func cancel(_ item: PoolItem) {
      let removed = state.withLock { state in
        // Remembered, because the caller may be cancelled before it comes to queue its work.
        item.isCancelled = true
        guard state.queue.remove(item) else { return false }
        state.statistics.cancelled += 1
        return true
      }
      if removed { item.refuse(.cancelled) }
    }

    func stop() {
      let threads = state.withLock { state -> Int in
        if state.stopping { return 0 }
        state.stopping = true
        return state.alive
      }
      for _ in 0..<threads { available.signal() }
    }

    /// What each thread does: work until told to stop and nothing is left.
    func serve() {
      while true {
        available.wait()
        let (item, ends) = state.withLock { state -> (PoolItem?, Bool) in
          guard let item = state.queue.popFirst() else { return (nil, state.stopping) }
          state.statistics.running += 1
          return (item, false)
        }
        if let item {
          item.execute {
            self.state.withLock {
              $0.statistics.running -= 1
              $0.statistics.completed += 1
            }
          }
        } else if ends {
          break
        }
      }
      let waiters = state.withLock { state in
        state.alive -= 1
        defer { if state.alive == 0 { state.stopWaiters.removeAll() } }
        return state.alive == 0 ? state.stopWaiters : []
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  /// One piece of work and the caller that waits for it.
  ///
  /// `@unchecked Sendable`: `continuation` is set before the item enters the queue, whose lock publishes it,
  /// and is used by whoever took the item out of the queue, of which there is one.
  fileprivate final class Work<Output: Sendable>: PoolItem, @unchecked Sendable {
    private let work: @Sendable () -> Output
    var continuation: Waiter<Result<Output, PoolError>>?

    init(_ work: @escaping @Sendable () -> Output) { self.work = work }

    override func execute(_ account: () -> Void) {
      let output = work()
      account()
      finish(.success(output))
    }

    override func refuse(_ reason: PoolError) { finish(.failure(reason)) }

    func finish(_ result: Result<Output, PoolError>) {
      guard let continuation else { preconditionFailure("work finished twice") }
      self.continuation = nil
      continuation.resume(returning: result)
    }
  }
}
