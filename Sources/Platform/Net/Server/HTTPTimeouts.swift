// How long a client may take. Whoever moves bytes steadily has all the time in the world; whoever dawdles has not.

/// The times of a connection.
public struct HTTPTimeouts: Hashable, Sendable {
  /// Between two requests, and before the first.
  public var idle = Duration.seconds(60)
  /// From a request's first byte to the end of its head.
  public var head = Duration.seconds(10)
  /// How long the server may wait for a body in all, besides the time that its bytes take at the least rate.
  public var body = Duration.seconds(10)
  /// How long the client may keep the server waiting while it takes what is sent, besides the time that the bytes
  /// take at the least rate.
  public var answer = Duration.seconds(10)
  /// For the client to take note that the connection ends, after an answer that closes it.
  public var linger = Duration.seconds(2)
  /// The least rate, in bytes a second, that a client may send or receive a body at for long.
  public var bytesPerSecondMinimum = 512

  /// The usual times.
  public init() {}

  /// `patience` and the time that `count` bytes take at the least rate, in nanoseconds.
  func allowance(_ patience: UInt64, for count: Int) -> UInt64 {
    patience + UInt64(count / bytesPerSecondMinimum) * 1_000_000_000
  }
}
