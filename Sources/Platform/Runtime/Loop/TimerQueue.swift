// Deadlines in order, without a clock and without a thread: the owner asks for the next one, sleeps as it
// likes, and takes out what has expired. A heap of four children a node, because a loop's timers are few and
// rarely move (a connection keeps one entry for all its deadlines), so exact order beats a wheel's rounding.

/// Deadlines, each with something to do when it passes.
struct TimerQueue<Payload> {
  /// Names an entry until it expires or is cancelled.
  struct Handle: Equatable {
    fileprivate let index: Int32
    fileprivate let generation: UInt32
  }

  private struct Node {
    var deadline: MonotonicInstant
    /// Keeps equal deadlines in the order in which they were set.
    var order: UInt64
    var entry: Int32

    func isBefore(_ other: Node) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : order < other.order
    }
  }

  private struct Entry {
    var payload: Payload?
    var position: Int32
    var generation: UInt32
  }

  private var heap: ContiguousArray<Node> = []
  private var entries: ContiguousArray<Entry> = []
  private var free: ContiguousArray<Int32> = []
  private var nextOrder: UInt64 = 0

  /// How many deadlines are set.
  var count: Int { heap.count }

  /// The earliest deadline.
  var next: MonotonicInstant? { heap.first?.deadline }

  /// Sets a deadline.
  mutating func schedule(at deadline: MonotonicInstant, _ payload: Payload) -> Handle {
    let index: Int32
    if let reused = free.popLast() {
      index = reused
    } else {
      index = Int32(entries.count)
      entries.append(Entry(payload: nil, position: -1, generation: 0))
    }
    entries[Int(index)].payload = payload
    nextOrder += 1
    heap.append(Node(deadline: deadline, order: nextOrder, entry: index))
    siftUp(heap.count - 1)
    return Handle(index: index, generation: entries[Int(index)].generation)
  }

  /// Moves a deadline; false when it has passed or was cancelled.
  @discardableResult
  mutating func reschedule(_ handle: Handle, at deadline: MonotonicInstant) -> Bool {
    guard let position = position(of: handle) else { return false }
    nextOrder += 1
    heap[position].deadline = deadline
    heap[position].order = nextOrder
    restore(position)
    return true
  }

  /// Drops a deadline; false when it has passed or was cancelled before.
  @discardableResult
  mutating func cancel(_ handle: Handle) -> Bool {
    guard let position = position(of: handle) else { return false }
    _ = remove(position)
    return true
  }

  /// Takes out the earliest deadline that is not after `now`.
  mutating func popExpired(_ now: MonotonicInstant) -> (deadline: MonotonicInstant, payload: Payload)? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let payload = remove(0)
    return (first.deadline, payload)
  }

  private func position(of handle: Handle) -> Int? {
    let entry = entries[Int(handle.index)]
    guard entry.generation == handle.generation, entry.payload != nil else { return nil }
    return Int(entry.position)
  }

  private mutating func remove(_ position: Int) -> Payload {
    let index = Int(heap[position].entry)
    let last = heap.removeLast()
    if position < heap.count {
      heap[position] = last
      restore(position)
    }
    guard let payload = entries[index].payload else { preconditionFailure("the heap holds only set entries") }
    entries[index].payload = nil
    entries[index].generation &+= 1
    free.append(Int32(index))
    return payload
  }

  private mutating func restore(_ position: Int) {
    if position > 0 && heap[position].isBefore(heap[(position - 1) / 4]) {
      siftUp(position)
    } else {
      siftDown(position)
    }
  }

  private mutating func siftUp(_ start: Int) {
    var position = start
    let node = heap[position]
    while position > 0 {
      let parent = (position - 1) / 4
      guard node.isBefore(heap[parent]) else { break }
      place(heap[parent], at: position)
      position = parent
    }
    place(node, at: position)
  }

  private mutating func siftDown(_ start: Int) {
    var position = start
    let node = heap[position]
    while true {
      let firstChild = position * 4 + 1
      guard firstChild < heap.count else { break }
      var least = firstChild
      for child in firstChild + 1..<max(firstChild + 1, min(firstChild + 4, heap.count))
      where heap[child].isBefore(heap[least]) {
        least = child
      }
      guard heap[least].isBefore(node) else { break }
      place(heap[least], at: position)
      position = least
    }
    place(node, at: position)
  }

  private mutating func place(_ node: Node, at position: Int) {
    heap[position] = node
    entries[Int(node.entry)].position = Int32(position)
  }
}
