// Appends that happen only if something is still so, and the limits of an append.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Conditions and limits")
struct ConditionTests {
  private static let name = "events"

  @Test("an append at the next offset happens only there")
  func nextOffset() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(TopicName(Self.name), smallSegments()).partitions[0]
      func append(at offset: LogOffset) async throws -> LogOffset {
        try await partition.append(Record("v"), AppendOptions(conditions: [.nextOffset(offset)])).first
      }
      #expect(try await append(at: 0) == 0)
      #expect(try await append(at: 1) == 1)
      for wrong: LogOffset in [0, 1, 3] {
        await #expect(throws: LogError.conflict(partition.id, expectedNext: wrong, next: 2)) {
          try await append(at: wrong)
        }
      }
      #expect(partition.nextOffset == 2)
    }
  }

  @Test("of many that decided at one offset, one is appended")
  func oneWins() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(TopicName(Self.name), smallSegments()).partitions[0]
      let won = await withTaskGroup(of: Bool.self) { group in
        for index in 0..<20 {
          group.addTask {
            do throws(LogError) {
              try await partition.append(Record("\(index)"), AppendOptions(conditions: [.nextOffset(0)]))
              return true
            } catch {
              return false
            }
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(won == 1)
      #expect(try partition.contents().count == 1)
    }
  }

  @Test(
    "the last offset of a key is known, also of keys from before the log was opened",
    arguments: [false, true])
  func lastOfKey(opensAgain: Bool) async throws {
    let fixture = try LogFixture()
    let topic = try TopicName(Self.name)
    func expectations(_ partition: Partition) async throws {
      func append(_ last: LogOffset?, _ key: String, _ extra: [AppendCondition] = []) async throws
        -> LogOffset
      {
        try await partition.append(
          Record("new", key: key),
          AppendOptions(conditions: [.lastOffset(last, ofKey: ByteBuffer(key))] + extra)
        ).first
      }
      #expect(try await append(48, "b") == 50)
      #expect(try await append(50, "b") == 51)
      #expect(try await append(nil, "never seen") == 52)
      #expect(try await append(49, "c", [.nextOffset(53)]) == 53)
      for (last, key, actual) in [(48, "b", 51), (nil, "a", 47), (3, "other", nil)]
        as [(LogOffset?, String, LogOffset?)]
      {
        await #expect(throws: LogError.keyConflict(partition.id, expectedLast: last, last: actual)) {
          try await append(last, key)
        }
      }
      // One condition of several that does not hold is enough.
      await #expect(throws: LogError.conflict(partition.id, expectedNext: 0, next: 54)) {
        try await append(47, "a", [.nextOffset(0)])
      }
    }
    try await fixture.withLog { log in
      let partition = try await log.createTopic(topic, smallSegments()).partitions[0]
      // 0 a, 1 b, 2 c, 3 a, … with one that has no key at the end of the round.
      for index in 0..<47 {
        try await partition.append(
          Record("\(index)" + String(repeating: " ", count: 200), key: "abc".key(index)))
      }
      try await partition.append(
        [Record("x", key: "a"), Record("y", key: "b"), Record("z", key: "c")], .written)
      if !opensAgain { try await expectations(partition) }
    }
    if opensAgain {
      try await fixture.withLog { try await expectations($0.partition(PartitionID(topic, 0))) }
    }
  }

  @Test("more keys than may be remembered are refused, not answered wrongly")
  func tooManyKeys() async throws {
    try await LogFixture().withLog { log in
      var settings = smallSegments()
      settings.keysMaximum = 10
      let partition = try await log.createTopic(TopicName(Self.name), settings).partitions[0]
      for index in 0..<11 { try await partition.append(Record("v", key: "\(index)"), .written) }
      await #expect(throws: LogError.tooManyKeys(partition.id, keysMaximum: 10)) {
        try await partition.append(
          Record("v"), AppendOptions(conditions: [.lastOffset(3, ofKey: ByteBuffer("3"))]))
      }
      // Others do not suffer.
      try await partition.append(Record("v", key: "3"))
    }
  }

  @Test("what is larger than the topic takes is refused with both numbers")
  func limits() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(TopicName(Self.name), smallSegments()).partitions[0]
      func text(_ count: Int) -> String { String(repeating: "t", count: count) }
      await #expect(throws: LogError.noRecords) { try await partition.append([]) }
      for durability in [Durability.durable, .written] {
        let options = AppendOptions(durability: durability)
        await #expect(throws: LogError.recordTooLarge(bytes: 1209, bytesMaximum: 1024)) {
          try await partition.append(Record(text(1200)), options)
        }
        await #expect {
          try await partition.append([Record(text(1000)), Record(text(1000)), Record(text(1000))], options)
        } throws: { error in
          guard case .batchTooLarge(let bytes, 2048)? = error as? LogError else { return false }
          return bytes > 3000 && "\(error)".contains("2048")
        }
      }
      #expect(try await partition.append([Record(text(900)), Record(text(900))]).first == 0)
      #expect(partition.nextOffset == 2, "what was refused took no offset")
    }
  }
}

extension String {
  /// The character at `index`, around and around.
  fileprivate func key(_ index: Int) -> String {
    String(self[self.index(startIndex, offsetBy: index % count)])
  }
}
