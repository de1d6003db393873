// CRC-32 (IEEE 802.3): what gzip, zip and zlib's crc32() carry. ISA-L does the work.

public import CIsal

/// A CRC-32 being computed, and the finished thing.
public struct CRC32: Hashable, Sendable {
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
    CRCCombination.ieee.combine(first, second, secondByteCount: secondByteCount)
  }

  @inlinable
  static func update(_ value: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return value }
    // Unlike its sibling for CRC-32C, this one inverts by itself and counts in 64 bits.
    return crc32_gzip_refl(value, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }
}
