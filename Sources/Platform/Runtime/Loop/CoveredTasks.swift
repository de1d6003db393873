// Tasks whose cancellation the loop learns of once, when they start, and not anew for each of their waits:
// a cancellation handler costs as much as the wait itself (230 ns beside 280). A task waits for one thing
// at a time, so its entry holds the key of its present wait, and cancelling the task ends that wait.

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
    var wait = WaitKey.none
  }

  // Entry 0 stays free, so that index 0 can mean "none".
  private var entries: ContiguousArray<Entry> = [Entry()]
  private var free: ContiguousArray<Int32> = []
  private var indices: [UInt: Int32] = [:]

  /// Which task runs now on this thread; zero for none. Only ever compared, never dereferenced.
  @inline(__always)
  static var currentTask: UInt {
    withUnsafeCurrentTask { unsafeBitCast($0, to: UInt.self) }
  }

  var count: Int { indices.count }

  /// Covers `task`; nil when it is covered already.
  mutating func add(_ task: UInt) -> Handle? {
    guard indices[task] == nil else { return nil }
    let index: Int32
    if let reused = free.popLast() {
      index = reused
    } else {
      index = Int32(entries.count)
      entries.append(Entry())
    }
    entries[Int(index)].task = task
    entries[Int(index)].wait = .none
    indices[task] = index
    return Handle(index: index, generation: entries[Int(index)].generation)
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
  @inline(__always)
  func index(of task: UInt, guess: Int32) -> Int32 {
    entries[Int(guess)].task == task ? guess : indices[task] ?? 0
  }

  /// Remembers what the task at `index` is about to wait for.
  @inline(__always)
  mutating func setWait(_ key: WaitKey, at index: Int32) {
    entries[Int(index)].wait = key
  }

  /// What the task waits for, or waited for last.
  func wait(of handle: Handle) -> WaitKey? {
    let entry = entries[Int(handle.index)]
    return entry.generation == handle.generation ? entry.wait : nil
  }
}
