// Where a histogram's buckets end. Amounts are recorded as integers in the small unit (nanoseconds, bytes)
// so that recording is integer comparison and integer addition; exposition divides.

/// The upper bounds of a histogram's buckets, in the unit it records.
public struct HistogramBuckets: Hashable, Sendable {
  /// What an observed amount counts.
  public enum Unit: Hashable, Sendable {
    /// Time, recorded in nanoseconds and exposed in seconds.
    case seconds
    /// Sizes in bytes.
    case bytes
    /// Plain numbers: records in a batch, segments in a query.
    case count
  }

  /// The most buckets a histogram may have, without the one that takes the rest.
  public static let countMaximum = 64

  /// What an observed amount counts.
  public let unit: Unit
  /// Inclusive upper bounds in the recorded unit, strictly rising.
  public let bounds: [UInt64]

  /// Buckets that end at `bounds`, given in the recorded unit (nanoseconds for `.seconds`).
  public init(_ unit: Unit, bounds: [UInt64]) {
    precondition(!bounds.isEmpty, "a histogram needs a bucket")
    precondition(bounds.count <= Self.countMaximum, "too many buckets: \(bounds.count)")
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bucket bounds must rise")
    self.unit = unit
    self.bounds = bounds
  }

  /// `count` buckets, the first ending at `first` and each `factor` times as far as the one before.
  public static func exponential(
    _ unit: Unit, first: UInt64, factor: UInt64, count: Int
  ) -> HistogramBuckets {
    precondition(first > 0 && factor > 1 && count > 0, "exponential buckets must rise")
    var bounds: [UInt64] = []
    var bound = first
    for _ in 0..<count {
      bounds.append(bound)
      let (next, overflow) = bound.multipliedReportingOverflow(by: factor)
      precondition(!overflow || bounds.count == count, "a bucket bound exceeds 64 bits")
      bound = next
    }
    return HistogramBuckets(unit, bounds: bounds)
  }

  /// Doubling from 16 microseconds to 16.8 seconds: a cached read to a request nearly given up.
  public static let seconds = exponential(.seconds, first: 16_000, factor: 2, count: 21)

  /// Fourfold from 64 bytes to 1 GiB: a small record to a large file.
  public static let bytes = exponential(.bytes, first: 64, factor: 4, count: 13)

  /// Doubling from 1 to 4096: records in a batch, entries in a page.
  public static let counts = exponential(.count, first: 1, factor: 2, count: 13)

  /// An amount in the recorded unit as exposed.
  func exposed(_ amount: UInt64) -> Double {
    unit == .seconds ? Double(amount) / 1e9 : Double(amount)
  }
}
