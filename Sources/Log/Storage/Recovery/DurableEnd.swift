// The file that says up to which offset a partition is durable. The writer rewrites it in place after every
// sync and before it answers, so that readers in other processes never see a record that a power cut could
// take back, and always see one that was acknowledged. It is never synced: after a power cut it may be older
// than the truth, which makes it a lower bound that recovery can trust.
//
// Sixteen bytes, big-endian: "VDE1", the offset in 64 bits, CRC-32C of those twelve bytes.

import Bytes
import Files
import Wire

/// Reads and writes the durable end of a partition.
struct DurableEnd {
  static let byteCount = 16
  private static let magic: UInt32 = 0x5644_4531

  let file: File

  init(_ directory: SegmentDirectory) throws(FileError) {
    file = try directory.files.open(directory.durableEnd, [.read, .write, .create])
  }

  /// Everything before `offset` is durable.
  func write(_ offset: Int64) throws(FileError) {
    var words: (UInt64, UInt64) = (0, 0)
    let result: Result<Void, FileError> = withUnsafeMutableBytes(of: &words) { memory in
      memory.storeBytes(of: Self.magic.bigEndian, as: UInt32.self)
      memory.storeBytes(of: offset.bigEndian, toByteOffset: 4, as: Int64.self)
      let checksum = CRC32C.checksum(
        of: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<12]))
      memory.storeBytes(of: checksum.bigEndian, toByteOffset: 12, as: UInt32.self)
      do throws(FileError) {
        return .success(try file.write(UnsafeRawBufferPointer(memory), at: 0))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// What the file of a partition says; nil when there is none, or what it holds is torn.
  static func read(_ directory: SegmentDirectory) throws(FileError) -> Int64? {
    let bytes: ByteBuffer
    do {
      bytes = try directory.files.contents(of: directory.durableEnd, bytesMaximum: 4096)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
    return parse(bytes)
  }

  /// The offset in the file's bytes; nil when they are not what was written.
  static func parse(_ bytes: ByteBuffer) -> Int64? {
    guard bytes.count == byteCount else { return nil }
    return bytes.withReadableBytes { memory in
      let magic = UInt32(bigEndian: memory.loadUnaligned(as: UInt32.self))
      let offset = Int64(bigEndian: memory.loadUnaligned(fromByteOffset: 4, as: Int64.self))
      let checksum = UInt32(bigEndian: memory.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      let isWhole =
        magic == Self.magic && offset >= 0
        && checksum == CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: memory[..<12]))
      return isWhole ? offset : nil
    }
  }
}
