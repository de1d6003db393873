// The task that sends: takes what waits in the outbox, compresses what is to be compressed, and flushes.

import Bytes
import Runtime
import TLS

/// A connection's writer.
struct OutboxWriter: ~Copyable {
  private var half: TransportWriter
  private let socket: WebSocket
  private var encoder: FrameEncoder
  private var deflater: MessageDeflater?
  private var batch = OutboxState.Batch()
  private var scratch = ByteBuffer()

  init(_ half: consuming TransportWriter, _ socket: WebSocket) {
    self.half = half
    self.socket = socket
    encoder = FrameEncoder(role: socket.agreement.role, random: socket.configuration.random)
  }

  /// Sends until the outbox says that it is over.
  ///
  /// - Returns: why it could not go on, if it could not.
  consuming func run() async -> WebSocketError? {
    do throws(WebSocketError) {
      // The answer to the handshake may still wait.
      try await flush()
      while true {
        switch await socket.outbox.nextOrder(&batch) {
        case .write:
          try encode()
          try await flush()
          socket.outbox.change { $0.sent() }
        case .finish:
          try await finish()
          return nil
        case .abort:
          half.abort()
          return nil
        }
      }
    } catch {
      socket.outbox.change { $0.abort() }
      half.abort()
      return error
    }
  }

  private var deadline: MonotonicInstant { half.loop.deadline(in: socket.configuration.timeouts.write) }

  private mutating func flush() async throws(WebSocketError) {
    do throws(NetworkError) { try await half.flush(until: deadline) } catch { throw .network(error) }
  }

  private mutating func finish() async throws(WebSocketError) {
    do throws(NetworkError) { try await half.finish(until: deadline) } catch { throw .network(error) }
  }

  /// Puts the batch into the output, and empties it.
  private mutating func encode() throws(WebSocketError) {
    for piece in batch.pieces {
      switch piece.work {
      case .none:
        half.write(piece.bytes)
      case .forgets:
        deflater?.forget()
        half.write(piece.bytes)
      case .compress(let opcode):
        try compress(piece.bytes, opcode)
      }
    }
    batch.pieces.removeAll(keepingCapacity: batch.pieces.count <= 16)
    half.write(batch.staged)
    batch.staged.clear()
    if batch.staged.capacity > OutboxState.keptBytesMaximum { batch.staged = ByteBuffer() }
  }

  private mutating func compress(_ message: ByteBuffer, _ opcode: Opcode) throws(WebSocketError) {
    guard let compression = socket.agreement.compression else {
      preconditionFailure("only what was agreed to be compressed is")
    }
    if deflater == nil {
      deflater = try MessageDeflater(
        compression.deflating(by: socket.agreement.role), compression.options)
    }
    deflater?.deflate(message, into: &scratch)
    // The output only grows, so the frame is made beside it when it has to be masked in place.
    var frame = ByteBuffer(capacity: FrameHeader.bytesMaximum + scratch.count)
    encoder.append(opcode, scratch, isCompressed: true, to: &frame)
    half.write(frame)
    scratch.clear()
    if scratch.capacity > BytesKept.scratch { scratch = ByteBuffer() }
  }

  private enum BytesKept {
    static let scratch = 16 << 10
  }
}
