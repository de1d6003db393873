// The writing half of a transport.

public import Bytes
public import Runtime

/// What a peer is sent.
public struct TransportWriter: ~Copyable {
  @usableFromInline var connection: ConnectionWriter
  @usableFromInline let secure: TLSStream?

  init(_ connection: consuming ConnectionWriter, secure: TLSStream?) {
    self.connection = connection
    self.secure = secure
  }

  /// Where to write what is to be sent. Only append to it.
  @inlinable
  public var output: ByteBuffer {
    _read {
      if let secure { yield secure.output } else { yield connection.output }
    }
    _modify {
      if let secure { yield &secure.output } else { yield &connection.output }
    }
  }

  /// How many bytes wait to be sent.
  public var outputCount: Int { (secure?.outputCount ?? 0) + connection.outputCount }

  /// Above this many waiting bytes `flushIfFull` sends.
  public var highWaterBytes: Int {
    get { connection.highWaterBytes }
    set { connection.highWaterBytes = newValue }
  }

  /// Puts `buffer` behind what was written, without copying when that pays.
  public mutating func write(_ buffer: ByteBuffer) {
    guard let secure else { return connection.write(buffer) }
    secure.write(buffer)
  }

  /// Sends everything that waits, suspending while the peer takes no more.
  public mutating func flush(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    guard let secure else { return try await connection.flush(until: deadline) }
    try await secure.flush(&connection, until: deadline)
  }

  /// Sends what waits if it has reached the high-water mark.
  public mutating func flushIfFull(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    if outputCount >= highWaterBytes { try await flush(until: deadline) }
  }

  /// Sends what waits and then part of a file: see `Transport.send`.
  public mutating func send(
    _ range: FileRange, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) {
    guard let secure else { return try await connection.send(range, until: deadline) }
    try await secure.send(range, &connection, until: deadline)
  }

  /// Sends what waits, then tells the peer that nothing will follow. Reading goes on.
  public mutating func finish(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    guard let secure else { return try await connection.finish(until: deadline) }
    try await secure.finish(&connection, until: deadline)
  }

  /// Ends the connection in both directions at once: the other half finds it ended and stops waiting.
  public func abort() { connection.abort() }

  /// The loop that the connection lives on.
  public var loop: EventLoop { connection.loop }
}
