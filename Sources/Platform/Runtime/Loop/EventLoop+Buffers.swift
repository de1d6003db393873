// The loop's spare buffers, for those who read or write through something that stands before a connection.

package import Bytes

extension EventLoop {
  /// An empty buffer with room for 16 KiB, from the loop's spares if it has one. On the loop only.
  package func takeBuffer() -> ByteBuffer {
    precondition(isCurrent, "a loop's buffers stay on the loop")
    return core.pointee.buffers.take()
  }

  /// Takes the storage of `buffer`, which is dropped with what is in it. On the loop only.
  package func giveBuffer(_ buffer: inout ByteBuffer) {
    precondition(isCurrent, "a loop's buffers stay on the loop")
    core.pointee.buffers.give(&buffer)
  }
}
