// The wait path without the kernel, for Benchmarks/bench-runtime: the same functions that a turn and a
// reader call, with nothing added but their being public to who asks by name.

@_spi(Measure)
extension EventLoop {
  /// Takes in an event as if epoll had reported the connection readable.
  public func pretendReadable(_ event: UInt64) { dispatch(event, 1) }
}

@_spi(Measure)
extension ConnectionReader {
  /// What epoll says of this connection in its events.
  public var eventData: UInt64 {
    UInt64(stream.generation) << 32 | UInt64(UInt32(stream.descriptor))
  }

  /// Waits as `receive` does, and forgets the readiness as a short read does.
  public func waitReadable(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await stream.ready(.read, until: deadline)
    stream.exhausted(.read)
  }
}

@_spi(Measure)
extension Connection {
  /// A connection of a descriptor that the benchmark made.
  public init(measuring descriptor: Int32, on loop: EventLoop) throws(NetworkError) {
    try self.init(adopting: descriptor, on: loop, ready: [])
  }
}
