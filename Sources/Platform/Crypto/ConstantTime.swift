// Comparison that tells an attacker nothing by how long it takes.

import COpenSSL

/// Whether two runs of bytes are equal, in a time that depends on their length only. Lengths are not secret:
/// unequal ones return at once.
public func constantTimeEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
  guard left.byteCount == right.byteCount else { return false }
  return left.withUnsafeBytes { one in
    right.withUnsafeBytes { other in
      guard let one = one.baseAddress, let other = other.baseAddress else { return true }
      return CRYPTO_memcmp(one, other, left.byteCount) == 0
    }
  }
}
