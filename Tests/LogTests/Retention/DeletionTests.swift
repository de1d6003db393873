// Deleting segments on a disk that crashes and fails at every call.

import Files
import Records
import Testing

@testable import Log

@Suite("Deleting segments")
struct DeletionTests {
  /// Four sealed segments of three records and an active one, of which all but the active one may go.
  private static func partition(_ model: CrashModel = .hostile) throws -> BarePartition {
    var settings = TopicSettings()
    settings.retentionBytes = 0
    let sealed = (0..<4).map { segment in
      [
        BarePartition.Append(records: [Record("a\(segment)"), Record("b\(segment)")]),
        BarePartition.Append(records: [Record("c\(segment)")]),
      ]
    }
    return try BarePartition(sealed, settings: settings, model: model)
  }

  private static func run(
    _ partition: BarePartition, on table: SegmentTable, _ memory: inout PartitionUpkeep.Memory,
    lowest: ConsumerPosition? = nil, force: Bool = false
  ) throws -> RetentionReport.Part {
    try PartitionRetention(
      table: table, settings: partition.settings, now: 2_000_000, lowest: lowest, force: force
    ).run(&memory)
  }

  @Test("a crash at any call leaves no hole and nothing of what stays is missing", arguments: crashModels)
  func crashes(_ model: CrashModel) throws {
    let partition = try Self.partition(model)
    let held = try position("reader", 7)
    for run in CrashRuns(of: partition.files) {
      let table = partition.table(on: run.files)
      var memory = PartitionUpkeep.Memory()
      try run.attempt { _ = try Self.run(partition, on: table, &memory, lowest: held) }
      for survivor in run.survivors() {
        let recovered = try partition.recover(survivor.files)
        #expect(recovered.damage == nil, "\(survivor)")
        let found = try partition.contents(recovered, on: survivor.files)
        #expect(found == partition.records.suffix(found.count), "\(survivor)")
        #expect(try #require(found.first).offset <= 6, "\(survivor)")
        if !run.wasCut { #expect(found.count == partition.records.count - 6, "\(survivor)") }
        let names = try survivor.files.list("/log/events-0").map(\.name)
        #expect(names.filter { $0.hasSuffix(".log") }.count == recovered.segments.count, "\(survivor)")
        #expect(names.filter { $0.hasSuffix(".index") }.count <= recovered.segments.count, "\(survivor)")
        #expect(!names.contains { $0.hasSuffix(".deleted") }, "\(survivor)")
      }
    }
  }

  @Test("any call may fail: nothing is lost, the next turn ends the work, and a crash then changes nothing")
  func failures() throws {
    let partition = try Self.partition()
    let clean = partition.files.copy()
    var memory = PartitionUpkeep.Memory()
    _ = try Self.run(partition, on: partition.table(on: clean), &memory)
    let calls = clean.faults.calls
    #expect(calls > 30)
    for call in 1...calls {
      for error in [ErrorNumber.inputOutput, .noSpace] {
        let files = partition.files.copy(seed: UInt64(call))
        let table = partition.table(on: files)
        var memory = PartitionUpkeep.Memory()
        let rule = files.faults.add(FaultRule(.fail(error), at: .call(call)))
        #expect(throws: FileError.self, "call \(call)") {
          _ = try Self.run(partition, on: table, &memory)
        }
        files.faults.remove(rule)
        // Who reads meanwhile sees a whole suffix.
        let seen = try table.contents()
        #expect(seen == partition.records.suffix(seen.count))
        _ = try Self.run(partition, on: table, &memory)
        #expect(try table.contents() == partition.records.suffix(1))
        for survival in [Survival.nothing, .everything, .random(seed: UInt64(call))] {
          let survivor = files.afterCrash(survival)
          let recovered = try partition.recover(survivor)
          #expect(recovered.damage == nil, "call \(call)\n\(files.faults.transcript())")
          let found = try partition.contents(recovered, on: survivor)
          #expect(found == partition.records.suffix(1), "call \(call)\n\(files.faults.transcript())")
        }
      }
    }
  }

  @Test("a reader that has a deleted segment open reads it to its end, and is then told")
  func readersGoOn() throws {
    let partition = try Self.partition()
    let files = partition.files
    let table = partition.table(on: files)
    var reader = try BatchReader(table, from: 0, options: .init())
    let first = try #require(try reader.next())
    #expect(try first.records().map(\.text) == ["a0", "b0"])
    var memory = PartitionUpkeep.Memory()
    _ = try Self.run(partition, on: table, &memory)
    #expect(try reader.next()?.records().map(\.text) == ["c0"])
    let gone = LogError.offsetOutOfRange(BarePartition.id, requested: 3, first: 12, end: 13)
    #expect(throws: gone) { try reader.next() }
    #expect(throws: gone) { try reader.next() }
    #expect(throws: LogError.self) { try BatchReader(table, from: 3, options: .init()) }
  }

  @Test("the lowest position holds back, the report says whose it is, and force does not ask")
  func holding() throws {
    let partition = try Self.partition()
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let lowest = try position("search", 4, kind: .snapshot)
    var part = try Self.run(partition, on: table, &memory, lowest: lowest)
    #expect(part.segments == 1)
    #expect(part.first == 3)
    #expect(part.heldBack == HoldBack(lowest))
    #expect(part.heldBack?.description == "snapshot search at offset 4")
    #expect(part.heldBackSegments == 3)
    #expect(part.heldBackBytes == partition.segments[1...3].reduce(0) { $0 + $1.bytes })
    part = try Self.run(partition, on: table, &memory, lowest: lowest)
    #expect(part.segments == 0)
    part = try Self.run(partition, on: table, &memory, lowest: lowest, force: true)
    #expect(part.segments == 3)
    #expect(part.first == 12)
    #expect(part.heldBack == nil)
    #expect(try table.contents().map(\.text) == ["active"])
  }

  @Test("age is that of the latest record, also when the index is missing")
  func ageWithoutIndex() throws {
    var settings = TopicSettings()
    settings.retentionAge = .seconds(10)
    let times: [[Int64]] = [[1000, 9000], [2000, 3000], [30_000, 4000], [1000, 1000]]
    let partition = try BarePartition(
      times.map { [.init(records: $0.map { Record("r", timestamp: $0) })] }, settings: settings)
    let table = partition.table(on: partition.files)
    try partition.files.remove(table.directory.timeIndex(0))
    try partition.files.remove(table.directory.timeIndex(4))
    var memory = PartitionUpkeep.Memory()
    let part = try PartitionRetention(table: table, settings: settings, now: 20_000, lowest: nil).run(&memory)
    #expect(part.first == 4)
    #expect(try partition.files.exists(table.directory.timeIndex(4)))
  }

  @Test("a turn that is told to stop leaves the rest to the next")
  func stops() throws {
    let partition = try Self.partition()
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    var asked = 0
    var retention = PartitionRetention(
      table: table, settings: partition.settings, now: 2_000_000, lowest: nil)
    retention.shouldStop = {
      asked += 1
      return asked > 2
    }
    #expect(try retention.run(&memory).segments == 2)
    #expect(try Self.run(partition, on: table, &memory).segments == 2)
  }
}
