import Glibc
import Runtime
import Testing

@Suite("Time, randomness, threads") struct TimeAndRandomnessTests {
  @Test(arguments: [
    (0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2),
  ])
  func millisecondsRoundDown(nanoseconds: Int64, milliseconds: Int64) {
    #expect(Timestamp(nanoseconds: nanoseconds).milliseconds == milliseconds)
  }

  @Test func durationsAreCappedNotWrapped() {
    #expect(Duration.seconds(-1).wholeNanoseconds == 0)
    #expect(Duration.nanoseconds(1).wholeNanoseconds == 1)
    #expect(Duration.milliseconds(1_500).wholeNanoseconds == 1_500_000_000)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(MonotonicInstant(nanoseconds: 5).advanced(by: .seconds(Int64.max)).nanoseconds == .max)
    #expect(MonotonicInstant(nanoseconds: 5).since(MonotonicInstant(nanoseconds: 9)) == .zero)
  }

  @Test func theMachinesClocksGoForward() {
    let time = SystemTime()
    let before = (time.monotonic, time.wall)
    var after = time.monotonic
    while after == before.0 { after = time.monotonic }
    #expect(after > before.0)
    // Later than when this was written.
    #expect(before.1.nanoseconds > 1_700_000_000_000_000_000)
    #expect(!time.isManual)
  }

  @Test func aManualClockMovesBothWaysOnlyInItsCivilHalf() {
    let time = ManualTime(wall: Timestamp(nanoseconds: 100))
    let moves = TestCounter()
    time.onMove { moves.add() }
    let before = time.monotonic
    time.advance(by: .nanoseconds(7))
    #expect(time.monotonic.since(before) == .nanoseconds(7))
    #expect(time.wall.nanoseconds == 107)
    time.setWall(Timestamp(nanoseconds: 3))
    #expect(time.wall.nanoseconds == 3)
    #expect(time.monotonic.since(before) == .nanoseconds(7))
    #expect(moves.value == 1)
  }

  @Test func theSameSeedGivesTheSameNumbers() {
    let (one, two, other) = (SeededRandom(seed: 9), SeededRandom(seed: 9), SeededRandom(seed: 10))
    let numbers = (0..<100).map { _ in one.next() }
    #expect(numbers == (0..<100).map { _ in two.next() })
    #expect(numbers != (0..<100).map { _ in other.next() })
    #expect(Set(numbers).count == 100)
  }

  /// xoshiro256** from the state that SplitMix64 makes of seed 0, computed apart from this code.
  @Test func followsThePublishedGenerator() {
    let random = SeededRandom(seed: 0)
    #expect(
      (0..<3).map { _ in random.next() } == [
        0x99ec_5f36_cb75_f2b4, 0xbf6e_1f78_4956_452a, 0x1a5f_849d_4933_e6e0,
      ])
  }

  @Test func fillsEveryByte() {
    for source in [SeededRandom(seed: 1), SystemRandom()] as [any RandomSource] {
      for count in [0, 1, 7, 8, 9, 300] {
        var seen = [Bool](repeating: false, count: count)
        var guarded = [UInt8](repeating: 0, count: count + 1)
        for _ in 0..<40 {
          guarded.withUnsafeMutableBytes {
            source.fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
          }
          for index in 0..<count where guarded[index] != 0 { seen[index] = true }
        }
        #expect(!seen.contains(false))
        #expect(guarded[count] == 0)
      }
    }
  }

  @Test func numbersBelowABoundAreEven() {
    let random = SeededRandom(seed: 3)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[Int(random.next(below: 6))] += 1 }
    for count in counts { #expect(abs(count - 10_000) < 500) }
    #expect(random.next(below: 1) == 0)
  }

  @Test func aThreadRunsItsBodyAndIsJoined() throws {
    let counter = TestCounter()
    let name = Locked("")
    let threads = try (0..<4).map { index in
      try SystemThread.start(name: "a-rather-long-name-\(index)") {
        for _ in 0..<1_000 { counter.add() }
        var room = [UInt8](repeating: 0, count: 32)
        let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
        let count = read(file, &room, room.count)
        close(file)
        let text = String(decoding: room.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
        name.withLock { $0 = text }
      }
    }
    for thread in threads { thread.join() }
    #expect(counter.value == 4_000)
    #expect(name.withLock { $0 } == "a-rather-long-n")
  }

  @Test func aLockedValueIsSeenByOneThreadAtATime() throws {
    let value = Locked(0)
    let threads = try (0..<4).map { _ in
      try SystemThread.start(name: "count") {
        for _ in 0..<5_000 { value.withLock { $0 = $0 + 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(value.withLock { $0 } == 20_000)
  }
}
