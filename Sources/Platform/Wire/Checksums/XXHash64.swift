// xxHash64: a fast hash of bytes, the same on every machine, for fingerprints and tables. It is no protection
// against somebody who chooses the bytes.

/// An xxHash64 being computed.
public struct XXHash64: Sendable {
  // The four lanes take 32 bytes a turn; what is left over waits in `pending`.
  private var lanes: Lanes
  private let seed: UInt64
  private var total = 0
  private var pending: InlineArray<32, UInt8> = .init(repeating: 0)

  /// The hash of no bytes so far.
  public init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = Lanes(seed: seed)
  }

  /// Adds bytes.
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let held = total & 31
    total += bytes.count
    var index = 0
    if held > 0 {
      index = Swift.min(32 - held, bytes.count)
      hold(base, count: index, at: held)
      if held + index < 32 { return }
      withUnsafeBytes(of: &pending) { lanes.take($0.baseAddress!, blocks: 1) }
    }
    let blocks = (bytes.count - index) / 32
    lanes.take(base + index, blocks: blocks)
    index += blocks * 32
    hold(base + index, count: bytes.count - index, at: 0)
  }

  private mutating func hold(_ source: UnsafeRawPointer, count: Int, at start: Int) {
    for offset in 0..<count { pending[start + offset] = (source + offset).load(as: UInt8.self) }
  }

  /// The hash of the bytes so far.
  public var value: UInt64 {
    let start = total >= 32 ? lanes.merged : seed &+ Lanes.prime5
    let rest = pending
    return withUnsafeBytes(of: rest) { bytes in
      Lanes.finish(start &+ UInt64(total), UnsafeRawBufferPointer(rebasing: bytes[..<(total & 31)]))
    }
  }

  /// The hash of `bytes`.
  public static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { hash($0, seed: seed) }
  }

  /// The hash of `bytes`.
  public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    let blocks = bytes.count / 32
    var start = seed &+ Lanes.prime5
    if blocks > 0, let base = bytes.baseAddress {
      var lanes = Lanes(seed: seed)
      lanes.take(base, blocks: blocks)
      start = lanes.merged
    }
    return Lanes.finish(
      start &+ UInt64(bytes.count), UnsafeRawBufferPointer(rebasing: bytes[(blocks * 32)...]))
  }
}

/// The state of the main loop, and the algorithm's own steps.
private struct Lanes {
  static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  private var first: UInt64
  private var second: UInt64
  private var third: UInt64
  private var fourth: UInt64

  init(seed: UInt64) {
    first = seed &+ Self.prime1 &+ Self.prime2
    second = seed &+ Self.prime2
    third = seed
    fourth = seed &- Self.prime1
  }

  @inline(__always)
  mutating func take(_ base: UnsafeRawPointer, blocks: Int) {
    var cursor = base
    for _ in 0..<blocks {
      first = Self.round(first, Self.word(cursor))
      second = Self.round(second, Self.word(cursor + 8))
      third = Self.round(third, Self.word(cursor + 16))
      fourth = Self.round(fourth, Self.word(cursor + 24))
      cursor += 32
    }
  }

  var merged: UInt64 {
    var hash =
      Self.rotate(first, 1) &+ Self.rotate(second, 7) &+ Self.rotate(third, 12) &+ Self.rotate(fourth, 18)
    hash = Self.merge(hash, first)
    hash = Self.merge(hash, second)
    hash = Self.merge(hash, third)
    return Self.merge(hash, fourth)
  }

  /// Mixes in the last bytes, fewer than 32, and makes every bit depend on every other.
  @inline(__always)
  static func finish(_ start: UInt64, _ rest: UnsafeRawBufferPointer) -> UInt64 {
    var hash = start
    if var cursor = rest.baseAddress {
      var left = rest.count
      while left >= 8 {
        hash = rotate(hash ^ round(0, word(cursor)), 27) &* prime1 &+ prime4
        cursor += 8
        left -= 8
      }
      if left >= 4 {
        let half = UInt64(UInt32(littleEndian: cursor.loadUnaligned(as: UInt32.self)))
        hash = rotate(hash ^ half &* prime1, 23) &* prime2 &+ prime3
        cursor += 4
        left -= 4
      }
      while left > 0 {
        hash = rotate(hash ^ UInt64(cursor.load(as: UInt8.self)) &* prime5, 11) &* prime1
        cursor += 1
        left -= 1
      }
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }

  @inline(__always)
  private static func word(_ pointer: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  private static func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* prime1 &+ prime4
  }
}
