// Starting tasks on a loop, and ending them all. `spawn` is the only way data-path code starts a task: a
// bare `Task { }` would run on the global pool and outlive the loop unseen.

extension EventLoop {
  /// The tasks that the loop waits for before it ends.
  struct TrackedTasks {
    var tasks: [UInt64: Task<Void, Never>] = [:]
    var nextNumber: UInt64 = 0
    var isStopping = false
    var hasEnded = false
    var thread: SystemThread?
    var endWaiters: [Waiter<Void>] = []
  }

  /// Starts a task on this loop, from any thread. A loop that is stopping starts it cancelled.
  ///
  /// - Parameter body: what it does. It runs on the loop's thread alone, and must not block.
  /// - Returns: the task, to cancel it or to wait for its end.
  @discardableResult
  public func spawn(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    guard let task = spawnUnlessEnded(body) else { preconditionFailure("the loop has ended") }
    return task
  }

  /// `spawn` for those who may come too late: nil when the loop has ended.
  func spawnUnlessEnded(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never>? {
    tracked.withLock { tracked in
      if tracked.hasEnded { return nil }
      tracked.nextNumber += 1
      let number = tracked.nextNumber
      // The task cannot end before it is entered: its end needs the lock that is held here.
      let task = Task.detached(executorPreference: self) {
        await self.coveringCancellation(body)
        self.tracked.withLock { _ = $0.tasks.removeValue(forKey: number) }
      }
      tracked.tasks[number] = task
      if tracked.isStopping { task.cancel() }
      return task
    }
  }

  /// Runs `body` on this loop and returns its result where the caller was. Cancelling the caller cancels it.
  public func run<Output: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () async throws(Failure) -> Output
  ) async throws(Failure) -> Output {
    let inner = Locked<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))
    let result: Result<Output, Failure> = await withTaskCancellationHandler {
      await suspend { waiter in
        let task = spawn {
          do throws(Failure) {
            waiter.resume(returning: .success(try await body()))
          } catch {
            waiter.resume(returning: .failure(error))
          }
        }
        let isCancelled = inner.withLock { inner in
          inner.task = task
          return inner.isCancelled
        }
        if isCancelled { task.cancel() }
      }
    } onCancel: {
      let task = inner.withLock { inner in
        inner.isCancelled = true
        return inner.task
      }
      task?.cancel()
    }
    return try result.get()
  }

  /// Runs `body` with the current task's cancellation handled once instead of at each of its waits. Tasks
  /// made by `spawn` have it; a child task that waits often should take it too. On the loop only.
  public func coveringCancellation<Output>(_ body: () async -> Output) async -> Output {
    precondition(isCurrent, "a task is covered on its loop")
    guard let handle = core.pointee.tasks.add(CoveredTasks.currentTask) else { return await body() }
    let output = await withTaskCancellationHandler(operation: body) { post(.cancelTask(handle)) }
    core.pointee.tasks.remove(handle)
    return output
  }

  /// Cancels every task and ends every wait, then returns when the last task has ended and the thread with
  /// it. A task that ignores cancellation keeps the loop alive, so that nothing is ever left half-run.
  public func shutdown() async {
    precondition(!isCurrent, "a loop cannot wait for its own end")
    tracked.withLock { $0.isStopping = true }
    post(.stop)
    await suspend { (waiter: Waiter<Void>) in
      let hasEnded = tracked.withLock { tracked in
        if !tracked.hasEnded { tracked.endWaiters.append(waiter) }
        return tracked.hasEnded
      }
      if hasEnded { waiter.resume() }
    }
    let thread = tracked.withLock { tracked in
      defer { tracked.thread = nil }
      return tracked.thread
    }
    thread?.join()
  }

  func cancelTrackedTasks() {
    let tasks = tracked.withLock { tracked in
      tracked.isStopping = true
      return Array(tracked.tasks.values)
    }
    for task in tasks { task.cancel() }
  }
}
