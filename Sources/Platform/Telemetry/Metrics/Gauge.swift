// A whole number that goes up and down: things open, bytes held, a moment in seconds. A fraction is best
// read at scrape time by a callback (`MetricRegistry.gauge(_:help:read:)`).

public import Synchronization

/// A level that is set, or moved up and down.
public final class Gauge: Sendable {
  @usableFromInline let level = Atomic<Int64>(0)

  /// A gauge at zero. `MetricRegistry` makes the ones that are exposed.
  public init() {}

  /// Puts the gauge at `value`.
  @inlinable
  public func set(_ value: Int64) { level.store(value, ordering: .relaxed) }

  /// Moves the gauge up.
  @inlinable
  public func increment(by amount: Int64 = 1) { level.wrappingAdd(amount, ordering: .relaxed) }

  /// Moves the gauge down.
  @inlinable
  public func decrement(by amount: Int64 = 1) { level.wrappingSubtract(amount, ordering: .relaxed) }

  /// Where the gauge stands.
  @inlinable
  public var value: Int64 { level.load(ordering: .relaxed) }
}
