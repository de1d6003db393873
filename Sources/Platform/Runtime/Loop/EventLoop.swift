// One thread, one epoll, one run queue. A task that prefers a loop runs on its thread from one wait to the
// next; parsing and answering are plain synchronous code, and only what the kernel would block on suspends.
//
// This file holds the loop's shape and how work reaches it; the turn is EventLoop+Turn.swift, waiting is
// EventLoop+Wait.swift, starting and stopping tasks is EventLoop+Tasks.swift.

import CLinux
import Glibc
import Synchronization

/// A thread that runs tasks and watches descriptors.
///
/// It is a task executor only, so nothing is isolated to it: a task on it moves to no other thread, and what
/// the task owns needs no lock.
///
/// `@unchecked Sendable`: `jobs` and `core` are touched only by the loop's thread (every entry point checks
/// or posts to `remote`), `remote` is behind its lock, and the rest is constant or atomic.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
  /// How much a loop does before it looks at the kernel again.
  enum Limit {
    /// Jobs run in a turn; those left wait for the next one, after new events and timers.
    static let jobsPerTurn = 256
    /// Descriptor calls a job may make without suspending; then it goes to the end of the queue.
    static let readyCallsPerJob = 32
    /// Events taken from the kernel in one call.
    static let eventsPerTurn = 256
    /// Timers fired in a turn.
    static let timersPerTurn = 1024
  }

  /// What only the loop's thread touches. Behind a pointer, so that access is not checked at run time.
  struct Core {
    var descriptors = DescriptorTable()
    var timers = TimerQueue<TimerTarget>()
    var sleepers: [UInt64: (waiter: Waiter<WaitOutcome>, timer: TimerQueue<TimerTarget>.Handle?)] = [:]
    var tasks = CoveredTasks()
    var yielded: ContiguousArray<Waiter<WaitOutcome>> = []
    var buffers = BufferPool()
    /// Empty arrays for the next exchange with `remote`.
    var spare = Remote()
    var now: MonotonicInstant
    var nextSerial: UInt64 = 0
    var readyCallsLeft = 0
    var isStopping = false
    var counts = EventLoopStatistics()
  }

  /// What other threads ask of the loop.
  enum Command: Sendable {
    case cancelWait(WaitKey)
    case cancelTask(CoveredTasks.Handle)
    case close(Int32, generation: UInt32)
    case work(@Sendable (EventLoop) -> Void)
    case stop
  }

  struct Remote {
    var jobs: ContiguousArray<UnownedJob> = []
    var commands: ContiguousArray<Command> = []
    var hasEnded = false
  }

  /// Whether the thread needs to be woken to see what was posted.
  enum Attention {
    static let awake: UInt8 = 0
    static let asleep: UInt8 = 1
    static let wanted: UInt8 = 2
  }

  /// Its number in its group, for names and metrics.
  public let index: Int
  /// Where its time comes from.
  public let time: any TimeSource
  /// Where it sends what may block: cold pages of files, name resolution.
  public let pool: BlockingPool

  let epoll: Int32
  let wakeup: Int32
  let core: UnsafeMutablePointer<Core>
  let jobs: UnsafeMutablePointer<JobQueue>
  let remote = Locked(Remote())
  let attention = Atomic<UInt8>(Attention.awake)
  let tracked = Locked(TrackedTasks())
  let published = Locked(EventLoopStatistics())

  /// Makes a loop and starts its thread. It lives until `shutdown`.
  ///
  /// - Parameters:
  ///   - index: its number in its group.
  ///   - name: what its thread is called.
  ///   - pool: where blocking work goes.
  ///   - time: where the time comes from.
  public static func start(
    index: Int = 0, name: String = "loop", pool: BlockingPool, time: any TimeSource = SystemTime()
  ) throws(NetworkError) -> EventLoop {
    let loop = try EventLoop(index: index, pool: pool, time: time)
    do {
      let thread = try SystemThread.start(name: "\(name)-\(index)") { loop.run() }
      loop.tracked.withLock { $0.thread = thread }
    } catch {
      throw .thread(error)
    }
    // A clock moved by hand may have passed a deadline that the thread sleeps towards. Only then is there a
    // weak reference: it makes every later retain of the loop take the slow path.
    if time.isManual { time.onMove { [weak loop] in loop?.wake() } }
    return loop
  }

  private init(index: Int, pool: BlockingPool, time: any TimeSource) throws(NetworkError) {
    self.index = index
    self.pool = pool
    self.time = time
    let epoll = clinux_epoll_create()
    guard epoll >= 0 else { throw .system(.last("epoll_create1")) }
    let wakeup = clinux_eventfd()
    guard wakeup >= 0 else {
      let error = SystemError.last("eventfd")
      Glibc.close(epoll)
      throw .system(error)
    }
    // Edge-triggered, so it need not be read: each write is an edge.
    guard clinux_epoll_add_readable(epoll, wakeup, .max) == 0 else {
      let error = SystemError.last("epoll_ctl")
      Glibc.close(epoll)
      Glibc.close(wakeup)
      throw .system(error)
    }
    self.epoll = epoll
    self.wakeup = wakeup
    core = .allocate(capacity: 1)
    core.initialize(to: Core(now: time.monotonic))
    jobs = .allocate(capacity: 1)
    jobs.initialize(to: JobQueue())
  }

  deinit {
    Glibc.close(wakeup)
    Glibc.close(epoll)
    core.pointee.descriptors.deallocate()
    core.pointee.tasks.deallocate()
    core.pointee.buffers.deallocate()
    core.deinitialize(count: 1)
    core.deallocate()
    jobs.pointee.deallocate()
    jobs.deallocate()
  }

  // MARK: Where am I

  /// The loop that runs the caller; nil on threads that are no loop's.
  public static var current: EventLoop? {
    clinux_current_loop().map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether the caller runs on this loop.
  @inline(__always)
  public var isCurrent: Bool { clinux_current_loop() == Unmanaged.passUnretained(self).toOpaque() }

  /// When the present turn began: a clock that costs nothing to read, for deadlines. On the loop only.
  public var now: MonotonicInstant {
    precondition(isCurrent, "the loop's time is read on the loop")
    return core.pointee.now
  }

  /// The deadline `duration` from now. On the loop only.
  public func deadline(in duration: Duration) -> MonotonicInstant { now.advanced(by: duration) }

  // MARK: How work arrives

  /// Runs a job on the loop's thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      jobs.pointee.append(job)
      return
    }
    let hasEnded = remote.withLock { remote in
      if !remote.hasEnded { remote.jobs.append(job) }
      return remote.hasEnded
    }
    precondition(
      !hasEnded, "a task outlived its loop: start tasks with spawn, so that the loop waits for them")
    if !HeldWakes.hold(self) { wake() }
  }

  /// Has the loop carry out `command` in its next turn; false when the loop has ended.
  @discardableResult
  func post(_ command: Command) -> Bool {
    let hasEnded = remote.withLock { remote in
      if !remote.hasEnded { remote.commands.append(command) }
      return remote.hasEnded
    }
    if !hasEnded && !HeldWakes.hold(self) { wake() }
    return !hasEnded
  }

  /// Runs `work` on the loop's thread, soon; false when the loop has ended. It must not block.
  @discardableResult
  public func post(_ work: @escaping @Sendable (EventLoop) -> Void) -> Bool {
    post(.work(work))
  }

  /// Makes the loop look at `remote` and at the clock.
  func wake() {
    if attention.exchange(Attention.wanted, ordering: .acquiringAndReleasing) == Attention.asleep {
      var one: UInt64 = 1
      // It fails only when the counter is full, and then the loop is awake anyway.
      _ = Glibc.write(wakeup, &one, 8)
    }
  }
}
