// A message for many: framed once, and compressed once, whoever gets it.

import Bytes

/// A message that was made ready to be sent on many connections.
public struct PreparedMessage: Sendable {
  /// What it says.
  public let message: WebSocketMessage
  /// The frame as a server sends it.
  let frame: ByteBuffer
  /// The same compressed, with a window of this many bits and without referring to anything before it.
  let compressedFrame: ByteBuffer?
  let windowBits: Int

  /// Frames a message.
  ///
  /// - Parameters:
  ///   - message: what to send.
  ///   - compression: how to compress it for the connections that agreed to compression; nil sends it to all
  ///     as it is.
  public init(_ message: WebSocketMessage, compression: DeflateOptions? = nil) throws(WebSocketError) {
    self.message = message
    var encoder = FrameEncoder(role: .server)
    var frame = ByteBuffer(capacity: FrameHeader.bytesMaximum + message.payload.count)
    encoder.append(message.kind.opcode, message.payload, to: &frame)
    self.frame = frame
    windowBits = compression?.ownWindowBits ?? 0
    guard let compression, message.payload.count >= compression.messageBytesMinimum else {
      compressedFrame = nil
      return
    }
    compression.check()
    var direction = DeflateAgreement.Direction()
    direction.windowBits = compression.ownWindowBits
    var payload = ByteBuffer()
    try MessageDeflater(direction, compression).deflate(message.payload, into: &payload)
    var compressed = ByteBuffer(capacity: FrameHeader.bytesMaximum + payload.count)
    encoder.append(message.kind.opcode, payload, isCompressed: true, to: &compressed)
    compressedFrame = compressed
  }
}
