// What a server has of a call: messages in, messages out. The typed side is here in GRPC; the side that moves the bytes is
// in GRPCServer.

package import Bytes

/// The messages of a call that is being answered. On the call's loop only.
package protocol GRPCServerStream: AnyObject, Sendable {
  /// The next message, decompressed; nil after the last.
  func receive() async throws(GRPCStatus) -> ByteBuffer?

  /// Sends a message; suspends while the client is too far behind.
  ///
  /// - Parameter frame: the message with its prefix, not compressed.
  func send(_ frame: ByteBuffer) async throws(GRPCStatus)

  /// Whether the server is coming to its end.
  var isDraining: Bool { get }
}
