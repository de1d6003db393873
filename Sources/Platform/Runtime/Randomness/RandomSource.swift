// Randomness is injected like time. `SystemRandom` asks the kernel; `SeededRandom` repeats itself from a
// seed, which is how a failing simulation is run again.

import CLinux
import Glibc

/// Where random numbers come from.
public protocol RandomSource: Sendable {
  /// Sixty-four random bits.
  func next() -> UInt64
  /// Fills `bytes` with random ones.
  func fill(_ bytes: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
  /// A number from 0 up to, not including, `bound`, each equally likely.
  public func next(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "no number lies below zero")
    // Lemire's multiply-shift: the rejected sliver makes every value equally likely.
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let sliver = (0 &- bound) % bound
      while product.low < sliver { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }
}

/// The kernel's generator (getrandom). Fit for identifiers and keys.
public struct SystemRandom: RandomSource {
  /// The kernel's generator.
  public init() {}

  /// Sixty-four bits from the kernel.
  public func next() -> UInt64 {
    var value: UInt64 = 0
    withUnsafeMutableBytes(of: &value) { fill($0) }
    return value
  }

  /// Fills `bytes` from the kernel. There is no safe way to go on without randomness, so a kernel that
  /// has none ends the process.
  public func fill(_ bytes: UnsafeMutableRawBufferPointer) {
    var filled = 0
    while filled < bytes.count {
      let got = clinux_getrandom(bytes.baseAddress.map { $0 + filled }, bytes.count - filled)
      if got > 0 {
        filled += got
      } else {
        precondition(got < 0 && errno == EINTR, "getrandom failed: the kernel gives no randomness")
      }
    }
  }
}

/// A generator that gives the same numbers for the same seed (xoshiro256**). Never for keys.
public final class SeededRandom: RandomSource {
  private let state: Locked<(UInt64, UInt64, UInt64, UInt64)>

  /// A generator whose whole future follows from `seed`.
  public init(seed: UInt64) {
    var mixer = seed
    func mix() -> UInt64 {
      // SplitMix64, as the generator's authors advise for seeding.
      mixer &+= 0x9e37_79b9_7f4a_7c15
      var z = mixer
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    state = Locked((mix(), mix(), mix(), mix()))
  }

  /// The next sixty-four bits of the sequence.
  public func next() -> UInt64 {
    state.withLock { Self.step(&$0) }
  }

  /// Fills `bytes` from the sequence.
  public func fill(_ bytes: UnsafeMutableRawBufferPointer) {
    state.withLock { state in
      var offset = 0
      while offset < bytes.count {
        withUnsafeBytes(of: Self.step(&state).littleEndian) { word in
          let part = min(8, bytes.count - offset)
          UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + part])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: word[0..<part]))
          offset += part
        }
      }
    }
  }

  private static func step(_ s: inout (UInt64, UInt64, UInt64, UInt64)) -> UInt64 {
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotate(s.1 &* 5, 7) &* 9
    let t = s.1 << 17
    s.2 ^= s.0
    s.3 ^= s.1
    s.1 ^= s.2
    s.0 ^= s.3
    s.2 ^= t
    s.3 = rotate(s.3, 45)
    return result
  }
}
