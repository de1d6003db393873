// Masking (RFC 6455 section 5.3): the payload combined with a key by exclusive or, which is its own reverse.

/// The four bytes that a client's payload is masked with.
public struct MaskKey: Hashable, Sendable {
  /// The key with its first byte lowest, whatever the machine's order.
  let littleEndianValue: UInt32

  /// The key as it lies in memory, read as an integer of the machine's order.
  init(wire: UInt32) { littleEndianValue = UInt32(littleEndian: wire) }

  /// The key whose first byte is the lowest of `value`.
  public init(littleEndian value: UInt32) { littleEndianValue = value }

  /// Masks, or unmasks, `bytes` in place.
  ///
  /// - Parameter offset: where in the payload `bytes` begin.
  public func apply(to bytes: UnsafeMutableRawBufferPointer, offset: Int = 0) {
    guard let base = bytes.baseAddress else { return }
    // Turned so that its lowest byte belongs to the first of `bytes`.
    let shift = UInt32(truncatingIfNeeded: offset & 3) * 8
    let key = shift == 0 ? littleEndianValue : littleEndianValue >> shift | littleEndianValue << (32 - shift)
    let wide = (UInt64(key) << 32 | UInt64(key)).littleEndian
    var index = 0
    let wideEnd = bytes.count & ~7
    while index < wideEnd {
      let word = (base + index).loadUnaligned(as: UInt64.self)
      (base + index).storeBytes(of: word ^ wide, as: UInt64.self)
      index &+= 8
    }
    var rest = key
    while index < bytes.count {
      let byte = (base + index).load(as: UInt8.self)
      (base + index).storeBytes(of: byte ^ UInt8(truncatingIfNeeded: rest), as: UInt8.self)
      rest = rest >> 8 | rest << 24
      index &+= 1
    }
  }
}
