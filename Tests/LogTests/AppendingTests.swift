// Appending: offsets, order, durability, conditions, producers, limits.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Appending")
struct AppendingTests {
  @Test("records are there, in order, after the log is closed and opened again")
  func survivesClosing() async throws {
    let fixture = try LogFixture()
    let name = try TopicName("events")
    try await fixture.withLog { log in
      let partition = try await log.createTopic(name, smallSegments()).partitions[0]
      for index in 0..<500 {
        let receipt = try await partition.append(Record("value \(index)", key: "k\(index % 7)"))
        #expect(receipt.first == LogOffset(Int64(index)))
      }
      #expect(partition.table.segments.count > 3)
      let texts = try partition.contents().map(\.text)
      #expect(texts == (0..<500).map { "value \($0)" })
    }
    try await fixture.withLog { log in
      let partition = try log.partition(PartitionID(name, 0))
      let records = try partition.contents()
      #expect(records.map(\.text) == (0..<500).map { "value \($0)" })
      #expect(records.map(\.offset) == Array(0..<500))
      let receipt = try await partition.append(Record("more"))
      #expect(receipt.first == 500)
      #expect(try partition.contents(from: .offset(490)).last?.text == "more")
    }
  }

  @Test("many tasks append at once and every record is there once")
  func manyAtOnce() async throws {
    let fixture = try LogFixture()
    try await fixture.withLog { log in
      let partition = try await log.createTopic(try TopicName("events"), smallSegments()).partitions[0]
      let offsets = try await withThrowingTaskGroup(of: [LogOffset].self) { group in
        for producer in 0..<16 {
          group.addTask {
            var offsets: [LogOffset] = []
            for index in 0..<50 {
              offsets.append(try await partition.append(Record("\(producer)/\(index)")).first)
            }
            return offsets
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(Set(offsets).count == 800)
      let texts = try partition.contents().map(\.text)
      #expect(Set(texts).count == 800)
      for producer in 0..<16 {
        let own = texts.filter { $0.hasPrefix("\(producer)/") }
        #expect(own == (0..<50).map { "\(producer)/\($0)" })
      }
    }
  }
}
