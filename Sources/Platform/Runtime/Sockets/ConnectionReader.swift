// The reading half of a connection.

public import Bytes
import Glibc

/// What a peer sends, as it arrives.
public struct ConnectionReader: ~Copyable {
  let stream: SocketStream

  /// Bytes received and not yet consumed: parse from the front, `consume` what was understood.
  public var input = ByteBuffer()
  /// The most unread bytes that `receive` adds to.
  public var inputBytesMaximum = 1 << 20

  init(_ stream: SocketStream, input: ByteBuffer = ByteBuffer()) {
    self.stream = stream
    self.input = input
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
    if input.count >= inputBytesMaximum { throw .inputLimit(bytes: inputBytesMaximum) }
    while true {
      if !stream.loop.takeReady(stream.descriptor, .read) {
        if input.isEmpty { stream.loop.core.pointee.buffers.give(&input) }
        try await stream.ready(.read, until: deadline, yieldsToDraining: yieldsToDraining)
      }
      if input.capacity == 0 { input = stream.loop.core.pointee.buffers.take() }
      let (descriptor, limit) = (stream.descriptor, inputBytesMaximum - input.count)
      var room = 0
      var received = 0
      _ = input.withWritableBytes(minimum: min(BufferPool.bufferBytes / 4, limit)) { bytes in
        room = min(bytes.count, limit)
        received = recv(descriptor, bytes.baseAddress, room, 0)
        return max(received, 0)
      }
      if received < 0 {
        if let failure = stream.failure("recv") { throw failure }
        if errno == EAGAIN { stream.exhausted(.read) }
        continue
      }
      // A short read emptied the socket, so the next receive can wait without asking; but once the peer has
      // finished there will be no further event, and the end has to be read.
      if received < room && !stream.peerHasFinished { stream.exhausted(.read) }
      return received
    }
  }

  /// Takes everything unread, storage included.
  mutating func takeInput() -> ByteBuffer {
    defer { input = ByteBuffer() }
    return input
  }

  /// Ends the connection in both directions at once: the other half finds it ended and stops waiting.
  public func abort() { stream.abort() }

  /// Whether the server that accepted this connection is draining: answer what is begun, start nothing new.
  public var isDraining: Bool { stream.isDraining }

  /// The loop that the connection lives on.
  public var loop: EventLoop { stream.loop }
}
