// What verification says of partitions that are sound, and of each thing that can be wrong with one.

import Bytes
import Files
import Log
import LogTools
import Records
import Runtime
import Testing

@Suite("Verification")
struct VerificationTests {
  @Test(
    "a sound partition has no findings, closed or not, compressed or not", arguments: Compression.allCases)
  func sound(_ compression: Compression) async throws {
    var settings = ToolsFixture.settings
    settings.compression = compression
    let fixture = try await ToolsFixture().filled(300, settings)
    for round in 0..<2 {
      let report = try fixture.verify()
      #expect(report.findings.isEmpty, "round \(round)")
      #expect(report.records == 300 && report.batches == 300)
      #expect(report.extent == LogExtent(first: 0, end: 300))
      #expect(try report.bytes == fixture.inspector().segments().reduce(0) { $0 + $1.bytes })
      if round == 0 { try fixture.uncleanly() }
    }
    let own = try LogDirectory(path: fixture.path, files: fixture.files)
      .partition(PartitionID(.metadata, 0))
    #expect(try PartitionVerification(own).run().findings.isEmpty)
  }

  /// One way to damage a partition, and what must be said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Damages; answers with the file and the position that must be named.
    let damage: @Sendable (ToolsFixture) throws -> (file: String, position: Int?)
    let severity: Finding.Severity
    var findings = 1
    var lostRecords = 0
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "a flipped byte in a record of a sealed segment",
      damage: { fixture in
        let base = try fixture.bases()[1]
        let position = try fixture.batches(of: base)[3].position
        try fixture.flip(SegmentFileName.name(base, .log), at: position + 70)
        return (SegmentFileName.name(base, .log), position)
      }, severity: .damage, findings: 2, lostRecords: 1),
    Case(
      name: "a flipped bit in a base offset, which no checksum covers",
      damage: { fixture in
        let base = try fixture.bases()[1]
        let position = try fixture.batches(of: base)[3].position
        try fixture.flip(SegmentFileName.name(base, .log), at: position + 7)
        return (SegmentFileName.name(base, .log), position)
      }, severity: .damage, findings: 2, lostRecords: 1),
    Case(
      name: "a flipped bit in a batch's length",
      damage: { fixture in
        let base = try fixture.bases()[2]
        let position = try fixture.batches(of: base)[0].position
        try fixture.flip(SegmentFileName.name(base, .log), at: position + 10)
        return (SegmentFileName.name(base, .log), position)
      }, severity: .damage, findings: 2, lostRecords: 1),
    Case(
      name: "a missing segment",
      damage: { fixture in
        let bases = try fixture.bases()
        for kind in [SegmentFileName.Kind.log, .index, .timeindex] {
          try fixture.remove(SegmentFileName.name(bases[1], kind))
        }
        return (SegmentFileName.name(bases[2], .log), 0)
      }, severity: .damage, lostRecords: -1),
    Case(
      name: "a sealed segment that was cut",
      damage: { fixture in
        let base = try fixture.bases()[1]
        let batches = try fixture.batches(of: base)
        try fixture.truncate(SegmentFileName.name(base, .log), to: batches[batches.count - 2].position)
        return (SegmentFileName.name(try fixture.bases()[2], .log), 0)
      }, severity: .damage, findings: -1, lostRecords: 2),
    Case(
      name: "zeros behind a sealed segment",
      damage: { fixture in
        let base = try fixture.bases()[0]
        let count = try fixture.files.status(of: fixture.directory / SegmentFileName.name(base, .log)).bytes
        try fixture.write(Array(repeating: 0, count: 500), to: SegmentFileName.name(base, .log))
        return (SegmentFileName.name(base, .log), count)
      }, severity: .damage),
    Case(
      name: "rubbish behind the last batch of a log that was not closed",
      damage: { fixture in
        try fixture.uncleanly()
        let base = try #require(try fixture.bases().last)
        let count = try fixture.files.status(of: fixture.directory / SegmentFileName.name(base, .log)).bytes
        try fixture.write(Array(repeating: 7, count: 300), to: SegmentFileName.name(base, .log))
        return (SegmentFileName.name(base, .log), count)
      }, severity: .unfinishedTail),
    Case(
      name: "a last batch that was durable and is cut off",
      damage: { fixture in
        try fixture.uncleanly()
        let base = try #require(try fixture.bases().last)
        let last = try #require(try fixture.batches(of: base).last)
        try fixture.truncate(SegmentFileName.name(base, .log), to: last.position + 30)
        return (SegmentFileName.name(base, .log), last.position)
      }, severity: .damage, lostRecords: 1),
    Case(
      name: "a last batch that was durable and is gone",
      damage: { fixture in
        try fixture.uncleanly()
        let base = try #require(try fixture.bases().last)
        let last = try #require(try fixture.batches(of: base).last)
        try fixture.truncate(SegmentFileName.name(base, .log), to: last.position)
        return (SegmentFileName.name(base, .log), last.position)
      }, severity: .damage, lostRecords: 1),
    Case(
      name: "damage where nothing says what was durable, with sound batches after it",
      damage: { fixture in
        try fixture.uncleanly()
        try fixture.remove(SegmentDirectory.durableEndName)
        let base = try #require(try fixture.bases().last)
        let position = try fixture.batches(of: base)[0].position
        try fixture.flip(SegmentFileName.name(base, .log), at: position + 70)
        return (SegmentFileName.name(base, .log), position)
      }, severity: .damage, findings: 2, lostRecords: 1),
    Case(
      name: "an index row that leads into a batch",
      damage: { fixture in
        let base = try fixture.bases()[0]
        let name = SegmentFileName.name(base, .index)
        try fixture.write([0, 0, 0, 20, 0, 0, 4, 1], to: name, at: 0)
        return (name, 0)
      }, severity: .rebuildable),
    Case(
      name: "an index of half a row",
      damage: { fixture in
        let name = SegmentFileName.name(try fixture.bases()[0], .index)
        try fixture.truncate(name, to: 0)
        try fixture.write([0, 0, 0], to: name)
        return (name, nil)
      }, severity: .rebuildable),
    Case(
      name: "a time index without its last row",
      damage: { fixture in
        let name = SegmentFileName.name(try fixture.bases()[0], .timeindex)
        try fixture.truncate(name, to: 0)
        return (name, nil)
      }, severity: .rebuildable),
    Case(
      name: "a time index that says a time too early",
      damage: { fixture in
        let name = SegmentFileName.name(try fixture.bases()[0], .timeindex)
        let row = TimeIndexEntry(timestamp: 1_000_001, relativeOffset: 10)
        var bytes = [UInt8](repeating: 0, count: TimeIndexEntry.byteCount)
        bytes.withUnsafeMutableBytes { memory in
          if let base = memory.baseAddress { row.store(to: base) }
        }
        try fixture.write(bytes, to: name, at: 0)
        return (name, 0)
      }, severity: .rebuildable),
    Case(
      name: "a missing index",
      damage: { fixture in
        let name = SegmentFileName.name(try fixture.bases()[1], .index)
        try fixture.remove(name)
        return (name, nil)
      }, severity: .rebuildable),
    Case(
      name: "an index without a segment",
      damage: { fixture in
        let name = SegmentFileName.name(7_000_000, .index)
        try fixture.write([1], to: name)
        return (name, nil)
      }, severity: .leftover),
    Case(
      name: "a file that was never finished",
      damage: { fixture in
        try fixture.write([1], to: ".tmp-segment.1-1")
        return (".tmp-segment.1-1", nil)
      }, severity: .leftover),
    Case(
      name: "a snapshot that is torn",
      damage: { fixture in
        let name = try fixture.snapshotName()
        try fixture.truncate(name, to: 4)
        return (name, nil)
      }, severity: .rebuildable),
    Case(
      name: "a marker of another partition",
      damage: { fixture in
        try fixture.write(Array("segments 9\n".utf8), to: SegmentDirectory.cleanShutdownName, at: 22)
        return (SegmentDirectory.cleanShutdownName, nil)
      }, severity: .rebuildable),
    Case(
      name: "a durable end that is torn",
      damage: { fixture in
        try fixture.truncate(SegmentDirectory.durableEndName, to: 9)
        return (SegmentDirectory.durableEndName, nil)
      }, severity: .rebuildable),
    Case(
      name: "epochs that are no epochs",
      damage: { fixture in
        try fixture.write(Array("x".utf8), to: LeaderEpochCheckpoint.fileName, at: 0)
        return (LeaderEpochCheckpoint.fileName, nil)
      }, severity: .rebuildable),
    Case(
      name: "a topic's id that is none",
      damage: { fixture in
        try fixture.truncate(SegmentDirectory.metadataName, to: 3)
        return (SegmentDirectory.metadataName, nil)
      }, severity: .rebuildable),
  ]

  @Test("every damage is named with its file and position, and no sound record is blamed", arguments: cases)
  func damage(_ damaged: Case) async throws {
    let fixture = try await ToolsFixture().filled(300)
    let before = try fixture.verify()
    let (file, position) = try damaged.damage(fixture)
    let report = try fixture.verify()
    let severe = report.findings.filter { $0.severity == damaged.severity }
    let finding = try #require(severe.first { $0.file.name == file && $0.position == position })
    #expect(!finding.expected.isEmpty && !finding.found.isEmpty)
    if damaged.findings > 0 { #expect(severe.count <= damaged.findings, "\(report.findings)") }
    #expect(report.isDamaged == (damaged.severity == .damage))
    if damaged.lostRecords >= 0 { #expect(before.records - report.records == damaged.lostRecords) }

    // A repair, however far it goes, leaves nothing to find, and a log that takes appends.
    for salvage in [false, true] {
      let copy = try fixture.on(fixture.files.copy())
      let planned = try PartitionRepair(copy.inspector(), options: .salvaging(salvage)).plan()
      let done = try copy.repair(salvage: salvage)
      #expect(planned.steps == done.steps)
      #expect(planned.extent == done.extent)
      let after = try copy.verify()
      #expect(
        after.findings.allSatisfy {
          $0.severity == .acceptedGap || $0.severity == .unfinishedTail
            || $0.file.name == SegmentDirectory.metadataName
        }, "\(after.findings)")
      if salvage { #expect(after.records == report.records, "\(done.steps)") }
      #expect(try copy.repair(salvage: salvage).steps.isEmpty)
      let (values, offsets, isOpen) = try await copy.openedContents()
      #expect(isOpen)
      #expect(values == offsets.map { "value \($0)" })
      #expect(values.count == after.records)
      let receipt = try await copy.withLog { log in
        try await log.partition(copy.id).append(Record(key: nil, value: ByteBuffer("new"), headers: []))
      }
      #expect(receipt.first == done.extent.end)
      #expect(try copy.verify().isDamaged == false)
    }
  }

  @Test("every row of every index is checked against the batches")
  func indexRows() async throws {
    var settings = TopicSettings()
    settings.segmentBytes = 64 << 10
    settings.batchBytesMaximum = 8 << 10
    settings.recordBytesMaximum = 4 << 10
    settings.flushBytes = 4096
    settings.queueBytesMaximum = 64 << 10
    let fixture = try await ToolsFixture().filled(200, settings, valueBytes: 900)
    #expect(try fixture.verify().findings.isEmpty)
    let described = try fixture.inspector().segments()
    #expect(described.count > 2)
    #expect(described[1].indexEntries ?? 0 > 5 && described[1].timeEntries ?? 0 > 5)
    for (kind, byteCount) in [(SegmentFileName.Kind.index, 8), (.timeindex, 12)] {
      let name = SegmentFileName.name(described[1].base, kind)
      let bytes = try fixture.files.status(of: fixture.directory / name).bytes
      for position in stride(from: byteCount - 1, to: bytes, by: byteCount) {
        // The last byte of a row: of a position, or of an offset.
        try fixture.flip(name, at: position)
        let findings = try fixture.verify().findings
        #expect(findings.contains { $0.file.name == name && $0.severity == .rebuildable }, "\(position)")
        try fixture.flip(name, at: position)
      }
      try fixture.flip(name, at: bytes - byteCount + 2)
      #expect(try fixture.repair().steps.contains { $0.action == .rebuild && $0.file.name == name })
      #expect(try fixture.verify().findings.isEmpty)
    }
  }

  @Test("several damages are all named")
  func several() async throws {
    let fixture = try await ToolsFixture().filled(300)
    var places: [(Int64, Int)] = []
    for base in try fixture.bases().dropLast() {
      let batches = try fixture.batches(of: base)
      for index in [1, batches.count / 2, batches.count - 2] {
        places.append((base, batches[index].position))
        try fixture.flip(SegmentFileName.name(base, .log), at: batches[index].position + 75)
      }
    }
    let report = try fixture.verify()
    for (base, position) in places {
      #expect(
        report.findings.contains {
          $0.file.name == SegmentFileName.name(base, .log) && $0.position == position
        })
    }
    #expect(report.records == 300 - places.count)
    _ = try fixture.repair(salvage: true)
    #expect(try fixture.verify().records == 300 - places.count)
    #expect(try fixture.verify().findings.filter { $0.severity == .acceptedGap }.count == places.count)
    let (values, _, isOpen) = try await fixture.openedContents()
    #expect(isOpen && values.count == 300 - places.count)
  }

  @Test("gaps are no damage where the topic is compacted, or nobody knows its settings")
  func compacted() async throws {
    let fixture = try await ToolsFixture().filled(300)
    let base = try fixture.bases()[1]
    let batches = try fixture.batches(of: base)
    // As compaction leaves it: one batch taken out.
    let name = SegmentFileName.name(base, .log)
    let whole = try fixture.files.contents(of: fixture.directory / name, bytesMaximum: 1 << 20)
    var rest = whole.slice(from: 0, count: batches[4].position)
    rest.append(whole.slice(from: batches[5].position, count: whole.count - batches[5].position))
    try fixture.files.replace(atomically: fixture.directory / name, with: rest)
    let damaged = try fixture.verify()
    #expect(damaged.isDamaged)
    let bare = try PartitionInspector(path: fixture.directory, files: fixture.files)
    #expect(try !PartitionVerification(bare).run().isDamaged)
    var strict = PartitionVerification.Options()
    strict.contiguous = true
    #expect(try PartitionVerification(bare, options: strict).run().isDamaged)
  }
}

extension ToolsFixture {
  /// The snapshot that the closed log goes on from.
  func snapshotName() throws -> String {
    let names = try files.list(directory).map(\.name).filter { $0.hasSuffix(".snapshot") }
    guard let last = names.last else {
      throw FileError.unexpectedEnd(path: directory, offset: 0, wanted: 1, got: 0)
    }
    return last
  }
}
