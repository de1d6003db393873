// Idempotent producers: what is sent again is stored once, what is skipped is noticed, who was replaced is shut
// out; also after the log was opened again, in order or not.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Idempotent producers")
struct ProducerTests {
  /// One append and what must come of it.
  struct Step: Sendable {
    var epoch: Int16 = 0
    let sequence: Int32
    var count = 1
    let outcome: Outcome
  }

  enum Outcome: Equatable, Sendable {
    case stored(Int64)
    case duplicate(Int64)
    case refused(LogError)
  }

  struct Story: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [Step]
  }

  static let stories: [Story] = [
    Story(
      testDescription: "one after the other",
      steps: [
        Step(sequence: 0, outcome: .stored(0)), Step(sequence: 1, count: 3, outcome: .stored(1)),
        Step(sequence: 4, outcome: .stored(4)),
      ]),
    Story(
      testDescription: "the last one again and again",
      steps: [
        Step(sequence: 0, count: 2, outcome: .stored(0)), Step(sequence: 0, count: 2, outcome: .duplicate(0)),
        Step(sequence: 0, count: 2, outcome: .duplicate(0)), Step(sequence: 2, outcome: .stored(2)),
        Step(sequence: 2, outcome: .duplicate(2)),
      ]),
    Story(
      testDescription: "a gap",
      steps: [
        Step(sequence: 0, outcome: .stored(0)),
        Step(sequence: 2, outcome: .refused(.sequenceGap(producer: 7, expected: 1, got: 2))),
        Step(sequence: 1, outcome: .stored(1)),
      ]),
    Story(
      testDescription: "a beginning that is none",
      steps: [
        Step(sequence: 5, outcome: .refused(.sequenceGap(producer: 7, expected: 0, got: 5))),
        Step(sequence: 0, outcome: .stored(0)),
      ]),
    Story(
      testDescription: "part of what was stored, with another count",
      steps: [
        Step(sequence: 0, count: 3, outcome: .stored(0)),
        Step(sequence: 0, count: 2, outcome: .refused(.sequenceTooOld(producer: 7, sequence: 0))),
        Step(sequence: 1, count: 2, outcome: .refused(.sequenceTooOld(producer: 7, sequence: 1))),
      ]),
    Story(
      testDescription: "a new epoch begins at nothing and fences the old one",
      steps: [
        Step(sequence: 0, outcome: .stored(0)), Step(sequence: 1, outcome: .stored(1)),
        Step(epoch: 1, sequence: 2, outcome: .refused(.sequenceGap(producer: 7, expected: 0, got: 2))),
        Step(epoch: 1, sequence: 0, outcome: .stored(2)),
        Step(sequence: 2, outcome: .refused(.producerFenced(id: 7, epoch: 0, currentEpoch: 1))),
        Step(sequence: 1, outcome: .refused(.producerFenced(id: 7, epoch: 0, currentEpoch: 1))),
        Step(epoch: 1, sequence: 0, outcome: .duplicate(2)), Step(epoch: 1, sequence: 1, outcome: .stored(3)),
      ]),
  ]

  @Test("each story ends as it must, in one life of the log", arguments: stories)
  func inOneLife(_ story: Story) async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(TopicName("events"), smallSegments()).partitions[0]
      for step in story.steps { try await expect(step, partition) }
    }
  }

  @Test("each story ends the same when the log is closed, or crashes, before every step", arguments: stories)
  func acrossLives(_ story: Story) async throws {
    for crashes in [false, true] {
      var files = SimulatedFiles()
      let id = PartitionID(try TopicName("events"), 0)
      try await LogFixture(files).withLog { try await $0.createTopic(id.topic, smallSegments()) }
      for step in story.steps {
        var survivor = files
        try await LogFixture(files).withLog { log in
          try await expect(step, log.partition(id))
          survivor = files.afterCrash(.nothing)
        }
        if crashes { files = survivor }
      }
    }
  }

  private func expect(_ step: Step, _ partition: Partition) async throws {
    let stamp = ProducerStamp(id: 7, epoch: step.epoch, sequence: step.sequence)
    let outcome: Outcome
    do throws(LogError) {
      let receipt = try await partition.append(
        (0..<step.count).map { Record("\(step.sequence)+\($0)") }, AppendOptions(producer: stamp))
      outcome = receipt.isDuplicate ? .duplicate(receipt.first.value) : .stored(receipt.first.value)
      #expect(receipt.count == step.count)
    } catch {
      outcome = .refused(error)
    }
    #expect(outcome == step.outcome, "\(step)")
  }

  @Test("of what was sent lately the five latest are known, older ones are refused as too old")
  func fiveAreKnown() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(TopicName("events"), smallSegments()).partitions[0]
      for sequence in Int32(0)..<10 {
        try await expect(Step(sequence: sequence, outcome: .stored(Int64(sequence))), partition)
      }
      for sequence in Int32(5)..<10 {
        try await expect(Step(sequence: sequence, outcome: .duplicate(Int64(sequence))), partition)
      }
      for sequence in Int32(0)..<5 {
        try await expect(
          Step(sequence: sequence, outcome: .refused(.sequenceTooOld(producer: 7, sequence: sequence))),
          partition)
      }
    }
  }

  @Test("sequences go on from 0 after the largest number")
  func wrapAround() {
    var table = ProducerTable(entriesMaximum: 10)
    func header(_ sequence: Int32, count: Int32, at offset: Int64) -> RecordBatchHeader {
      var header = RecordBatchHeader(
        baseOffset: offset, leaderEpoch: 0, lastOffsetDelta: count - 1, baseTimestamp: 0, maxTimestamp: 0,
        recordCount: count)
      (header.producerID, header.producerEpoch, header.baseSequence) = (7, 0, sequence)
      return header
    }
    table.note(header(.max - 1, count: 4, at: 100))
    let stored = table.entries[7]?.stored.last
    #expect(stored?.lastSequence == 1 && stored?.count == 4 && stored?.firstOffset == 100)
    func judge(_ sequence: Int32, _ count: Int) -> ProducerTable.Verdict {
      table.judge(ProducerStamp(id: 7, sequence: sequence), count: count)
    }
    #expect(judge(.max - 1, 4) == .duplicate(firstOffset: 100))
    #expect(judge(2, 1) == .new)
    #expect(judge(3, 1) == .refused(.sequenceGap(producer: 7, expected: 2, got: 3)))
    #expect(judge(.max, 1) == .refused(.sequenceTooOld(producer: 7, sequence: .max)))
    let restored = ProducerTable(ProducerSnapshot(entries: table.snapshot), entriesMaximum: 10)
    #expect(
      restored.entries[7]?.stored == [
        ProducerTable.Stored(firstSequence: .max - 1, lastSequence: 1, lastOffset: 103)
      ])
  }

  @Test("who was quiet longest is forgotten first")
  func forgetting() {
    var table = ProducerTable(entriesMaximum: 20)
    for id in Int64(0)..<21 {
      var header = RecordBatchHeader(
        baseOffset: id, leaderEpoch: 0, lastOffsetDelta: 0, baseTimestamp: 0, maxTimestamp: 0, recordCount: 1)
      (header.producerID, header.producerEpoch, header.baseSequence) = (id, 0, 0)
      table.note(header)
    }
    #expect(Set(table.entries.keys) == Set(Int64(2)..<21))
  }
}
