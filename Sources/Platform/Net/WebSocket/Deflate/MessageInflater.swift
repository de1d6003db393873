// Decompression of incoming messages by zlib (RFC 7692 section 7.2.2). What comes out has a limit, checked
// as it comes: a small message that grows without end costs no more than the limit.

public import Bytes
import CZlib

/// Decompresses one direction's messages. Used by one task at a time.
public final class MessageInflater {
  private static let stepBytes = 4 << 10

  private let direction: DeflateAgreement.Direction
  private let stream: UnsafeMutablePointer<z_stream>

  /// - Parameter direction: what was agreed.
  public init(_ direction: DeflateAgreement.Direction) throws(WebSocketError) {
    self.direction = direction
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard czlib_inflate_init(stream, Int32(-direction.windowBits)) == Z_OK else {
      stream.deallocate()
      throw .compressorUnavailable
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Appends what a part of a message decompresses to.
  ///
  /// - Parameter bytesMaximum: the most that `output` may hold.
  public func inflate(
    _ part: UnsafeRawBufferPointer, into output: inout ByteBuffer, bytesMaximum: Int
  ) throws(WebSocketError) {
    var offset = 0
    while offset < part.count {
      let count = min(part.count - offset, 1 << 30)
      let piece = UnsafeRawBufferPointer(rebasing: part[offset..<offset + count])
      offset += count
      try run(piece, &output, bytesMaximum)
    }
  }

  /// Ends a message: appends what is left of it, and forgets it unless the context is kept.
  public func finishMessage(into output: inout ByteBuffer, bytesMaximum: Int) throws(WebSocketError) {
    // What every sender leaves away.
    let tail: InlineArray<4, UInt8> = [0x00, 0x00, 0xff, 0xff]
    try withUnsafeBytes(of: tail) { bytes throws(WebSocketError) in
      try run(bytes, &output, bytesMaximum)
    }
    if !direction.keepsContext { inflateReset(stream) }
  }

  private func run(
    _ part: UnsafeRawBufferPointer, _ output: inout ByteBuffer, _ bytesMaximum: Int
  ) throws(WebSocketError) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: part.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(part.count)
    let stream = stream
    while true {
      var result = Z_OK
      // One byte of room over the limit, to see it exceeded.
      let limit = min(bytesMaximum, Int.max - 1) - output.count + 1
      output.withWritableBytes(minimum: min(Self.stepBytes, limit)) { room in
        let count = min(room.count, limit, Int(UInt32.max))
        stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(count)
        result = CZlib.inflate(stream, Z_SYNC_FLUSH)
        return count - Int(stream.pointee.avail_out)
      }
      if output.count > bytesMaximum { throw .messageTooLarge(bytesMaximum: bytesMaximum) }
      switch result {
      case Z_OK:
        if stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0 { return }
      case Z_BUF_ERROR:
        // No progress without more input: it is all taken.
        guard stream.pointee.avail_in == 0 else { throw .undecodable }
        return
      case Z_STREAM_END:
        // A final block ends the stream but not the message, nor what later ones may refer to.
        guard inflateResetKeep(stream) == Z_OK else { throw .undecodable }
        if stream.pointee.avail_in == 0 { return }
      default:
        throw .undecodable
      }
    }
  }
}
