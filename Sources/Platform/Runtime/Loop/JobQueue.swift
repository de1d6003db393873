// The loop's run queue: a ring that grows and never shrinks, so that a job in the steady state costs two
// stores and a load.

/// Jobs in the order in which they became ready.
struct JobQueue {
  private var ring: UnsafeMutablePointer<UnownedJob>
  private var mask: Int
  private var head = 0
  private var tail = 0

  init() {
    ring = .allocate(capacity: 64)
    mask = 63
  }

  /// Frees the ring. Jobs still inside are not run.
  func deallocate() { ring.deallocate() }

  var isEmpty: Bool { head == tail }
  var count: Int { tail &- head }

  mutating func append(_ job: UnownedJob) {
    if tail &- head > mask { grow() }
    (ring + (tail & mask)).initialize(to: job)
    tail &+= 1
  }

  mutating func popFirst() -> UnownedJob? {
    guard head != tail else { return nil }
    let job = (ring + (head & mask)).move()
    head &+= 1
    return job
  }

  @inline(never)
  private mutating func grow() {
    let count = count
    let grown = UnsafeMutablePointer<UnownedJob>.allocate(capacity: (mask + 1) * 2)
    for index in 0..<count {
      (grown + index).initialize(to: (ring + ((head &+ index) & mask)).move())
    }
    ring.deallocate()
    ring = grown
    mask = mask * 2 + 1
    head = 0
    tail = count
  }
}
