// What a loop knows of each descriptor: readiness, who waits for it and until when. One slot a descriptor,
// indexed by its number; the kernel hands out the lowest free number, so the table stays dense.

/// What a wait may be for.
enum Direction: Int {
  case read = 0
  case write = 1
}

/// How a wait ended.
enum WaitOutcome: UInt8, Sendable {
  case ready
  case timedOut
  case cancelled
  /// A wait that said it would yield to draining, and draining began.
  case draining
}

/// Names one wait of a loop for as long as it lasts; later waits have other serials.
struct WaitKey: Sendable {
  /// A serial that no other wait of this loop has; zero names none.
  var serial: UInt64
  /// The descriptor, or -1 for a sleep.
  var descriptor: Int32
  var direction: Direction

  static let none = WaitKey(serial: 0, descriptor: -1, direction: .read)
}

/// One direction of a descriptor.
struct WaitSlot {
  var waiter: Waiter<WaitOutcome>?
  var serial: UInt64 = 0
  var deadline = UInt64.max
  /// The covered task that waited here last: usually the one that waits next.
  var owner: Int32 = 0
  var yieldsToDraining = false
  /// In a reading slot: the wait ends too when the descriptor can be written to.
  var endsOnWrite = false
}

/// Everything about one descriptor.
struct DescriptorSlot {
  /// What the kernel said is possible and no call has disproved since.
  struct Readiness: OptionSet {
    let rawValue: UInt8
    static let read = Readiness(rawValue: 1)
    static let write = Readiness(rawValue: 2)
    /// The peer will send no more: a short read no longer means that there is nothing left to read.
    static let peerFinished = Readiness(rawValue: 4)
    static func of(_ direction: Direction) -> Readiness { direction == .read ? .read : .write }
  }

  /// Counts the descriptor's lives: an event of a former life does not match.
  var generation: UInt32 = 0
  var isOpen = false
  /// The loop is stopping or its owner cut the connection: every wait ends as cancelled.
  var isStopped = false
  var isDraining = false
  var ready: Readiness = []
  var reading = WaitSlot()
  var writing = WaitSlot()
  var timer: TimerQueue<TimerTarget>.Handle?
  /// When `timer` fires; later deadlines need no timer of their own.
  var armed = UInt64.max
}

/// What a loop's timer is for.
enum TimerTarget {
  case descriptor(Int32)
  case sleep(serial: UInt64)
}

/// Slots by descriptor number. Slots move when the table grows, so no pointer to one outlives a call.
struct DescriptorTable {
  private(set) var slots: UnsafeMutablePointer<DescriptorSlot>
  private(set) var count: Int

  init(count: Int = 64) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: DescriptorSlot(), count: count)
    self.count = count
  }

  func deallocate() {
    slots.deinitialize(count: count)
    slots.deallocate()
  }

  /// The slot of an open descriptor.
  @inline(__always)
  subscript(descriptor: Int32) -> UnsafeMutablePointer<DescriptorSlot> {
    precondition(descriptor >= 0 && Int(descriptor) < count, "no slot was made for this descriptor")
    return slots + Int(descriptor)
  }

  /// Begins a descriptor's life; the result is its generation.
  mutating func open(_ descriptor: Int32, ready: DescriptorSlot.Readiness) -> UInt32 {
    if Int(descriptor) >= count { grow(to: max(count * 2, Int(descriptor) + 1)) }
    let slot = self[descriptor]
    precondition(!slot.pointee.isOpen, "the descriptor is open already")
    let generation = slot.pointee.generation &+ 1
    slot.pointee = DescriptorSlot()
    slot.pointee.generation = generation
    slot.pointee.isOpen = true
    slot.pointee.ready = ready
    return generation
  }

  /// Ends a descriptor's life.
  func close(_ descriptor: Int32) {
    let slot = self[descriptor]
    precondition(
      slot.pointee.reading.waiter == nil && slot.pointee.writing.waiter == nil,
      "closed under a waiting task")
    slot.pointee.isOpen = false
    slot.pointee.ready = []
  }

  private mutating func grow(to wanted: Int) {
    let grown = UnsafeMutablePointer<DescriptorSlot>.allocate(capacity: wanted)
    grown.moveInitialize(from: slots, count: count)
    (grown + count).initialize(repeating: DescriptorSlot(), count: wanted - count)
    slots.deallocate()
    slots = grown
    count = wanted
  }
}
