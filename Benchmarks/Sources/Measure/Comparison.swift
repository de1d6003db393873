// Measures ours and a peer's way of doing the same work, turn and turn about so that a noisy machine
// disturbs both alike, and prints medians and the median of the paired ratios.

public import Glibc

/// CPU time of the calling thread, in nanoseconds: steadier than wall time on a shared machine.
public func threadCPUNanoseconds() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

/// CPU time of the whole process, in nanoseconds.
public func processCPUNanoseconds() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

private func read(_ clock: clockid_t) -> UInt64 {
  var now = timespec()
  clock_gettime(clock, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// Keeps the optimizer from removing work whose result nobody uses.
@inline(never)
public func keep<Value: ~Copyable>(_ value: borrowing Value) {}

/// One line of the table.
public struct Comparison: Sendable {
  /// What was measured.
  public let name: String
  /// Our median, in nanoseconds per operation.
  public let ours: Double
  /// The peer's median, in nanoseconds per operation.
  public let peer: Double
  /// The median of ours/peer over the paired runs: below 1 is faster than the peer.
  public let ratio: Double

  /// Runs `ours` and `peer` alternately; each closure does `operations` operations a call.
  public init(
    _ name: String, operations: Int, runs: Int = 9, ours: () -> Void, peer: () -> Void
  ) {
    ours()
    peer()
    var mine: [Double] = []
    var theirs: [Double] = []
    for _ in 0..<runs {
      mine.append(Self.time(operations, ours))
      theirs.append(Self.time(operations, peer))
    }
    self.init(name, ours: mine, peer: theirs)
  }

  /// From figures measured elsewhere, pairwise, in nanoseconds per operation.
  public init(_ name: String, ours: [Double], peer: [Double]) {
    self.name = name
    self.ours = median(ours)
    self.peer = median(peer)
    ratio = median(zip(ours, peer).map { $0 / $1 })
  }

  private static func time(_ operations: Int, _ body: () -> Void) -> Double {
    let before = threadCPUNanoseconds()
    body()
    return Double(threadCPUNanoseconds() - before) / Double(operations)
  }

  /// Prints the line, with what was aimed for beside it.
  public func report(peerName: String, goal: String) {
    let speed = "\(digits(ours)) ns  vs  \(digits(peer)) ns (\(peerName))"
    print(
      "\(pad(name, 34)) \(pad(speed, 52)) time \(digits(ratio))x, speed \(digits(1 / ratio))x   goal: \(goal)"
    )
  }
}

/// The middle value.
public func median(_ values: [Double]) -> Double {
  precondition(!values.isEmpty, "median of nothing")
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

private func digits(_ value: Double) -> String {
  let scale: Double = value >= 100 ? 1 : value >= 10 ? 10 : value >= 1 ? 100 : 1000
  return String((value * scale).rounded() / scale)
}

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
