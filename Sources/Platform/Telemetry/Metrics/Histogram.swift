// How amounts are spread. An observation is two relaxed additions: its bucket and the sum. The count is
// the sum of the buckets, taken at scrape, so `_count` and the `+Inf` bucket can never disagree.

public import Runtime
public import Synchronization

/// Amounts counted by size.
///
/// `@unchecked Sendable`: `cells` and `bounds` never change after `init`, every cell is an atomic, and both
/// allocations live as long as the histogram.
public final class Histogram: @unchecked Sendable {
  /// Where the buckets end.
  public let buckets: HistogramBuckets
  /// One cell a bucket, then the one that takes the rest.
  @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt64>>
  /// The bounds again as bare memory: an array would be retained for every observation.
  @usableFromInline let bounds: UnsafeMutablePointer<UInt64>
  @usableFromInline let boundCount: Int
  @usableFromInline let sum = Atomic<UInt64>(0)

  /// An empty histogram. `MetricRegistry` makes the ones that are exposed.
  public init(buckets: HistogramBuckets) {
    self.buckets = buckets
    boundCount = buckets.bounds.count
    cells = .allocate(capacity: boundCount + 1)
    bounds = .allocate(capacity: boundCount)
    for index in 0...boundCount { (cells + index).initialize(to: Atomic(0)) }
    for (index, bound) in buckets.bounds.enumerated() { (bounds + index).initialize(to: bound) }
  }

  deinit {
    cells.deinitialize(count: boundCount + 1)
    cells.deallocate()
    bounds.deallocate()
  }

  /// Records one amount in the recorded unit: nanoseconds, bytes or a plain number.
  @inlinable
  public func observe(_ amount: UInt64) {
    // Halving: five comparisons for the usual twenty bounds.
    var low = 0
    var high = boundCount
    while low < high {
      let middle = (low &+ high) &>> 1
      if bounds[middle] < amount { low = middle &+ 1 } else { high = middle }
    }
    cells[low].wrappingAdd(1, ordering: .relaxed)
    sum.wrappingAdd(amount, ordering: .relaxed)
  }

  /// Records how long something took.
  @inlinable
  public func observe(_ duration: Duration) { observe(duration.wholeNanoseconds) }

  /// What was recorded so far.
  public var snapshot: HistogramSnapshot {
    var counts: [UInt64] = []
    counts.reserveCapacity(boundCount + 1)
    for index in 0...boundCount { counts.append(cells[index].load(ordering: .relaxed)) }
    return HistogramSnapshot(buckets: buckets, counts: counts, sum: sum.load(ordering: .relaxed))
  }
}

/// A histogram as it stood when it was read.
public struct HistogramSnapshot: Equatable, Sendable {
  /// Where the buckets end.
  public let buckets: HistogramBuckets
  /// Observations in each bucket, not cumulative; the last is what exceeded every bound.
  public let counts: [UInt64]
  /// The sum of all amounts, in the recorded unit.
  public let sum: UInt64

  /// How many amounts were observed.
  public var count: UInt64 { counts.reduce(0, &+) }
}
