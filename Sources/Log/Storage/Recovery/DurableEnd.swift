// The file that says up to which offset a partition is durable. The writer rewrites it in place after every
// sync and before it answers, so that readers in other processes never see a record that a power cut could
// take back, and always see one that was acknowledged. It is never synced: after a power cut it may be older
// than the truth, which makes it a lower bound that recovery can trust.
//
// Sixteen bytes, big-endian: "VDE1", the offset in 64 bits, CRC-32C of those twelve bytes.

import Bytes
public import Files
import Wire

/// Reads and writes the durable end of a partition.
public struct DurableEnd {
  static let byteCount = 16
  /// More than the file ever has.
  private static let bytesMaximum = 4096
  private static let magic: UInt32 = 0x5644_4531

  let file: File

  init(_ directory: SegmentDirectory) throws(FileError) {
    file = try directory.files.open(directory.durableEnd, [.read, .write, .create])
  }

  /// Everything before `offset` is durable.
  func write(_ offset: Int64) throws(FileError) {
    try file.write(Self.encoded(offset), at: 0)
  }

  /// The file's bytes.
  private static func encoded(_ offset: Int64) -> ByteBuffer {
    var bytes = ByteBuffer(capacity: byteCount)
    bytes.append(bigEndian: magic)
    bytes.append(bigEndian: offset)
    bytes.append(bigEndian: bytes.withReadableBytes { CRC32C.checksum(of: $0) })
    return bytes
  }

  /// What a look at the file finds.
  public enum Look: Equatable, Sendable {
    /// There is none.
    case missing
    /// Torn, or being written just now.
    case malformed
    /// Everything before this is durable.
    case offset(Int64)
  }

  /// Looks at the file of a partition.
  public static func look(_ directory: SegmentDirectory) throws(FileError) -> Look {
    let bytes: ByteBuffer
    do {
      bytes = try directory.files.contents(of: directory.durableEnd, bytesMaximum: bytesMaximum)
    } catch .fileTooLarge {
      return .malformed
    } catch {
      if error.isNotFound { return .missing }
      throw error
    }
    return parse(bytes).map { .offset($0) } ?? .malformed
  }

  /// What the file of a partition says; nil when there is none, or what it holds is torn.
  static func read(_ directory: SegmentDirectory) throws(FileError) -> Int64? {
    if case .offset(let offset) = try look(directory) { return offset }
    return nil
  }

  /// Puts `end` in place of what the file says, durably, as only a repair must: for it may be lower.
  public static func replace(with end: Int64, in directory: SegmentDirectory) throws(FileError) {
    try directory.files.replace(atomically: directory.durableEnd, with: encoded(end))
  }

  /// Says that everything before `end` is durable, unless the file says so already.
  static func publish(_ end: Int64, _ directory: SegmentDirectory) throws(FileError) {
    if try read(directory) == end { return }
    let durableEnd = try DurableEnd(directory)
    if try durableEnd.file.status().bytes > byteCount { try durableEnd.file.truncate(to: byteCount) }
    try durableEnd.write(end)
    try durableEnd.file.close()
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
