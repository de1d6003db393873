// The turn: run what is ready, fire what is due, ask the kernel, hand out what it said. Every part is
// bounded, so none can keep the others waiting.

import CLinux
import Glibc
import Synchronization

extension EventLoop {
  /// What the thread does until the loop is stopped and its last task has ended.
  func run() {
    clinux_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
    defer { clinux_set_current_loop(nil) }
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Limit.eventsPerTurn)
    defer { events.deallocate() }
    while true {
      runJobs()
      publish()
      fireTimers()
      if core.pointee.isStopping && end() { return }
      poll(events)
    }
  }

  private func runJobs() {
    let executor = asUnownedTaskExecutor()
    var count = 0
    while count < Limit.jobsPerTurn, let job = jobs.pointee.popFirst() {
      core.pointee.readyCallsLeft = Limit.readyCallsPerJob
      // Not `isolatedTo:taskExecutor:`, which would send a nonisolated task back here at every return.
      job.runSynchronously(on: executor)
      count += 1
    }
    core.pointee.counts.jobs &+= UInt64(count)
  }

  /// Waits in the kernel, at most until the next timer, and takes in what happened.
  private func poll(_ events: UnsafeMutablePointer<epoll_event>) {
    var milliseconds = millisecondsToSleep()
    if milliseconds != 0 {
      let (slept, _) = attention.compareExchange(
        expected: Attention.awake, desired: Attention.asleep, ordering: .acquiringAndReleasing)
      if !slept { milliseconds = 0 }
    }
    let count = clinux_epoll_wait(epoll, events, Int32(Limit.eventsPerTurn), milliseconds)
    precondition(count >= 0 || errno == EINTR, "epoll_wait failed")
    core.pointee.now = time.monotonic
    core.pointee.counts.turns &+= 1
    if attention.exchange(Attention.awake, ordering: .acquiringAndReleasing) == Attention.wanted {
      takeRemote()
    }
    resumeYielded()
    guard count > 0 else { return }
    core.pointee.counts.events &+= UInt64(count)
    for index in 0..<Int(count) {
      dispatch(clinux_epoll_data(events, Int32(index)), clinux_epoll_bits(events, Int32(index)))
    }
  }

  private func millisecondsToSleep() -> Int32 {
    if !jobs.pointee.isEmpty || !core.pointee.yielded.isEmpty { return 0 }
    guard let next = core.pointee.timers.next else { return -1 }
    let left = next.since(core.pointee.now).wholeNanoseconds
    if left == 0 { return 0 }
    // A clock that is moved by hand wakes the loop when it moves.
    if time.isManual { return -1 }
    // Rounded up: waking early would only mean going back to sleep.
    return Int32(clamping: left / 1_000_000 + 1)
  }

  /// Brings the clock up to date and lets other threads see how the turn went.
  private func publish() {
    let began = core.pointee.now
    core.pointee.now = time.monotonic
    let busy = core.pointee.now.since(began).wholeNanoseconds
    core.pointee.counts.busyNanoseconds &+= busy
    if busy > core.pointee.counts.turnNanosecondsMaximum { core.pointee.counts.turnNanosecondsMaximum = busy }
    core.pointee.counts.timers = core.pointee.timers.count
    let counts = core.pointee.counts
    published.withLock { $0 = counts }
  }

  /// What the loop has done so far, as of its last turn.
  public var statistics: EventLoopStatistics {
    var statistics = published.withLock { $0 }
    statistics.tasks = tracked.withLock { $0.tasks.count }
    return statistics
  }

  // MARK: Events

  /// Takes in one event: `data` names the descriptor and its generation.
  func dispatch(_ data: UInt64, _ bits: UInt32) {
    // The wake-up needs no handling: `attention` says what it was for.
    if data == .max { return }
    let descriptor = Int32(truncatingIfNeeded: data & 0xffff_ffff)
    let slot = core.pointee.descriptors[descriptor]
    guard slot.pointee.isOpen && slot.pointee.generation == UInt32(truncatingIfNeeded: data >> 32) else {
      core.pointee.counts.staleEvents &+= 1
      return
    }
    var ready = slot.pointee.ready
    if bits & 0x1 != 0 { ready.insert(.read) }  // EPOLLIN
    if bits & 0x4 != 0 { ready.insert(.write) }  // EPOLLOUT
    if bits & 0x2000 != 0 { ready.formUnion([.read, .peerFinished]) }  // EPOLLRDHUP
    if bits & 0x18 != 0 { ready.formUnion([.read, .write, .peerFinished]) }  // EPOLLERR, EPOLLHUP
    slot.pointee.ready = ready
    if ready.contains(.read) || slot.pointee.reading.endsOnWrite && ready.contains(.write) {
      finish(&slot.pointee.reading, .ready)
    }
    if ready.contains(.write) { finish(&slot.pointee.writing, .ready) }
  }

  /// Ends the wait in `slot`, if there is one: its task is put on the run queue.
  @inline(__always)
  func finish(_ slot: inout WaitSlot, _ outcome: WaitOutcome) {
    guard let waiter = slot.waiter else { return }
    slot.waiter = nil
    slot.deadline = .max
    waiter.resume(returning: outcome)
  }

  private func resumeYielded() {
    guard !core.pointee.yielded.isEmpty else { return }
    for waiter in core.pointee.yielded { waiter.resume(returning: .ready) }
    core.pointee.yielded.removeAll(keepingCapacity: true)
  }

  // MARK: Timers

  private func fireTimers() {
    guard let next = core.pointee.timers.next, next <= core.pointee.now else { return }
    var left = Limit.timersPerTurn
    while left > 0, let (deadline, target) = core.pointee.timers.popExpired(core.pointee.now) {
      left -= 1
      let lag = core.pointee.now.since(deadline).wholeNanoseconds
      core.pointee.counts.timersFired &+= 1
      if lag > core.pointee.counts.timerLagNanosecondsMaximum {
        core.pointee.counts.timerLagNanosecondsMaximum = lag
      }
      switch target {
      case .sleep(let serial): finishSleep(serial, .timedOut)
      case .descriptor(let descriptor): expire(descriptor)
      }
    }
  }

  /// A descriptor's timer fired: ends the waits whose own deadline has passed, and sets the timer for the
  /// others. Deadlines that moved on since it was set cost nothing until here.
  private func expire(_ descriptor: Int32) {
    let slot = core.pointee.descriptors[descriptor]
    let now = core.pointee.now.nanoseconds
    slot.pointee.timer = nil
    slot.pointee.armed = .max
    if slot.pointee.reading.deadline <= now { finish(&slot.pointee.reading, .timedOut) }
    if slot.pointee.writing.deadline <= now { finish(&slot.pointee.writing, .timedOut) }
    arm(descriptor, min(slot.pointee.reading.deadline, slot.pointee.writing.deadline))
  }

  /// Sees to it that the descriptor's timer fires no later than `deadline`.
  @inline(__always)
  func arm(_ descriptor: Int32, _ deadline: UInt64) {
    let slot = core.pointee.descriptors[descriptor]
    guard deadline < slot.pointee.armed else { return }
    slot.pointee.armed = deadline
    let instant = MonotonicInstant(nanoseconds: deadline)
    if let timer = slot.pointee.timer {
      core.pointee.timers.reschedule(timer, at: instant)
    } else {
      slot.pointee.timer = core.pointee.timers.schedule(at: instant, .descriptor(descriptor))
    }
  }

  func finishSleep(_ serial: UInt64, _ outcome: WaitOutcome) {
    guard let sleeper = core.pointee.sleepers.removeValue(forKey: serial) else { return }
    if let timer = sleeper.timer { core.pointee.timers.cancel(timer) }
    sleeper.waiter.resume(returning: outcome)
  }

  // MARK: What other threads asked for

  private func takeRemote() {
    // Two sets of arrays change places, so that the steady state allocates nothing.
    var taken = Remote()
    swap(&taken, &core.pointee.spare)
    remote.withLock { remote in
      swap(&taken.jobs, &remote.jobs)
      swap(&taken.commands, &remote.commands)
    }
    for job in taken.jobs { jobs.pointee.append(job) }
    for command in taken.commands { carryOut(command) }
    taken.jobs.removeAll(keepingCapacity: true)
    taken.commands.removeAll(keepingCapacity: true)
    swap(&taken, &core.pointee.spare)
  }

  private func carryOut(_ command: Command) {
    switch command {
    case .cancelWait(let key): cancelWait(key)
    case .cancelTask(let handle):
      if let key = core.pointee.tasks.cancel(handle) { cancelWait(key) }
    case .close(let descriptor, let generation): closeDescriptor(descriptor, generation: generation)
    case .work(let work): work(self)
    case .stop: stopWaiting()
    }
  }

  /// Ends the wait that `key` names, unless it has ended.
  private func cancelWait(_ key: WaitKey) {
    guard key.serial != 0 else { return }
    guard key.descriptor >= 0 else { return finishSleep(key.serial, .cancelled) }
    let slot = core.pointee.descriptors[key.descriptor]
    switch key.direction {
    case .read where slot.pointee.reading.serial == key.serial: finish(&slot.pointee.reading, .cancelled)
    case .write where slot.pointee.writing.serial == key.serial: finish(&slot.pointee.writing, .cancelled)
    default: break
    }
  }

  /// Ends every wait there is, and every one that will be.
  private func stopWaiting() {
    core.pointee.isStopping = true
    for descriptor in 0..<Int32(core.pointee.descriptors.count) {
      let slot = core.pointee.descriptors[descriptor]
      slot.pointee.isStopped = true
      finish(&slot.pointee.reading, .cancelled)
      finish(&slot.pointee.writing, .cancelled)
    }
    for serial in Array(core.pointee.sleepers.keys) { finishSleep(serial, .cancelled) }
    cancelTrackedTasks()
  }

  /// Whether nothing is left to do; after that the loop takes no more work.
  private func end() -> Bool {
    guard jobs.pointee.isEmpty && core.pointee.yielded.isEmpty else { return false }
    let waiters: [Waiter<Void>]? = tracked.withLock { tracked in
      guard tracked.tasks.isEmpty else { return nil }
      tracked.hasEnded = remote.withLock { remote in
        remote.hasEnded = remote.jobs.isEmpty && remote.commands.isEmpty
        return remote.hasEnded
      }
      guard tracked.hasEnded else { return nil }
      defer { tracked.endWaiters.removeAll() }
      return tracked.endWaiters
    }
    guard let waiters else { return false }
    for waiter in waiters { waiter.resume() }
    return true
  }
}
