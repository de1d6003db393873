// A number that only goes up. One relaxed atomic addition an event: sharding it by core was measured and
// did not pay on the machines we have (docs/metrics.md), so there is nothing cleverer here.

public import Synchronization

/// A count of things that happened since the process started.
public final class Counter: Sendable {
  @usableFromInline let total = Atomic<UInt64>(0)

  /// A counter at zero. `MetricRegistry` makes the ones that are exposed.
  public init() {}

  /// Counts one more.
  @inlinable
  public func increment() { total.wrappingAdd(1, ordering: .relaxed) }

  /// Counts `amount` more.
  @inlinable
  public func increment(by amount: UInt64) { total.wrappingAdd(amount, ordering: .relaxed) }

  /// The count so far.
  @inlinable
  public var value: UInt64 { total.load(ordering: .relaxed) }
}
