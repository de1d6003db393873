// Positions: as text, and waiting for one.

import Log
import Runtime
import Testing

@testable import Projections

@Suite("Positions") struct PositionTests {
  @Test("a token is read as it was written, and nothing else is")
  func tokens() throws {
    let token = PositionToken(PartitionID(try TopicName("cluster"), 3), next: 1234)
    #expect(token.description == "cluster-3@1234")
    #expect(PositionToken(token.description) == token)
    for text in [
      "", "@", "cluster@1", "cluster-3@", "cluster-3@-1", "cluster-3@01", "cluster-3@1@2x", "-1@0",
      "a-0@99999999999999999999",
    ] {
      #expect(PositionToken(text) == nil, "\(text)")
    }
  }

  @Test("who waits for a position is woken when it is reached, and no one else")
  func waiting() async {
    let watch = PositionWatch(5, time: SystemTime())
    #expect(await watch.wait(for: 5, timeout: .zero))
    async let six = watch.wait(for: 6, timeout: .seconds(60))
    async let eight = watch.wait(for: 8, timeout: .seconds(60))
    watch.advance(to: 7)
    #expect(await six)
    watch.close()
    #expect(await !eight)
    #expect(watch.next == 7)
  }

  @Test("waiting ends with its time, and with its task")
  func ends() async {
    let time = ManualTime()
    let watch = PositionWatch(0, time: time)
    async let late = watch.wait(for: 1, timeout: .seconds(1))
    // Until the sleeper is there, moving the clock does not reach it.
    while time.sleeperCount == 0 { await Task.yield() }
    time.advance(by: .seconds(1))
    #expect(await !late)
    let task = Task { await watch.wait(for: 1, timeout: .seconds(60)) }
    task.cancel()
    #expect(await !task.value)
  }
}
