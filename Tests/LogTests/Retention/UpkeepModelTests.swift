// Appending, rolling, deleting, compacting and opening again in random order, against a model that keeps
// everything: what is there must be the model's, and what must be there is.

import Bytes
import Files
import Records
import Runtime
import Testing

@testable import Log

@Suite("Upkeep against a model")
struct UpkeepModelTests {
  /// What was appended, and the laws.
  private struct Model {
    var records: [StoredRecord] = []
    /// How far a consumer has come; nil before it said so.
    var position: Int64?
    var compactedEnd: Int64 = 0
    var wasForced = false

    func check(_ found: [StoredRecord], extent: LogExtent, _ cleanup: TopicSettings.Cleanup) {
      let offsets = Set(found.map(\.offset))
      #expect(found == records.filter { offsets.contains($0.offset) })
      #expect(extent.end.value == Int64(records.count))
      let kept = records.filter { $0.offset >= extent.first.value }
      if !cleanup.compacts {
        #expect(found == kept)
      } else {
        #expect(CompactionTests.state(found) == CompactionTests.state(kept))
        let latest = CompactionTests.model(kept, before: extent.end.value)
        // Values are all there, tombstones as far as somebody may need them.
        #expect(offsets.isSuperset(of: latest.filter { $0.record.value != nil }.map(\.offset)))
        if let position {
          #expect(offsets.isSuperset(of: latest.map(\.offset).filter { $0 >= position }))
        }
        let compacted = found.filter { $0.offset < compactedEnd }
        #expect(Set(compacted.map(\.record.key)).count == compacted.count)
        #expect(kept.suffix(1).allSatisfy { offsets.contains($0.offset) })
      }
      if let position, !wasForced { #expect(extent.first.value <= position) }
    }
  }

  @Test("values and offsets are the model's", arguments: 0..<12)
  func random(_ seed: Int) async throws {
    let random = SeededRandom(seed: UInt64(seed))
    func below(_ count: Int) -> Int { Int(random.next(below: UInt64(count))) }
    let fixture = try UpkeepFixture()
    let name = TopicName.test("events")
    let consumer = try ConsumerName("reader")
    var settings = smallSegments()
    settings.cleanup = TopicSettings.Cleanup.allCases[seed % 3]
    settings.compression = Compression.allCases[seed / 3 % 3]
    settings.tombstoneRetention = .seconds(60)
    if settings.cleanup.deletes { settings.retentionBytes = 12_000 }
    var log = try await fixture.open(keysMaximum: seed.isMultiple(of: 2) ? 1000 : 6)
    try await log.createTopic(name, settings)
    var model = Model()
    for _ in 0..<250 {
      let partition = try log.topic(name).partitions[0]
      switch below(20) {
      case 0..<12:
        let records = (0...below(4)).map { _ in
          Record(
            key: ByteBuffer("k\(below(16))"),
            value: below(7) == 0 ? nil : ByteBuffer(String(repeating: "v", count: below(300))),
            headers: [], timestamp: fixture.time.wall.milliseconds - Int64(below(5000)))
        }
        let receipt = try await partition.append(records)
        for (index, record) in records.enumerated() {
          model.records.append(
            StoredRecord(
              offset: receipt.first.value + Int64(index), timestamp: record.timestamp ?? 0, record: record))
        }
      case 12, 13: fixture.time.advance(by: .seconds(below(50)))
      case 14:
        let extent = partition.extent()
        let position = extent.first.value + Int64(below(extent.count + 1))
        try await log.commit(consumer, partition.id, position: LogOffset(position))
        model.position = position
      case 15:
        let force = below(8) == 0
        let report = try await log.applyRetention(name, force: force)
        if force { model.wasForced = true }
        #expect(report.partitions.map(\.first) == [partition.extent().first])
        if !settings.cleanup.deletes { #expect(report.segments == 0) }
      case 16, 17:
        let report = try await log.compact(name)
        #expect(report.partitions.count == (settings.cleanup.compacts ? 1 : 0))
        if let part = report.partitions.first { model.compactedEnd = part.compactedEnd.value }
      case 18:
        try await log.close()
        log = try await fixture.open(keysMaximum: 1000)
        model.compactedEnd = 0
      default:
        let extent = partition.extent()
        model.check(try partition.contents(), extent: extent, settings.cleanup)
      }
    }
    let partition = try log.topic(name).partitions[0]
    model.check(try partition.contents(), extent: partition.extent(), settings.cleanup)
    try await log.close()
  }

  @Test("turns that fail now and then and a crash in the end leave what must be there", arguments: 0..<60)
  func failing(_ seed: Int) throws {
    let random = SeededRandom(seed: UInt64(seed))
    func below(_ count: Int) -> Int { Int(random.next(below: UInt64(count))) }
    var settings = CompactionTests.settings(segmentBytes: 600 + 300 * below(3))
    settings.cleanup = .compactDelete
    let sealed = (0..<10).map { segment in
      (0...below(3)).map { batch in
        BarePartition.Append(
          records: (0...below(3)).map { record in
            Record(String(repeating: "\(segment % 10)", count: below(80)), key: "k\(below(8))")
          }, compression: Compression.allCases[below(3)])
      }
    }
    let partition = try BarePartition(sealed, settings: settings, model: crashModels[seed % 3])
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let faults = partition.files.faults
    for turn in 0..<8 {
      faults.add(FaultRule(.fail(.inputOutput), at: .probability(turn == 7 ? 0 : 0.04)))
      do {
        if below(3) == 0 {
          var settings = settings
          settings.retentionBytes = table.segments.reduce(0) { $0 + $1.bytes } - below(500)
          _ = try PartitionRetention(
            table: table, settings: settings, now: 2_000_000, lowest: nil
          ).run(&memory)
        } else {
          try CompactionTests.run(partition, on: table, &memory, keysMaximum: 1 + below(12))
        }
      } catch let error as FileError {
        #expect(error.number == .inputOutput)
      } catch let error as LogError {
        guard case .file(let cause) = error, cause.number == .inputOutput else { throw error }
      }
      faults.removeAll()
      let kept = partition.records.filter { $0.offset >= table.extent(.durable).first.value }
      #expect(CompactionTests.state(try table.contents()) == CompactionTests.state(kept))
    }
    let first = table.extent(.durable).first.value
    for survival in [Survival.nothing, .everything, .random(seed: UInt64(seed))] {
      let survivor = partition.files.afterCrash(survival)
      let message = Comment(rawValue: "\(survival)\n\(faults.transcript(last: 120))")
      let recovered = try partition.recover(survivor)
      #expect(recovered.damage == nil, message)
      let found = try partition.contents(recovered, on: survivor)
      let offsets = Set(found.map(\.offset))
      #expect(found == partition.records.filter { offsets.contains($0.offset) }, message)
      let kept = partition.records.filter { $0.offset >= first }
      let latest = CompactionTests.model(kept, before: partition.end)
      #expect(offsets.isSuperset(of: latest.map(\.offset)), message)
    }
  }
}
