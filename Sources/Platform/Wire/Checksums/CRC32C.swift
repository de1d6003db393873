// CRC-32C (Castagnoli): what our records, SeaweedFS needles and iSCSI carry. ISA-L does the work.

public import CIsal

/// A CRC-32C being computed, and the finished thing.
public struct CRC32C: Hashable, Sendable {
  /// The checksum of the bytes so far.
  public var value: UInt32

  /// The checksum of no bytes, or one to go on from.
  @inlinable
  public init(resuming value: UInt32 = 0) { self.value = value }

  /// Adds bytes.
  @inlinable
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    value = Self.update(value, bytes)
  }

  /// Adds bytes.
  @inlinable
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The checksum of `bytes`.
  @inlinable
  public static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 { update(0, bytes) }

  /// The checksum of `bytes`.
  @inlinable
  public static func checksum(of bytes: RawSpan) -> UInt32 {
    bytes.withUnsafeBytes { update(0, $0) }
  }

  /// The checksum of two adjacent blocks from the checksum of each and the length of the second, in time
  /// that grows with the logarithm of that length.
  public static func combine(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    CRCCombination.castagnoli.combine(first, second, secondByteCount: secondByteCount)
  }

  @inlinable
  static func update(_ value: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return value }
    if bytes.count > pieceMaximum { return updateInPieces(value, bytes) }
    // ISA-L reads only, whatever its signature says, and inverts neither what it is given nor its answer.
    let start = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    return ~crc32_iscsi(start, Int32(truncatingIfNeeded: bytes.count), ~value)
  }

  /// ISA-L counts in a C `int`.
  @inlinable static var pieceMaximum: Int { 1 << 30 }

  @usableFromInline
  static func updateInPieces(_ value: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value = value
    var start = 0
    while start < bytes.count {
      let end = Swift.min(bytes.count, start + pieceMaximum)
      value = update(value, UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      start = end
    }
    return value
  }
}
