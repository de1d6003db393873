// What a pool says of itself, for metrics.

/// The state of a pool of connections.
struct PostgresPoolHealth: Equatable, Sendable {
  /// Connections that wait for work.
  var idle = 0
  /// Connections at work.
  var used = 0
  /// Connections being made.
  var connecting = 0
  /// Callers that wait for a connection.
  var waiting = 0
  /// Connections made so far.
  var connects: UInt64 = 0
  /// Attempts to connect that failed so far.
  var connectFailures: UInt64 = 0
  /// Connections lost so far, after they were made.
  var losses: UInt64 = 0
  /// Callers that got no connection so far.
  var refusals: UInt64 = 0
  /// What the last attempt to connect failed with; nil after a success.
  var lastFailure: DatabaseError?
}
