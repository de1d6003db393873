// Messages to frames and back. A message is encoded behind the place of its prefix, so that nothing is moved when its
// length is known.

import Bytes
import Wire

extension Message {
  /// The message with its prefix, not compressed.
  func framed() throws(GRPCStatus) -> ByteBuffer {
    let size = serializedSize
    var frame = ByteBuffer(capacity: GRPCFrameDecoder.prefixBytes + size)
    GRPCFrameDecoder.writePrefix(isCompressed: false, count: size, to: &frame)
    do throws(ProtobufError) {
      try serialize(into: &frame)
    } catch {
      throw GRPCStatus(.internal, "\(Self.protoMessageName) cannot be sent: \(error)")
    }
    return frame
  }

  /// The message of a frame's bytes.
  init(received bytes: ByteBuffer) throws(GRPCStatus) {
    do throws(ProtobufError) {
      try self.init(serializedBytes: bytes)
    } catch {
      throw GRPCStatus(.internal, "what came is no \(Self.protoMessageName): \(error)")
    }
  }
}
