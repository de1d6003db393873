// How a task waits: for a descriptor, or for time to pass. Every wait is one of three kinds of entry (a
// descriptor's slot, a sleeper, the list of those who yielded), each entry holds exactly one waiter, and
// each of ready, deadline, cancellation and shutdown takes the waiter out before it resumes it. So a waiter
// is resumed once, and none outlives the loop: stopping walks all three kinds, and a stopped loop takes no
// new ones.

import CLinux
import Glibc

extension EventLoop {
  /// Whether the descriptor may be used at once. False also when the task has had its share of this turn:
  /// it then has to `wait`, which puts it at the end of the queue.
  @inline(__always)
  func takeReady(_ descriptor: Int32, _ direction: Direction) -> Bool {
    assert(isCurrent, "a socket is used on its loop")
    let slot = core.pointee.descriptors[descriptor]
    guard slot.pointee.ready.contains(.of(direction)) && !slot.pointee.isStopped else { return false }
    guard core.pointee.readyCallsLeft > 0 else { return false }
    core.pointee.readyCallsLeft -= 1
    return true
  }

  /// Suspends the task until the descriptor is ready, or `deadline` passes, or the task is cancelled.
  ///
  /// Inlined, so that a wait costs its caller no further asynchronous frame.
  @inline(__always)
  func wait(
    _ descriptor: Int32, _ direction: Direction, until deadline: MonotonicInstant?, yieldsToDraining: Bool,
    endsOnWrite: Bool = false
  ) async -> WaitOutcome {
    switch beginWait(descriptor, direction, until: deadline, yieldsToDraining: yieldsToDraining) {
    case .over(let outcome): return outcome
    case .isReady:
      await yield()
      return .ready
    case .covered(let key, let owner):
      return await suspend {
        park(
          $0, key, owner: owner, until: deadline, yieldsToDraining: yieldsToDraining, endsOnWrite: endsOnWrite
        )
      }
    case .uncovered(let key):
      return await waitWithHandler(
        key, until: deadline, yieldsToDraining: yieldsToDraining, endsOnWrite: endsOnWrite)
    }
  }

  /// How a wait goes on.
  private enum WaitStart {
    case over(WaitOutcome)
    /// Ready, but the task has had its share of this turn.
    case isReady
    case covered(WaitKey, owner: Int32)
    case uncovered(WaitKey)
  }

  private func beginWait(
    _ descriptor: Int32, _ direction: Direction, until deadline: MonotonicInstant?, yieldsToDraining: Bool
  ) -> WaitStart {
    precondition(isCurrent, "a descriptor is waited for on its loop")
    let slot = core.pointee.descriptors[descriptor]
    if slot.pointee.isStopped { return .over(.cancelled) }
    if yieldsToDraining && slot.pointee.isDraining { return .over(.draining) }
    if slot.pointee.ready.contains(.of(direction)) { return .isReady }
    if let deadline, deadline <= core.pointee.now { return .over(.timedOut) }
    core.pointee.nextSerial &+= 1
    let key = WaitKey(serial: core.pointee.nextSerial, descriptor: descriptor, direction: direction)
    let guess = direction == .read ? slot.pointee.reading.owner : slot.pointee.writing.owner
    let owner = core.pointee.tasks.index(of: CoveredTasks.currentTask, guess: guess)
    if owner == 0 { return .uncovered(key) }
    return core.pointee.tasks.beginWait(key, at: owner) ? .covered(key, owner: owner) : .over(.cancelled)
  }

  /// Waits as a task whose cancellation the loop would not hear of otherwise.
  private func waitWithHandler(
    _ key: WaitKey, until deadline: MonotonicInstant?, yieldsToDraining: Bool, endsOnWrite: Bool
  ) async -> WaitOutcome {
    await withTaskCancellationHandler {
      // Cancelled before the handler was in place: it ran at once and found nobody waiting.
      if Task.isCancelled { return .cancelled }
      return await suspend {
        park(
          $0, key, owner: 0, until: deadline, yieldsToDraining: yieldsToDraining, endsOnWrite: endsOnWrite)
      }
    } onCancel: {
      post(.cancelWait(key))
    }
  }

  @inline(__always)
  private func park(
    _ waiter: Waiter<WaitOutcome>, _ key: WaitKey, owner: Int32, until deadline: MonotonicInstant?,
    yieldsToDraining: Bool, endsOnWrite: Bool
  ) {
    let slot = core.pointee.descriptors[key.descriptor]
    let wait = WaitSlot(
      waiter: waiter, serial: key.serial, deadline: deadline?.nanoseconds ?? .max, owner: owner,
      yieldsToDraining: yieldsToDraining, endsOnWrite: endsOnWrite)
    switch key.direction {
    case .read:
      precondition(slot.pointee.reading.waiter == nil, "one task at a time reads from a socket")
      slot.pointee.reading = wait
    case .write:
      precondition(slot.pointee.writing.waiter == nil, "one task at a time writes to a socket")
      slot.pointee.writing = wait
    }
    arm(key.descriptor, wait.deadline)
  }

  /// Lets everything else that is ready on this loop go first. On the loop only.
  public func yield() async {
    precondition(isCurrent, "a task yields on its loop")
    core.pointee.counts.yields &+= 1
    let _: WaitOutcome = await suspend { core.pointee.yielded.append($0) }
  }

  /// Sleeps until `deadline`. On the loop only; elsewhere use `TimeSource.sleep`.
  ///
  /// Throws when the task is cancelled or the loop stops.
  public func sleep(until deadline: MonotonicInstant) async throws(CancellationError) {
    precondition(isCurrent, "a task sleeps on its loop")
    if core.pointee.isStopping || Task.isCancelled { throw CancellationError() }
    if deadline <= core.pointee.now {
      await yield()
      return
    }
    core.pointee.nextSerial &+= 1
    let serial = core.pointee.nextSerial
    let outcome = await lieDown(serial, until: deadline)
    if outcome != .timedOut { throw CancellationError() }
  }

  /// Sleeps under `serial` until `deadline`, or until `finishSleep` ends it.
  func lieDown(_ serial: UInt64, until deadline: MonotonicInstant) async -> WaitOutcome {
    let key = WaitKey(serial: serial, descriptor: -1, direction: .read)
    let owner = core.pointee.tasks.index(of: CoveredTasks.currentTask, guess: 0)
    if owner != 0 {
      guard core.pointee.tasks.beginWait(key, at: owner) else { return .cancelled }
      return await suspend { lieDown($0, serial, deadline) }
    }
    return await withTaskCancellationHandler {
      if Task.isCancelled { return .cancelled }
      return await suspend { lieDown($0, serial, deadline) }
    } onCancel: {
      post(.cancelWait(key))
    }
  }

  /// Sleeps for `duration`. On the loop only; elsewhere use `TimeSource.sleep`.
  public func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: deadline(in: duration))
  }

  private func lieDown(_ waiter: Waiter<WaitOutcome>, _ serial: UInt64, _ deadline: MonotonicInstant) {
    // The last instant there is never comes.
    let timer =
      deadline.nanoseconds == .max
      ? nil : core.pointee.timers.schedule(at: deadline, .sleep(serial: serial))
    core.pointee.sleepers[serial] = (waiter, timer)
  }

  // MARK: Descriptors

  /// Begins watching a descriptor that this loop now owns; returns its generation.
  func openDescriptor(
    _ descriptor: Int32, ready: DescriptorSlot.Readiness, listens: Bool = false
  ) throws(NetworkError) -> UInt32 {
    precondition(isCurrent, "a descriptor is opened on its loop")
    let generation = core.pointee.descriptors.open(descriptor, ready: ready)
    core.pointee.descriptors[descriptor].pointee.isStopped = core.pointee.isStopping
    let data = UInt64(generation) << 32 | UInt64(UInt32(descriptor))
    let result =
      listens
      ? clinux_epoll_add_readable(epoll, descriptor, data) : clinux_epoll_add_socket(epoll, descriptor, data)
    guard result == 0 else {
      let error = SystemError.last("epoll_ctl")
      core.pointee.descriptors.close(descriptor)
      throw .system(error)
    }
    core.pointee.counts.sockets += 1
    return generation
  }

  /// Ends watching a descriptor and closes it, from any thread.
  func release(_ descriptor: Int32, generation: UInt32) {
    if isCurrent {
      closeDescriptor(descriptor, generation: generation)
    } else if !post(.close(descriptor, generation: generation)) {
      // The loop has ended, so nobody watches it any more.
      Glibc.close(descriptor)
    }
  }

  func closeDescriptor(_ descriptor: Int32, generation: UInt32) {
    forgetDescriptor(descriptor, generation: generation)
    // Linux frees the number even when close reports an error, so there is nothing to retry.
    Glibc.close(descriptor)
  }

  /// Ends watching a descriptor that somebody else closes.
  func forgetDescriptor(_ descriptor: Int32, generation: UInt32) {
    let slot = core.pointee.descriptors[descriptor]
    precondition(
      slot.pointee.isOpen && slot.pointee.generation == generation, "a descriptor is closed once")
    if let timer = slot.pointee.timer { core.pointee.timers.cancel(timer) }
    slot.pointee.timer = nil
    slot.pointee.armed = .max
    core.pointee.descriptors.close(descriptor)
    core.pointee.counts.sockets -= 1
    // Closing alone would take it out of epoll only if nobody held another descriptor of the same socket, as
    // a child process that is being started does.
    let result = clinux_epoll_remove(epoll, descriptor)
    precondition(result == 0, "an open slot is in epoll")
  }

  /// Marks a descriptor as draining: waits that yield to draining end now, and later ones at once.
  func drain(_ descriptor: Int32, generation: UInt32) {
    let slot = core.pointee.descriptors[descriptor]
    guard slot.pointee.isOpen && slot.pointee.generation == generation else { return }
    slot.pointee.isDraining = true
    if slot.pointee.reading.yieldsToDraining { finish(&slot.pointee.reading, .draining) }
    if slot.pointee.writing.yieldsToDraining { finish(&slot.pointee.writing, .draining) }
  }
}
