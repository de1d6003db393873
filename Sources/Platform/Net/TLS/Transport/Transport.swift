// A connection that may be encrypted. Protocols read and write a `Transport` and need not know which it is:
// the surface is that of `Connection`. A plain one is a connection and an empty pointer beside it; what an
// encrypted one does instead is in TLSStream.swift, how it begins in Transport+Handshake.swift.

public import Bytes
public import Runtime

/// A connection, plain or encrypted, owned by one task that reads and writes it in turn.
public struct Transport: ~Copyable {
  @usableFromInline var connection: Connection
  /// nil for a plain connection.
  @usableFromInline let secure: TLSStream?

  /// A connection without encryption.
  @inlinable
  public init(_ connection: consuming Connection) {
    self.connection = connection
    secure = nil
  }

  init(_ connection: consuming Connection, secure: TLSStream) {
    self.connection = connection
    self.secure = secure
  }

  // MARK: Reading and writing

  /// Bytes received and not yet consumed.
  @inlinable
  public var input: ByteBuffer {
    _read {
      if let secure { yield secure.input } else { yield connection.reader.input }
    }
    _modify {
      if let secure { yield &secure.input } else { yield &connection.reader.input }
    }
  }

  /// The most unread bytes that `receive` adds to.
  public var inputBytesMaximum: Int {
    get { connection.reader.inputBytesMaximum }
    set { connection.reader.inputBytesMaximum = newValue }
  }

  /// Where to write what is to be sent. Only append to it.
  @inlinable
  public var output: ByteBuffer {
    _read {
      if let secure { yield secure.output } else { yield connection.writer.output }
    }
    _modify {
      if let secure { yield &secure.output } else { yield &connection.writer.output }
    }
  }

  /// How many bytes wait to be sent.
  public var outputCount: Int { (secure?.outputCount ?? 0) + connection.writer.outputCount }

  /// Above this many waiting bytes `flushIfFull` sends.
  public var highWaterBytes: Int {
    get { connection.writer.highWaterBytes }
    set { connection.writer.highWaterBytes = newValue }
  }

  /// Appends what has arrived to `input`, waiting until something has.
  ///
  /// While it waits with nothing unread, the connection holds no buffer.
  ///
  /// - Parameters:
  ///   - deadline: when to give up with `.timedOut`.
  ///   - yieldsToDraining: give up with `.draining` once the server drains; for waits between requests.
  /// - Returns: how many bytes were added; 0 when the peer has sent its last byte.
  public mutating func receive(
    until deadline: MonotonicInstant? = nil, yieldsToDraining: Bool = false
  ) async throws(NetworkError) -> Int {
    guard let secure else {
      return try await connection.reader.receive(until: deadline, yieldsToDraining: yieldsToDraining)
    }
    try await secure.sendPending(&connection.writer, until: deadline)
    return try await secure.receive(
      &connection.reader, until: deadline, yieldsToDraining: yieldsToDraining)
  }

  /// Puts `buffer` behind what was written, without copying when that pays.
  public mutating func write(_ buffer: ByteBuffer) {
    guard let secure else { return connection.writer.write(buffer) }
    secure.write(buffer)
  }

  /// Sends everything that waits, suspending while the peer takes no more.
  public mutating func flush(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    guard let secure else { return try await connection.writer.flush(until: deadline) }
    try await secure.flush(&connection.writer, until: deadline)
  }

  /// Sends what waits if it has reached the high-water mark.
  public mutating func flushIfFull(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    if outputCount >= highWaterBytes { try await flush(until: deadline) }
  }

  /// Sends what waits and then part of a file.
  ///
  /// - Throws: `.fileTruncated` when the file ends first. The peer then waits for bytes that will not come:
  ///   the connection is of no further use.
  public mutating func send(
    _ range: FileRange, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) {
    guard let secure else { return try await connection.writer.send(range, until: deadline) }
    try await secure.send(range, &connection.writer, until: deadline)
  }

  /// Sends what waits, then tells the peer that nothing will follow. Reading goes on.
  public mutating func finishWriting(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    guard let secure else { return try await connection.writer.finish(until: deadline) }
    try await secure.finish(&connection.writer, until: deadline)
  }

  /// Ends the connection in both directions at once: whoever waits stops waiting.
  public func abort() { connection.writer.abort() }

  /// Reads and writes at the same time: `reading` runs as a child task on the same loop, `writing` goes on
  /// in this one. Each half can end the other by `abort`; the socket closes when this returns.
  ///
  /// - Returns: what both returned, when both have.
  public consuming func split<Read: Sendable, Written>(
    reading: @escaping @Sendable (consuming TransportReader) async -> Read,
    writing: (consuming TransportWriter) async -> Written
  ) async -> (Read, Written) {
    let secure = secure
    return await connection.split(
      reading: { await reading(TransportReader($0, secure: secure)) },
      writing: { await writing(TransportWriter($0, secure: secure)) })
  }

  // MARK: About the connection

  /// What was agreed on with the peer; nil for a plain connection.
  public var security: TLSInfo? { secure?.info }

  /// The loop that the connection lives on.
  public var loop: EventLoop { connection.loop }

  /// For somebody else to end the connection by.
  public var breaker: ConnectionBreaker { connection.breaker }

  /// Whether the server that accepted this connection is draining.
  public var isDraining: Bool { connection.isDraining }

  /// This end's address.
  public var localAddress: SocketAddress? { connection.localAddress }

  /// The other end's address; nil once the connection is broken.
  public var peerAddress: SocketAddress? { connection.peerAddress }

  /// Whether small writes go out at once: see `Connection.setNoDelay`.
  public func setNoDelay(_ isOn: Bool) throws(NetworkError) { try connection.setNoDelay(isOn) }

  /// Has the kernel probe a silent peer: see `Connection.setKeepAlive`.
  public func setKeepAlive(idle: Duration, interval: Duration, probes: Int) throws(NetworkError) {
    try connection.setKeepAlive(idle: idle, interval: interval, probes: probes)
  }

  /// Has closing reset the connection instead of sending what the kernel still holds.
  public func resetOnClose() throws(NetworkError) { try connection.resetOnClose() }
}
