// The writing half of a connection. Writing puts bytes into a queue; flushing sends them, and suspends
// while the peer is slower than we are. Files are in ConnectionWriter+File.swift.

public import Bytes
import CLinux
import Glibc

/// What a peer is sent.
public struct ConnectionWriter: ~Copyable {
  let stream: SocketStream
  var queue = OutputQueue()

  /// Above this many waiting bytes `flushIfFull` sends.
  public var highWaterBytes = 64 << 10
  /// Buffers shorter than this are copied: a copy is cheaper than one more piece for the kernel.
  public static let spliceBytesMinimum = 2048

  init(_ stream: SocketStream) { self.stream = stream }

  /// Where to write what is to be sent. Only append to it.
  public var output: ByteBuffer {
    @inline(__always) _read { yield queue.staging }
    @inline(__always) _modify {
      prepareStaging()
      yield &queue.staging
    }
  }

  @inline(__always)
  mutating func prepareStaging() {
    if queue.staging.capacity == 0 { queue.staging = stream.loop.core.pointee.buffers.take() }
  }

  /// How many bytes wait to be sent.
  public var outputCount: Int { queue.count }

  /// Puts `buffer` behind what was written, sharing its storage instead of copying when that pays.
  public mutating func write(_ buffer: ByteBuffer) {
    if buffer.count < Self.spliceBytesMinimum {
      output.append(buffer)
    } else {
      queue.splice(buffer)
    }
  }

  /// Sends everything that waits, suspending while the peer takes no more.
  public mutating func flush(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await flush(until: deadline, more: false)
  }

  /// Sends what waits if it has reached `highWaterBytes`: for writers that produce piece after piece.
  public mutating func flushIfFull(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    if queue.count >= highWaterBytes { try await flush(until: deadline, more: false) }
  }

  /// - Parameter more: whether more follows at once, so that the kernel may wait for it to fill a segment.
  mutating func flush(until deadline: MonotonicInstant?, more: Bool) async throws(NetworkError) {
    let flags = Int32(MSG_NOSIGNAL) | (more ? Int32(MSG_MORE) : 0)
    while queue.count > 0 {
      try await stream.ready(.write, until: deadline)
      let attempted = queue.count
      let sent = sendOnce(flags)
      if sent > 0 { queue.consume(sent) }
      if sent < 0 {
        if let failure = stream.failure("send") { throw failure }
        if errno == EAGAIN { stream.exhausted(.write) }
      } else if sent < attempted && queue.isContiguous {
        // A short send filled the socket. With splices it may only have sent one call's worth of them.
        stream.exhausted(.write)
      }
    }
    if queue.staging.capacity > 0 { stream.loop.core.pointee.buffers.give(&queue.staging) }
  }

  private func sendOnce(_ flags: Int32) -> Int {
    let descriptor = stream.descriptor
    if queue.isContiguous {
      return queue.staging.withReadableBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    }
    return queue.withVectors { vectors in
      var message = msghdr()
      message.msg_iov = UnsafeMutablePointer(mutating: vectors.baseAddress)
      message.msg_iovlen = vectors.count
      return sendmsg(descriptor, &message, flags)
    }
  }

  /// Sends what waits, then tells the peer that nothing will follow. Reading goes on.
  public mutating func finish(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    try await flush(until: deadline, more: false)
    guard shutdown(stream.descriptor, Int32(SHUT_WR)) == 0 || errno == ENOTCONN else {
      throw .system(.last("shutdown"))
    }
  }

  /// Ends the connection in both directions at once: the other half finds it ended and stops waiting.
  public func abort() { stream.abort() }

  /// The loop that the connection lives on.
  public var loop: EventLoop { stream.loop }
}
