// Random bytes that nobody can guess.
//
// Failure ends the process. OpenSSL seeds its generator from the kernel, which can refuse only before it has
// any entropy (early boot) or where a sandbox forbids getrandom(2). A server that went on would make keys and
// nonces that can be guessed, and an error that some caller might retry or ignore invites just that.

public import Bytes
import COpenSSL

/// The operating system's randomness, by way of OpenSSL's generator.
public enum SecureRandom {
  /// OpenSSL takes lengths as `int`; larger fills go by pieces.
  static let pieceBytesMaximum = 1 << 30

  /// Fills `target` with random bytes.
  public static func fill(_ target: UnsafeMutableRawBufferPointer) {
    forEachPiece(of: target) { demand(RAND_bytes($0, $1), "make random bytes") }
  }

  /// Fills `target` from the generator that serves secrets only, so that random bytes that are shown to
  /// others (nonces, identifiers) say nothing about keys.
  static func fillSecret(_ target: UnsafeMutableRawBufferPointer) {
    forEachPiece(of: target) { demand(RAND_priv_bytes($0, $1), "make a random secret") }
  }

  /// `count` random bytes.
  public static func bytes(count: Int) -> ByteBuffer {
    precondition(count >= 0, "negative count")
    var buffer = ByteBuffer(capacity: count)
    _ = buffer.withWritableBytes(minimum: count) { room in
      fill(UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
      return count
    }
    return buffer
  }

  /// A random value of fixed length.
  public static func value<let size: Int>(_ type: FixedBytes<size>.Type = FixedBytes<size>.self)
    -> FixedBytes<size>
  {
    var value = FixedBytes<size>()
    value.withMutableBytes { fill($0) }
    return value
  }

  private static func forEachPiece(
    of target: UnsafeMutableRawBufferPointer, _ fill: (UnsafeMutablePointer<UInt8>, Int32) -> Void
  ) {
    guard let base = target.bindMemory(to: UInt8.self).baseAddress else { return }
    var offset = 0
    while offset < target.count {
      let length = min(target.count - offset, pieceBytesMaximum)
      fill(base + offset, Int32(length))
      offset += length
    }
  }
}
