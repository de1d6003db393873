// Makes request identifiers from the injected clock and randomness.

public import Runtime

/// Where a process gets its request identifiers.
public final class RequestIDSource: Sendable {
  private struct Last {
    var milliseconds: UInt64 = 0
    var tail: UInt64 = 0
    /// Random numbers asked for ahead: a quiet server would otherwise ask the kernel for every request.
    var spares = InlineArray<32, UInt64>(repeating: 0)
    var sparesLeft = 0

    mutating func draw(from random: any RandomSource) -> UInt64 {
      if sparesLeft == 0 {
        withUnsafeMutableBytes(of: &spares) { random.fill($0) }
        sparesLeft = 32
      }
      sparesLeft -= 1
      return spares[sparesLeft]
    }
  }

  private let time: any TimeSource
  private let random: any RandomSource
  private let last = Locked(Last())

  /// A source that reads `time` and `random`.
  public init(time: some TimeSource = SystemTime(), random: some RandomSource = SystemRandom()) {
    self.time = time
    self.random = random
  }

  /// The next identifier: greater than every one this source made before, even when the clock stepped back.
  ///
  /// The tail is random once a millisecond and counts up from there, so sources of different processes do
  /// not meet, and a busy millisecond draws only once.
  public func next() -> RequestID {
    let now = UInt64(max(0, time.wall.milliseconds))
    return last.withLock { last in
      if now > last.milliseconds {
        last.milliseconds = now
        // The top bit is left clear: 2^51 identifiers fit behind the random start.
        last.tail = last.draw(from: random) >> 13
      } else {
        last.tail += 1
        if last.tail >> 52 != 0 {
          last.milliseconds += 1
          last.tail = last.draw(from: random) >> 13
        }
      }
      return RequestID(milliseconds: last.milliseconds, tail: last.tail)
    }
  }
}
