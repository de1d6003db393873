// Tasks whose cancellation the loop learns of once, when they start, and not anew for each of their waits:
// a cancellation handler costs as much as the wait itself (230 ns beside 280). A task waits for one thing
// at a time, so its entry holds the key of its present wait, and cancelling the task ends that wait.

import CLinux

/// The tasks of one loop that carry a cancellation handler for their whole life.
struct CoveredTasks {
  /// Names an entry for as long as the task lives.
  struct Handle: Sendable {
    let index: Int32
    let generation: UInt32
  }

  private struct Entry {
    /// Which task; zero when the entry is free.
    var task: UInt = 0
    var generation: UInt32 = 0
    var isCancelled = false
    var wait = WaitKey.none
  }

  // Entry 0 stays free, so that index 0 can mean "none". Plain memory instead of an array, which would be
  // retained and released at every look.
  private var entries: UnsafeMutablePointer<Entry>
  private var capacity = 64
  private var used = 1
  private var free: ContiguousArray<Int32> = []
  private var indices: [UInt: Int32] = [:]

  /// Which task runs now on this thread; zero for none. Only ever compared, never dereferenced.
  @inline(__always)
  static var currentTask: UInt { clinux_current_task() }

  init() {
    entries = .allocate(capacity: capacity)
    entries.initialize(repeating: Entry(), count: capacity)
  }

  func deallocate() { entries.deallocate() }

  var count: Int { indices.count }

  /// Covers `task`; nil when it is covered already.
  mutating func add(_ task: UInt) -> Handle? {
    guard indices[task] == nil else { return nil }
    let index: Int32
    if let reused = free.popLast() {
      index = reused
    } else {
      if used == capacity { grow() }
      index = Int32(used)
      used += 1
    }
    entries[Int(index)].task = task
    entries[Int(index)].wait = .none
    entries[Int(index)].isCancelled = false
    indices[task] = index
    return Handle(index: index, generation: entries[Int(index)].generation)
  }

  private mutating func grow() {
    let grown = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    grown.moveInitialize(from: entries, count: capacity)
    (grown + capacity).initialize(repeating: Entry(), count: capacity)
    entries.deallocate()
    entries = grown
    capacity *= 2
  }

  mutating func remove(_ handle: Handle) {
    let index = Int(handle.index)
    precondition(entries[index].generation == handle.generation, "a task's cover is taken off once")
    indices[entries[index].task] = nil
    entries[index].task = 0
    entries[index].generation &+= 1
    free.append(handle.index)
  }

  /// The entry of `task`, zero when it is not covered; `guess` is where it was last time.
  ///
  /// Mutating, though it changes nothing: a borrow of what is behind a pointer would first copy, and so
  /// retain, the array and the dictionary.
  @inline(__always)
  mutating func index(of task: UInt, guess: Int32) -> Int32 {
    entries[Int(guess)].task == task ? guess : indices[task] ?? 0
  }

  /// Remembers what the task at `index` is about to wait for; false when it was cancelled and must not.
  @inline(__always)
  mutating func beginWait(_ key: WaitKey, at index: Int32) -> Bool {
    if entries[Int(index)].isCancelled { return false }
    entries[Int(index)].wait = key
    return true
  }

  /// Notes that a task was cancelled; the result is what it waits for, or waited for last. A wait that
  /// began before the loop heard of the cancellation is ended through this key, a later one by the note.
  mutating func cancel(_ handle: Handle) -> WaitKey? {
    guard entries[Int(handle.index)].generation == handle.generation else { return nil }
    entries[Int(handle.index)].isCancelled = true
    return entries[Int(handle.index)].wait
  }
}
