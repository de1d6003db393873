// Positions: as text, and waiting for one.

import Database
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

  @Test("tables are behind for as long as events that they lack have been there")
  func lag() {
    var marks = LagMarks()
    // When, how far the tables are, where the log ends, for how many seconds they lack something.
    let looks: [(UInt64, position: Int64, end: Int64, Int64)] = [
      (0, 0, 0, 0), (1, 5, 5, 0), (2, 5, 6, 0), (3, 5, 9, 1), (4, 5, 9, 2),
      // The event of second 2 is applied, those of second 3 are not.
      (5, 6, 9, 2), (6, 9, 9, 0),
      // Always a little behind, and never for long.
      (7, 9, 11, 0), (8, 11, 13, 0), (9, 13, 15, 0), (10, 15, 15, 0),
      // Further than this node's log.
      (11, 20, 15, 0), (12, 20, 21, 0), (13, 20, 21, 1),
    ]
    for (second, position, end, expected) in looks {
      let now = MonotonicInstant(nanoseconds: second * 1_000_000_000)
      #expect(marks.note(position: position, end: end, at: now) == .seconds(expected), "second \(second)")
    }
  }

  @Test("however long tables stand still, it is known since when, and little is remembered")
  func longLag() {
    var marks = LagMarks()
    for second in 0..<UInt64(10 * LagMarks.countMaximum) {
      let now = MonotonicInstant(nanoseconds: second * 1_000_000_000)
      #expect(marks.note(position: 0, end: Int64(second) + 1, at: now) == .seconds(Int64(second)))
      #expect(marks.count <= LagMarks.countMaximum)
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

@Suite("After a setback") struct SetbackTests {
  static let partition = PartitionID(SkipList.topic, 0)

  @Test(
    "what may pass by itself is tried again, what only an operator can mend is not",
    arguments: [
      // The log of a node that shares its tables may come up.
      (.ahead(partition, tables: 5, log: 3), true), (.behind(partition, tables: 3, log: 5), false),
      (.log(.closed), true), (.database(.disconnected(target: "t", reason: "r")), true),
      (.database(.storage(target: "t", reason: "r")), true),
      (.database(.statement(sql: "q", reason: "r")), false),
      (.stopped(ProjectionFailure(partition: partition, offset: 3, cause: "c", time: 0)), false),
      (.otherVersion("accounts", tables: 1, program: 2), false), (.closed, false),
    ] as [(EngineError, Bool)])
  func retries(_ cause: EngineError, _ isTriedAgain: Bool) {
    var setback = Setback(cause)
    let mayTryAgain = setback.mayTryAgain(skips: SkipList())
    #expect(mayTryAgain == isTriedAgain)
  }

  @Test("a cause is news once, until another comes")
  func news() {
    let first = Setback(.closed)
    let second = Setback(.closed, after: first)
    #expect(first.isNews && !second.isNews)
    #expect(Setback(.ahead(Self.partition, tables: 5, log: 3), after: second).isNews)
  }
}
