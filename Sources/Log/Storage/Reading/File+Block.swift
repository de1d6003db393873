// Reading a file block by block, where what is left of a block is the beginning of the next one.

import Bytes
import Files

extension File {
  /// Reads on behind what `block` holds, which stands at `position`, until it has `count` bytes or the file ends.
  /// What is left moves to the front of the same memory; when somebody keeps a part of it, to other memory.
  func extend(_ block: inout ByteBuffer, to count: Int, at position: Int) throws(FileError) {
    if block.isEmpty { block.clear() }
    let held = block.count
    if count > held { try read(into: &block, count: count - held, at: position + held) }
  }
}
