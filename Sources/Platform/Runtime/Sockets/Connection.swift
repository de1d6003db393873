// A connection is owned by one task, which reads and writes it in turn; or it is split, and two tasks of
// the same loop own a half each. Its socket closes when the last owner lets go.

public import Bytes
import Glibc

/// A connected stream socket on an event loop.
public struct Connection: ~Copyable {
  /// The reading half.
  public var reader: ConnectionReader
  /// The writing half.
  public var writer: ConnectionWriter

  /// Takes over a connected, non-blocking descriptor. On the loop only.
  init(
    adopting descriptor: Int32, on loop: EventLoop,
    ready: DescriptorSlot.Readiness = [.read, .write]
  ) throws(NetworkError) {
    let stream = try SocketStream(adopting: descriptor, on: loop, ready: ready)
    reader = ConnectionReader(stream)
    writer = ConnectionWriter(stream)
  }

  // MARK: Reading and writing

  /// Bytes received and not yet consumed.
  public var input: ByteBuffer {
    @inline(__always) _read { yield reader.input }
    @inline(__always) _modify { yield &reader.input }
  }

  /// Where to write what is to be sent. Only append to it.
  public var output: ByteBuffer {
    @inline(__always) _read { yield writer.output }
    @inline(__always) _modify { yield &writer.output }
  }

  /// Appends what has arrived to `input`, waiting until something has: see `ConnectionReader.receive`.
  public mutating func receive(
    until deadline: MonotonicInstant? = nil, yieldsToDraining: Bool = false
  ) async throws(NetworkError) -> Int {
    try await reader.receive(until: deadline, yieldsToDraining: yieldsToDraining)
  }

  /// Puts `buffer` behind what was written, without copying when that pays.
  public mutating func write(_ buffer: ByteBuffer) { writer.write(buffer) }

  /// Sends everything that waits, suspending while the peer takes no more.
  public mutating func flush(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await writer.flush(until: deadline)
  }

  /// Sends what waits if it has reached the high-water mark.
  public mutating func flushIfFull(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await writer.flushIfFull(until: deadline)
  }

  /// Sends what waits and then part of a file: see `ConnectionWriter.send`.
  public mutating func send(
    _ range: FileRange, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) {
    try await writer.send(range, until: deadline)
  }

  /// Sends what waits, then tells the peer that nothing will follow. Reading goes on.
  public mutating func finishWriting(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await writer.finish(until: deadline)
  }

  /// Reads and writes at the same time: `reading` runs as a child task on the same loop, `writing` goes on
  /// in this one. Each half can end the other by `abort`; the socket closes when this returns.
  ///
  /// - Returns: what both returned, when both have.
  public consuming func split<Read: Sendable, Written>(
    reading: @escaping @Sendable (consuming ConnectionReader) async -> Read,
    writing: (consuming ConnectionWriter) async -> Written
  ) async -> (Read, Written) {
    let (stream, maximum) = (reader.stream, reader.inputBytesMaximum)
    // Moved, not shared: shared storage would be copied at the first receive.
    let input = reader.takeInput()
    let writer = writer
    async let read = stream.loop.coveringCancellation {
      var reader = ConnectionReader(stream, input: input)
      reader.inputBytesMaximum = maximum
      return await reading(reader)
    }
    let written = await writing(writer)
    return (await read, written)
  }

  // MARK: About the socket

  /// The loop that the connection lives on.
  public var loop: EventLoop { reader.stream.loop }

  /// For somebody else to end the connection by.
  public var breaker: ConnectionBreaker { ConnectionBreaker(stream: reader.stream) }

  /// Whether the server that accepted this connection is draining.
  public var isDraining: Bool { reader.stream.isDraining }

  /// This end's address.
  public var localAddress: SocketAddress? { SocketAddress.of(reader.stream.descriptor, getsockname) }

  /// The other end's address; nil once the connection is broken.
  public var peerAddress: SocketAddress? { SocketAddress.of(reader.stream.descriptor, getpeername) }

  /// Whether small writes go out at once instead of waiting for an acknowledgement. On for TCP from the
  /// start: our writers flush what belongs together in one call.
  public func setNoDelay(_ isOn: Bool) throws(NetworkError) {
    try reader.stream.set(Int32(IPPROTO_TCP), Int32(TCP_NODELAY), isOn ? 1 : 0)
  }

  /// Has the kernel probe a silent peer: first after `idle`, then every `interval`, `probes` times.
  public func setKeepAlive(idle: Duration, interval: Duration, probes: Int) throws(NetworkError) {
    let tcp = Int32(IPPROTO_TCP)
    try reader.stream.set(SOL_SOCKET, SO_KEEPALIVE, 1)
    try reader.stream.set(tcp, Int32(TCP_KEEPIDLE), Int32(clamping: max(1, idle.components.seconds)))
    try reader.stream.set(tcp, Int32(TCP_KEEPINTVL), Int32(clamping: max(1, interval.components.seconds)))
    try reader.stream.set(tcp, Int32(TCP_KEEPCNT), Int32(clamping: probes))
  }

  /// Has closing reset the connection instead of sending what the kernel still holds: for peers that
  /// misbehave.
  public func resetOnClose() throws(NetworkError) {
    var option = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<linger>.size)
    guard setsockopt(reader.stream.descriptor, SOL_SOCKET, SO_LINGER, &option, size) == 0 else {
      throw .system(.last("setsockopt"))
    }
  }
}
