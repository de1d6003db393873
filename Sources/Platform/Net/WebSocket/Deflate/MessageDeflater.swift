// Compression of outgoing messages by zlib (RFC 7692 section 7.2.1).

public import Bytes
import CZlib

/// Compresses one direction's messages. Used by one task at a time.
public final class MessageDeflater {
  /// What a message ends with once it is flushed, and what is left away.
  static let tailCount = 4
  private static let stepBytes = 4 << 10

  private let direction: DeflateAgreement.Direction
  private let stream: UnsafeMutablePointer<z_stream>

  /// - Parameters:
  ///   - direction: what was agreed. zlib cannot compress with a window of 8 bits.
  ///   - options: how much work to put into it.
  public init(
    _ direction: DeflateAgreement.Direction, _ options: DeflateOptions
  ) throws(WebSocketError) {
    precondition(direction.windowBits >= 9, "zlib compresses with windows of 9 to 15 bits")
    self.direction = direction
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let result = czlib_deflate_init(
      stream, Int32(options.level), Int32(-direction.windowBits), Int32(options.memoryLevel))
    guard result == Z_OK else {
      stream.deallocate()
      throw .compressorUnavailable
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Forgets earlier messages: what follows refers to none of them.
  public func forget() { deflateReset(stream) }

  /// Appends the compressed form of a message.
  public func deflate(_ message: ByteBuffer, into output: inout ByteBuffer) {
    if message.isEmpty {
      // zlib writes nothing for a second flush in a row; an empty stored block is what it would be.
      output.append(0)
      return
    }
    message.withReadableBytes { bytes in
      // zlib takes lengths of 32 bits.
      var offset = 0
      while offset < bytes.count {
        let count = min(bytes.count - offset, 1 << 30)
        let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        offset += count
        step(part, offset == bytes.count ? Z_SYNC_FLUSH : Z_NO_FLUSH, &output)
      }
    }
    output.truncate(to: output.count - Self.tailCount)
    if !direction.keepsContext { forget() }
  }

  private func step(_ part: UnsafeRawBufferPointer, _ flush: Int32, _ output: inout ByteBuffer) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: part.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(part.count)
    var isFull = true
    while isFull {
      let stream = stream
      output.withWritableBytes(minimum: Self.stepBytes) { room in
        let count = min(room.count, Int(UInt32.max))
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(count)
        // It can fail only for want of progress, which is no failure, or when the stream is corrupt.
        let result = CZlib.deflate(stream, flush)
        precondition(result == Z_OK || result == Z_BUF_ERROR, "deflate failed with \(result)")
        return count - Int(stream.pointee.avail_out)
      }
      isFull = stream.pointee.avail_out == 0
    }
  }
}
