// Numbers at fixed places, most significant byte first: how every fixed field of the format is stored.

extension UnsafeRawPointer {
  /// The integer stored `offset` bytes from here.
  @inlinable
  @inline(__always)
  func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Integer.Type = Integer.self
  ) -> Integer {
    Integer(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}

extension UnsafeMutableRawPointer {
  /// Stores an integer `offset` bytes from here.
  @inlinable
  @inline(__always)
  func store<Integer: FixedWidthInteger & BitwiseCopyable>(bigEndian value: Integer, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
  }
}
