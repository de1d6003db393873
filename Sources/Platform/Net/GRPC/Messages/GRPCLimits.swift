// How large calls may be.

/// What messages of calls may be.
public struct GRPCLimits: Hashable, Sendable {
  /// How long a message that comes may be, compressed and not: 4 MiB, as elsewhere.
  public var receivedMessageBytesMaximum = 4 << 20
  /// How long a message that is sent may be.
  public var sentMessageBytesMaximum = Int(Int32.max)

  /// The usual limits.
  public init() {}
}
