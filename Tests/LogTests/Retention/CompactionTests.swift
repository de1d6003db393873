// Compaction against the simplest model there is: the latest record of every key, at its own offset. On a bare
// partition, so that it can be crashed and made to fail at every call.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Compaction")
struct CompactionTests {
  static func settings(segmentBytes: Int = 4096) -> TopicSettings {
    var settings = TopicSettings()
    settings.cleanup = .compact
    settings.segmentBytes = segmentBytes
    return settings
  }

  /// One turn that was asked for.
  @discardableResult
  static func run(
    _ partition: BarePartition, on table: SegmentTable, _ memory: inout PartitionUpkeep.Memory,
    now: Int64 = 2_000_000, lowest: ConsumerPosition? = nil, keysMaximum: Int = 1000
  ) throws -> CompactionReport.Part {
    let part = try PartitionCompaction(
      table: table, settings: partition.settings, now: now, lowest: lowest,
      producers: ProducerTable(entriesMaximum: 100), keysMaximum: keysMaximum, isAskedFor: true
    ).run(&memory)
    return try #require(part)
  }

  /// What is left of records when those before `end` were compacted.
  static func model(_ records: [StoredRecord], before end: Int64) -> [StoredRecord] {
    var latest: [ByteBuffer: Int64] = [:]
    for record in records where record.offset < end {
      if let key = record.record.key { latest[key] = record.offset }
    }
    return records.filter { record in
      guard record.offset < end, let key = record.record.key else { return true }
      return latest[key] == record.offset
    }
  }

  /// What whoever reads all of it knows in the end.
  static func state(_ records: [StoredRecord]) -> [ByteBuffer: ByteBuffer] {
    var state: [ByteBuffer: ByteBuffer] = [:]
    for record in records { if let key = record.record.key { state[key] = record.record.value } }
    return state
  }

  /// Three segments that fit into one, one that stays alone and loses most, one that loses nothing.
  static func partition(_ model: CrashModel = .hostile) throws -> BarePartition {
    func append(_ text: String, _ keys: String...) -> BarePartition.Append {
      BarePartition.Append(records: keys.map { Record("\(text)-\($0)", key: $0) })
    }
    let filling = String(repeating: "x", count: 600)
    return try BarePartition(
      [
        [append("1", "a", "b"), append("1", "c")],
        [append("2", "a"), append("2", "d", "e")],
        [append("3", "f"), append("3", "b", "c"), append("3", "d")],
        [append(filling, "e", "g", "h"), append("5", "f", "g", "h")],
        [append(filling + filling, "i", "j"), append("6", "k")],
      ],
      active: [append("7", "a", "k")], settings: settings(), model: model)
  }

  @Test("the latest record of each key is left, with its offset and time, and small segments become one")
  func compacts() throws {
    let partition = try Self.partition()
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let part = try Self.run(partition, on: table, &memory)
    let end = partition.segments[5].base
    let expected = Self.model(partition.records, before: end)
    #expect(try table.contents() == expected)
    #expect(part.before.segments == 5)
    #expect(part.after.segments == table.segments.count - 1)
    #expect(part.after.segments == 2)
    #expect(part.before.records == Int(end))
    #expect(part.after.records == expected.filter { $0.offset < end }.count)
    #expect(part.before.bytes == partition.segments.dropLast().reduce(0) { $0 + $1.bytes })
    #expect(part.after.bytes == table.segments.dropLast().reduce(0) { $0 + $1.bytes })
    #expect(part.keys == 11)
    #expect(part.compactedEnd.value == end)
    #expect(!part.isPartial)
    // Every segment still says where it ends, and every reader begins where it wants.
    for offset in 0..<partition.end {
      let found = try table.contents(from: LogOffset(offset)).filter { $0.offset >= offset }
      #expect(found == expected.filter { $0.offset >= offset })
    }
    // What became small is joined, and then nothing is left to do.
    #expect(try Self.run(partition, on: table, &memory).after.segments == 1)
    #expect(try table.contents() == expected)
    let calls = partition.files.faults.changes
    let again = try Self.run(partition, on: table, &memory)
    #expect(again.before == again.after)
    #expect(partition.files.faults.changes == calls)
  }

  @Test("a crash at any call leaves every key its latest value", arguments: crashModels)
  func crashes(_ model: CrashModel) throws {
    let partition = try Self.partition(model)
    let end = partition.segments[5].base
    let compacted = Self.model(partition.records, before: end)
    for run in CrashRuns(of: partition.files) {
      let table = partition.table(on: run.files)
      var memory = PartitionUpkeep.Memory()
      try run.attempt { try Self.run(partition, on: table, &memory) }
      for survivor in run.survivors() {
        let recovered = try partition.recover(survivor.files)
        #expect(recovered.damage == nil, "\(survivor)")
        let found = try partition.contents(recovered, on: survivor.files)
        let offsets = Set(found.map(\.offset))
        #expect(found == partition.records.filter { offsets.contains($0.offset) }, "\(survivor)")
        #expect(offsets.isSuperset(of: compacted.map(\.offset)), "\(survivor)")
        if !run.wasCut { #expect(found == compacted, "\(survivor)") }
        let names = try survivor.files.list("/log/events-0").map(\.name)
        #expect(!names.contains { $0.hasSuffix(".swap") || $0.hasSuffix(".cleaned") }, "\(survivor)")
      }
    }
  }

  @Test(
    "any call may fail: readers miss nothing, the next turn ends the work, and a crash then changes nothing")
  func failures() throws {
    let partition = try Self.partition()
    let end = partition.segments[5].base
    let expected = Self.model(partition.records, before: end)
    let clean = partition.files.copy()
    var memory = PartitionUpkeep.Memory()
    try Self.run(partition, on: partition.table(on: clean), &memory)
    let calls = clean.faults.calls
    #expect(calls > 60)
    for call in 1...calls {
      let files = partition.files.copy(seed: UInt64(call))
      let table = partition.table(on: files)
      var memory = PartitionUpkeep.Memory()
      // Readers that are on their way, each with a segment open.
      var readers = try (0..<end).map { try BatchReader(table, from: LogOffset($0), options: .init()) }
      for index in readers.indices { _ = try readers[index].next() }
      let rule = files.faults.add(FaultRule(.fail(.inputOutput), at: .call(call)))
      do {
        try Self.run(partition, on: table, &memory)
        // Closing a file that was only read can fail without harm.
        let struck = files.faults.record.filter { $0.fault != nil }
        #expect(struck.map(\.operation) == [.close], "call \(call)")
      } catch let error as LogError {
        guard case .file = error else { throw error }
      }
      files.faults.remove(rule)
      let message = Comment(rawValue: "call \(call)\n\(files.faults.transcript())")
      #expect(Self.state(try table.contents()) == Self.state(partition.records), message)
      for index in readers.indices {
        let needed = expected.filter { $0.offset >= readers[index].nextOffset.value }
        var found: [StoredRecord] = []
        while let batch = try readers[index].next() { found += try batch.records() }
        #expect(Set(found.map(\.offset)).isSuperset(of: needed.map(\.offset)), message)
      }
      try Self.run(partition, on: table, &memory)
      #expect(try table.contents() == expected, message)
      for survival in [Survival.nothing, .everything, .random(seed: UInt64(call))] {
        let survivor = files.afterCrash(survival)
        let recovered = try partition.recover(survivor)
        #expect(recovered.damage == nil, message)
        #expect(try partition.contents(recovered, on: survivor) == expected, message)
      }
    }
  }

  @Test("readers that are anywhere when segments become one go on and miss nothing")
  func readersGoOn() throws {
    let partition = try Self.partition()
    let end = partition.segments[5].base
    let expected = Self.model(partition.records, before: end)
    for steps in 0..<12 {
      let files = partition.files.copy()
      let table = partition.table(on: files)
      var reader = try BatchReader(table, from: 0, options: .init(blockBytes: 128))
      var found: [StoredRecord] = []
      for _ in 0..<steps { found += try reader.next()?.records() ?? [] }
      var memory = PartitionUpkeep.Memory()
      try Self.run(partition, on: table, &memory)
      while let batch = try reader.next() { found += try batch.records() }
      #expect(Self.state(found) == Self.state(partition.records), "after \(steps) batches")
      #expect(Set(found.map(\.offset)).isSuperset(of: expected.map(\.offset)), "after \(steps) batches")
      #expect(found.map(\.offset) == found.map(\.offset).sorted())
    }
  }

  @Test("a reader that could not open what took its segment's place goes on when it asks again")
  func readersAskAgain() throws {
    let partition = try Self.partition()
    let expected = Self.model(partition.records, before: partition.segments[5].base)
    for steps in 1..<10 {
      var call = 1
      while true {
        let files = partition.files.copy()
        let table = partition.table(on: files)
        var reader = try BatchReader(table, from: 0, options: .init())
        var found: [StoredRecord] = []
        for _ in 0..<steps { found += try reader.next()?.records() ?? [] }
        var memory = PartitionUpkeep.Memory()
        try Self.run(partition, on: table, &memory)
        let rule = files.faults.add(
          FaultRule(.fail(.inputOutput), on: [.open, .read, .status], at: .call(call)))
        var failures = 0
        while true {
          do {
            guard let batch = try reader.next() else { break }
            found += try batch.records()
          } catch let error as LogError {
            guard case .file = error else { throw error }
            failures += 1
          }
        }
        files.faults.remove(rule)
        #expect(found.map(\.offset) == found.map(\.offset).sorted())
        #expect(
          Set(found.map(\.offset)).isSuperset(of: expected.map(\.offset)), "batch \(steps), call \(call)")
        if failures == 0 { break }
        call += 1
      }
      #expect(call > 2)
    }
  }

  @Test("a pass that remembers few keys comes through in several, and the result is the same")
  func fewKeys() throws {
    for keysMaximum in [1, 2, 3, 5, 8] {
      let partition = try Self.partition()
      let table = partition.table(on: partition.files)
      var memory = PartitionUpkeep.Memory()
      var passes = 0
      while try Self.run(partition, on: table, &memory, keysMaximum: keysMaximum).isPartial {
        passes += 1
        #expect(Self.state(try table.contents()) == Self.state(partition.records))
        try #require(passes < 30)
      }
      #expect(passes > 0)
      #expect(try table.contents() == Self.model(partition.records, before: partition.segments[5].base))
    }
  }

  @Test("records younger than the lag are not touched, nor what is behind them")
  func lag() throws {
    var settings = Self.settings()
    settings.compactionLag = .seconds(10)
    let times: [Int64] = [1000, 2000, 15_000, 3000]
    let partition = try BarePartition(
      times.map { [.init(records: [Record("v\($0)", key: "k", timestamp: $0)])] }, settings: settings)
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let part = try Self.run(partition, on: table, &memory, now: 20_000)
    #expect(part.compactedEnd == 2)
    #expect(try table.contents().map(\.offset) == [1, 2, 3, 4])
  }

  @Test("a pass is due when enough is new")
  func due() {
    func plan(_ sizes: [Int], compactedEnd: Int64) -> CompactionPlan {
      let segments = sizes.enumerated().map { index, bytes in
        AgedSegment(info: SegmentInfo(base: Int64(index) * 10, bytes: bytes), latest: nil)
      }
      return CompactionPlan(segments, Self.settings(), now: 0, compactedEnd: compactedEnd)
    }
    #expect(!plan([], compactedEnd: 0).isDue)
    #expect(!plan([2 << 20], compactedEnd: 0).isDue)
    #expect(plan([1 << 20, 9 << 20], compactedEnd: 0).isDue)
    #expect(!plan([(1 << 20) - 1, 9 << 20], compactedEnd: 0).isDue)
    #expect(!plan([1 << 20, 0], compactedEnd: 10).isDue)
    #expect(plan([1 << 20, 1 << 20, 0], compactedEnd: 10).isDue)
    #expect(!plan([2 << 20, 1 << 20, 0], compactedEnd: 10).isDue)
    #expect(plan([2 << 20, 1 << 20, 0], compactedEnd: 9).isDue)
  }

  @Test("a turn that is told to stop changes nothing more and leaves no file behind")
  func stops() throws {
    let partition = try Self.partition()
    var stopped = 0
    while true {
      let questions = stopped
      let files = partition.files.copy()
      let table = partition.table(on: files)
      var memory = PartitionUpkeep.Memory()
      var asked = 0
      var compaction = PartitionCompaction(
        table: table, settings: partition.settings, now: 2_000_000, lowest: nil,
        producers: ProducerTable(entriesMaximum: 100), keysMaximum: 1000, isAskedFor: true)
      compaction.shouldStop = {
        asked += 1
        return asked > questions
      }
      let part = try #require(try compaction.run(&memory))
      if !part.isPartial { break }
      stopped += 1
      #expect(part.compactedEnd == 0)
      #expect(Self.state(try table.contents()) == Self.state(partition.records))
      #expect(try !files.list("/log/events-0").contains { $0.name.hasSuffix(".cleaned") })
      try Self.run(partition, on: table, &memory)
      #expect(try table.contents() == Self.model(partition.records, before: partition.segments[5].base))
    }
    #expect(stopped > 20)
  }

  @Test("damage is not taken for an absence of records")
  func damage() throws {
    let partition = try Self.partition()
    let path: FilePath = "/log/events-0/00000000000000000003.log"
    let file = try partition.files.open(path, [.read, .write])
    try file.write(ByteBuffer("!"), at: 70)
    try file.close()
    let table = partition.table(on: partition.files)
    var memory = PartitionUpkeep.Memory()
    let error = #expect(throws: LogError.self) { try Self.run(partition, on: table, &memory) }
    guard case .damaged(let damage)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(damage.segment == path)
    #expect(damage.position == 0)
    #expect(table.segments == Array(partition.segments))
  }
}

extension BatchReader.Options {
  init(blockBytes: Int) {
    self.init()
    self.blockBytes = blockBytes
  }
}
