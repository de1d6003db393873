// Which segments may go: by age, by size, and what holds them back.

import Testing

@testable import Log

@Suite("Retention plans")
struct RetentionPlanTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    var age: Duration?
    var bytes: Int?
    var floor: Int64?
    /// Bases of what is to go, and of what is held.
    let doomed: [Int64]
    let held: [Int64]
    var testDescription: String { name }
  }

  /// Segments of 100 bytes and ten records each; the latest records are a second apart, the last segment is active.
  private static let segments = (0..<5).map { index in
    AgedSegment(
      info: SegmentInfo(base: Int64(index) * 10, bytes: 100), latest: index == 4 ? nil : Int64(index) * 1000)
  }

  @Test(
    "whole segments go, oldest first, as far as the settings and the lowest position let them",
    arguments: [
      Case(name: "no limits", doomed: [], held: []),
      Case(name: "older than", age: .seconds(8), doomed: [0, 10], held: []),
      Case(name: "exactly as old stays", age: .seconds(10), doomed: [], held: []),
      Case(
        name: "everything is old: the active one stays", age: .seconds(1), doomed: [0, 10, 20, 30], held: []),
      Case(name: "larger than", bytes: 250, doomed: [0, 10], held: []),
      Case(name: "at least as much as is to be kept is kept", bytes: 301, doomed: [0], held: []),
      Case(name: "nothing is to be kept: the active one stays", bytes: 0, doomed: [0, 10, 20, 30], held: []),
      Case(name: "less than there is to be kept", bytes: 500, doomed: [], held: []),
      Case(name: "age and size each let go", age: .seconds(9), bytes: 250, doomed: [0, 10], held: []),
      Case(name: "a position at a segment's end", bytes: 0, floor: 20, doomed: [0, 10], held: [20, 30]),
      Case(name: "a position inside a segment", bytes: 0, floor: 19, doomed: [0], held: [10, 20, 30]),
      Case(name: "a position at the beginning", age: .seconds(8), floor: 0, doomed: [], held: [0, 10]),
      Case(name: "a position past the end", bytes: 250, floor: 1000, doomed: [0, 10], held: []),
    ])
  func plans(_ example: Case) {
    var settings = TopicSettings()
    settings.retentionAge = example.age
    settings.retentionBytes = example.bytes
    let plan = RetentionPlan(Self.segments, settings, now: 10_000, floor: example.floor)
    #expect(plan.doomed.map(\.base) == example.doomed)
    #expect(plan.held.map(\.base) == example.held)
  }

  @Test("a young segment keeps older-looking ones behind it")
  func youngInFront() {
    var settings = TopicSettings()
    settings.retentionAge = .seconds(1)
    var segments = Self.segments
    segments[1] = AgedSegment(info: segments[1].info, latest: 9_999)
    let plan = RetentionPlan(segments, settings, now: 10_000, floor: nil)
    #expect(plan.doomed.map(\.base) == [0])
  }
}
