// Up to where events are replayed.

public import Log

/// Where a replay ends.
public enum ReplayEnd: Hashable, Sendable {
  /// With what the log has when the replay begins.
  case newest
  /// Before the event of this offset, in every partition.
  case offset(LogOffset)
  /// Before the first event of this time (milliseconds since 1970) or later.
  case time(Int64)
  /// Before the given offset of each partition.
  case positions([PartitionID: LogOffset])
}

/// How far a replay has come, in offsets.
public struct ReplayProgress: Hashable, Sendable {
  /// What this run has done.
  public var done: Int
  /// What is left to do.
  public var left: Int
  /// What an earlier run had done.
  public var resumedAt: Int
}
