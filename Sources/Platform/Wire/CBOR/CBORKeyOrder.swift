// The two orders in which deterministic CBOR sorts the keys of a map.

import Glibc

/// An order of encoded map keys.
public enum CBORKeyOrder: Hashable, Sendable {
  /// Bytewise lexicographic order of the encoded keys: core deterministic encoding (RFC 8949, 4.2.1).
  case bytewise
  /// Shorter encoded keys first, then bytewise: length-first deterministic encoding (RFC 8949, 4.2.3).
  case lengthFirst

  /// Below zero when `left` sorts first, zero when the encoded keys are the same.
  func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    if self == .lengthFirst && left.count != right.count { return left.count - right.count }
    return compareBytewise(left, right)
  }
}

/// Below zero when `left` sorts first bytewise, zero when both are the same bytes.
func compareBytewise(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let common = min(left.count, right.count)
  if common > 0, let leftBase = left.baseAddress, let rightBase = right.baseAddress {
    let order = memcmp(leftBase, rightBase, common)
    if order != 0 { return Int(order) }
  }
  return left.count - right.count
}
