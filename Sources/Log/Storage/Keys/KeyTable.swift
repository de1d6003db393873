// The last offset of every key of a partition, for appends that name one. Keys are remembered by digest, 16
// bytes each however long they are; two keys with one digest would be a collision of truncated SHA-256.

import Bytes
import Crypto

/// A key in 16 bytes.
struct KeyDigest: Hashable {
  let high: UInt64
  let low: UInt64

  init(_ key: RawSpan) {
    var words: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &words) { SHA256.hash(key).copyPrefix(to: $0) }
    (high, low) = words
  }

  func hash(into hasher: inout Hasher) { hasher.combine(low) }
}

/// The last offset of every key.
struct KeyTable {
  private var offsets: [KeyDigest: Int64] = [:]
  private let keysMaximum: Int
  /// Whether there were more keys than it may remember, so that it cannot be asked any more.
  private(set) var isOverfull = false

  /// Whether every key is in it, and not only those that came since it was made.
  var isComplete = false

  init(keysMaximum: Int) { self.keysMaximum = keysMaximum }

  /// Takes over what came later.
  mutating func absorb(_ later: KeyTable) {
    if later.isOverfull { isOverfull = true }
    for (digest, offset) in later.offsets { note(digest, at: offset) }
  }

  mutating func note(_ key: ByteBuffer, at offset: Int64) { note(KeyDigest(key.readable), at: offset) }

  mutating func note(_ key: RawSpan, at offset: Int64) { note(KeyDigest(key), at: offset) }

  private mutating func note(_ digest: KeyDigest, at offset: Int64) {
    if isOverfull { return }
    offsets[digest] = offset
    if offsets.count > keysMaximum {
      isOverfull = true
      offsets = [:]
    }
  }

  func lastOffset(of key: ByteBuffer) -> Int64? { offsets[KeyDigest(key.readable)] }
}
