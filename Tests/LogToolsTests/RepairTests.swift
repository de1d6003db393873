// What a repair keeps, what it takes out and where that goes, who may do it, and what a power cut in the middle
// of it leaves.

import Bytes
import Files
import Foundation
import Log
import LogTools
import Records
import Runtime
import Testing

@Suite("Repair")
struct RepairTests {
  @Test("a cut keeps everything before the damage and moves all the rest aside, byte for byte")
  func cut() async throws {
    let fixture = try await ToolsFixture().filled(300)
    let bases = try fixture.bases()
    let batches = try fixture.batches(of: bases[1])
    try fixture.flip(SegmentFileName.name(bases[1], .log), at: batches[3].position + 70)
    let damaged = try fixture.segmentBytes()
    let plan = try fixture.repair()
    let cut = batches[3].header.baseOffset
    #expect(plan.extent == LogExtent(first: 0, end: LogOffset(cut)))
    #expect(plan.lost == [LogExtent(first: LogOffset(cut), end: 300)])
    #expect(try await fixture.openedContents().values == (0..<cut).map { "value \($0)" })
    let aside = try #require(plan.aside)
    for (name, bytes) in damaged where SegmentFileName.parse(name)?.base ?? 0 >= bases[1] {
      #expect(try fixture.files.contents(of: aside / name, bytesMaximum: 1 << 20) == bytes, "\(name)")
    }
    let reason = try fixture.files.contents(of: aside / "reason.txt", bytesMaximum: 1 << 20)
    let text = try #require(String(validating: reason))
    #expect(text.contains("offsets \(cut) up to, not including, 300"))
    #expect(text.contains(plan.findings[0].description))
  }

  @Test("a salvage keeps every sound batch, and reports and remembers the gap")
  func salvage() async throws {
    let fixture = try await ToolsFixture().filled(300)
    let bases = try fixture.bases()
    let batches = try fixture.batches(of: bases[1])
    try fixture.flip(SegmentFileName.name(bases[1], .log), at: batches[3].position + 70)
    let lost = batches[3].header.baseOffset
    let plan = try fixture.repair(salvage: true)
    #expect(plan.lost == [LogExtent(first: LogOffset(lost), end: LogOffset(lost + 1))])
    #expect(plan.extent == LogExtent(first: 0, end: 300))
    let (_, offsets, isOpen) = try await fixture.openedContents()
    #expect(isOpen && offsets == (0..<300).filter { $0 != lost })
    let findings = try fixture.verify().findings
    #expect(findings.map(\.severity) == [.acceptedGap])
    // Also when the log was not closed and its indexes are gone, so that recovery looks at every batch.
    try fixture.uncleanly()
    for base in bases { try fixture.remove(SegmentFileName.name(base, .index)) }
    #expect(try await fixture.openedContents().isOpen)
  }

  @Test("a salvage over a missing segment, and one in which a whole segment is bad")
  func wholeSegments() async throws {
    for kind in 0..<2 {
      let fixture = try await ToolsFixture().filled(300)
      let bases = try fixture.bases()
      let name = SegmentFileName.name(bases[1], .log)
      if kind == 0 {
        try fixture.remove(name)
      } else {
        let count = try fixture.files.status(of: fixture.directory / name).bytes
        try fixture.write(Array(repeating: 0xee, count: count), to: name, at: 0)
      }
      let plan = try fixture.repair(salvage: true)
      #expect(plan.lost == [LogExtent(first: LogOffset(bases[1]), end: LogOffset(bases[2]))])
      let (_, offsets, isOpen) = try await fixture.openedContents()
      #expect(isOpen && offsets == (0..<300).filter { $0 < bases[1] || $0 >= bases[2] })
      #expect(try fixture.verify().isDamaged == false)
    }
  }

  @Test("bad bytes behind which no offset is missing go without anything else going")
  func rubbishBetween() async throws {
    let fixture = try await ToolsFixture().filled(300)
    let base = try fixture.bases()[1]
    let name = SegmentFileName.name(base, .log)
    let batches = try fixture.batches(of: base)
    let whole = try fixture.files.contents(of: fixture.directory / name, bytesMaximum: 1 << 20)
    var changed = whole.slice(from: 0, count: batches[2].position)
    changed.append(ByteBuffer([UInt8](repeating: 0x55, count: 77)))
    changed.append(whole.slice(from: batches[2].position, count: whole.count - batches[2].position))
    try fixture.files.replace(atomically: fixture.directory / name, with: changed)
    let plan = try fixture.repair()
    #expect(plan.lost.isEmpty)
    #expect(try fixture.files.contents(of: fixture.directory / name, bytesMaximum: 1 << 20) == whole)
    #expect(try await fixture.openedContents().values.count == 300)
  }

  @Test("a partition that lost every segment goes on at the durable end")
  func noSegments() async throws {
    let fixture = try await ToolsFixture().filled(300)
    for base in try fixture.bases() { try fixture.remove(SegmentFileName.name(base, .log)) }
    let plan = try fixture.repair()
    #expect(plan.extent == LogExtent(first: 300, end: 300))
    #expect(plan.lost == [LogExtent(first: 0, end: 300)])
    #expect(plan.steps.contains { $0.action == .begin })
    #expect(try await fixture.openedContents().isOpen)
    let first = try await fixture.withLog { log in
      try await log.partition(fixture.id).append(Record(key: nil, value: ByteBuffer("x"), headers: []))
    }
    #expect(first.first == 300)
  }

  @Test("a sound partition needs no repair, and a directory outside of a log can be repaired")
  func bareDirectory() async throws {
    let fixture = try await ToolsFixture().filled(100)
    #expect(try fixture.repair().isEmpty)
    try fixture.files.createDirectory("/elsewhere")
    for entry in try fixture.files.list(fixture.directory) where entry.kind == .file {
      let bytes = try fixture.files.contents(of: fixture.directory / entry.name, bytesMaximum: 1 << 20)
      try fixture.files.replace(atomically: FilePath("/elsewhere") / entry.name, with: bytes)
    }
    let copy = try PartitionInspector(path: "/elsewhere", files: fixture.files)
    #expect(copy.id.description == "unnamed-0")
    #expect(try PartitionRepair(copy, time: ManualTime()).run().isEmpty)
    let name = segmentName(try fixture.bases()[1])
    let file = try fixture.files.open(FilePath("/elsewhere") / name, [.read, .write])
    try file.write(ByteBuffer("rubbish"), at: 100)
    try file.close()
    let plan = try PartitionRepair(copy, time: ManualTime()).run()
    #expect(!plan.isEmpty && plan.aside?.string.hasPrefix("/elsewhere/aside/") == true)
    #expect(try !PartitionVerification(copy).run().isDamaged)
  }

  @Test("who holds the log's lock is named; a plan needs no lock")
  func locked() async throws {
    let fixture = try await ToolsFixture().filled(50)
    let base = try fixture.bases()[0]
    try fixture.flip(segmentName(base), at: 80)
    let holder = LockHolder(processID: 4711, host: "storage-3", started: Timestamp(nanoseconds: 0))
    try fixture.files.lockElsewhere(fixture.path / LogDirectory.lockName, by: holder)
    #expect(try fixture.inspector().holder() == holder)
    #expect(
      throws: LogError.file(.locked(path: fixture.path / LogDirectory.lockName, holder: holder))
    ) { try fixture.repair() }
    try fixture.files.unlockElsewhere(fixture.path / LogDirectory.lockName)
    #expect(try fixture.inspector().holder() == nil)
    #expect(try fixture.repair().isEmpty == false)
  }

  @Test("where files cannot have second names they are copied")
  func copies() async throws {
    let fixture = try await ToolsFixture().filled(300)
    let base = try fixture.bases()[1]
    try fixture.flip(segmentName(base), at: 80)
    let damaged = try fixture.files.contents(of: fixture.directory / segmentName(base), bytesMaximum: 1 << 20)
    fixture.files.faults.add(FaultRule(.fail(.notPermitted), on: [.link]))
    let plan = try fixture.repair()
    let aside = try #require(plan.aside)
    #expect(try fixture.files.contents(of: aside / segmentName(base), bytesMaximum: 1 << 20) == damaged)
    #expect(try fixture.verify().findings.isEmpty)
  }

  // MARK: Power cuts

  /// A damage and how it is repaired.
  struct Crash: Sendable, CustomTestStringConvertible {
    let salvage: Bool
    let model: CrashModel
    let knowsDurableEnd: Bool
    /// How many calls further each run goes.
    var every = 13
    var testDescription: String { "salvage \(salvage), \(model), durable end \(knowsDurableEnd)" }
  }

  /// With VARVE_EVERY_CALL set the power goes at every single call, which takes minutes.
  private static let triesEveryCall = ProcessInfo.processInfo.environment["VARVE_EVERY_CALL"] != nil

  static let crashes: [Crash] = [false, true].flatMap { salvage in
    [
      Crash(salvage: salvage, model: .hostile, knowsDurableEnd: true, every: 7),
      Crash(salvage: salvage, model: .journaled, knowsDurableEnd: true),
      Crash(salvage: salvage, model: .tornAnywhere, knowsDurableEnd: false),
    ]
  }

  @Test(
    "a power cut at any call loses nothing that was sound, and the repair can be begun again",
    arguments: crashes)
  func powerCuts(_ crash: Crash) async throws {
    let fixture = try await ToolsFixture(SimulatedFiles(model: crash.model)).filled(16, valueBytes: 600)
    let bases = try fixture.bases()
    let middle = try #require(bases.count > 2 ? bases[1] : nil)
    let batches = try fixture.batches(of: middle)
    try fixture.flip(segmentName(middle), at: batches[3].position + 70)
    try fixture.flip(SegmentFileName.name(bases[0], .timeindex), at: 3)
    if !crash.knowsDurableEnd { try fixture.remove(SegmentDirectory.durableEndName) }
    let sound = try fixture.soundBatches(in: [fixture.directory])
    let wanted = try fixture.on(fixture.files.copy()).repair(salvage: crash.salvage)
    var runs = 0
    for run in CrashRuns(of: fixture.files, every: Self.triesEveryCall ? 1 : crash.every) {
      runs += 1
      try run.attempt { _ = try fixture.on(run.files).repair(salvage: crash.salvage) }
      for survivor in run.survivors(random: 1) {
        let left = try fixture.on(survivor.files)
        // Every batch that was sound is in the partition or beside it.
        let aside = try left.asidePlaces()
        #expect(try left.soundBatches(in: [left.directory] + aside).isSuperset(of: sound), "\(survivor)")
        // What comes before the damage never left the partition.
        let here = try left.soundBatches(in: [left.directory])
        #expect(sound.filter { $0.offset < batches[3].header.baseOffset }.isSubset(of: here), "\(survivor)")
        let again = try left.repair(salvage: crash.salvage)
        #expect(again.extent == wanted.extent, "\(survivor)")
        let after = try left.verify()
        #expect(after.findings.allSatisfy { $0.severity == .acceptedGap }, "\(after.findings) \(survivor)")
        #expect(after.records == (crash.salvage ? 15 : Int(batches[3].header.baseOffset)))
        if survivor.survival == .nothing {
          #expect(try left.soundBatches(in: [left.directory] + left.asidePlaces()).isSuperset(of: sound))
        }
      }
    }
    #expect(runs > 2)
  }

  @Test("a call that fails is told, loses nothing, and does not keep the next repair from working")
  func failingCalls() async throws {
    let fixture = try await ToolsFixture().filled(26, valueBytes: 600)
    let middle = try fixture.bases()[1]
    let batches = try fixture.batches(of: middle)
    try fixture.flip(segmentName(middle), at: batches[3].position + 70)
    let sound = try fixture.soundBatches(in: [fixture.directory])
    let counter = try fixture.on(fixture.files.copy())
    _ = try counter.repair()
    let calls = counter.files.faults.calls
    for call in stride(from: 1, through: calls, by: 3) {
      let copy = try fixture.on(fixture.files.copy())
      copy.files.faults.add(FaultRule(.fail(.inputOutput), at: .call(call)))
      do {
        _ = try copy.repair()
      } catch let error as LogError {
        guard case .file(let cause) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(cause.number == .inputOutput)
      }
      copy.files.faults.removeAll()
      #expect(
        try copy.soundBatches(in: [copy.directory] + copy.asidePlaces()).isSuperset(of: sound), "call \(call)"
      )
      let plan = try copy.repair()
      #expect(plan.extent.end == LogOffset(batches[3].header.baseOffset))
      #expect(try copy.verify().findings.isEmpty, "call \(call)")
    }
  }
}

/// A batch that is somewhere.
struct FoundBatch: Hashable {
  let offset: Int64
  let bytes: ByteBuffer
}

extension ToolsFixture {
  /// Every file of every segment, by name.
  func segmentBytes() throws -> [(String, ByteBuffer)] {
    try files.list(directory).filter { SegmentFileName.parse($0.name)?.kind == .log }.map {
      ($0.name, try files.contents(of: directory / $0.name, bytesMaximum: 1 << 20))
    }
  }

  /// The directories of what was taken out.
  func asidePlaces() throws -> [FilePath] {
    let aside = directory / SegmentDirectory.asideName
    guard try files.exists(aside) else { return [] }
    return try files.list(aside).map { aside / $0.name }
  }

  /// Every sound batch in the segments of these directories, found by trying every position.
  func soundBatches(in places: [FilePath]) throws -> Set<FoundBatch> {
    var found: Set<FoundBatch> = []
    for place in places {
      for entry in try files.list(place) where SegmentFileName.parse(entry.name)?.kind == .log {
        let bytes = try files.contents(of: place / entry.name, bytesMaximum: 1 << 20)
        var position = 0
        while bytes.count - position >= RecordBatchHeader.byteCount {
          let rest = bytes.slice(from: position, count: bytes.count - position)
          var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: 1 << 20)
          if case .batch(let header, let count) = rest.withReadableBytes({ scanner.next($0, atEnd: true) }) {
            found.insert(FoundBatch(offset: header.baseOffset, bytes: rest.slice(from: 0, count: count)))
            position += count
          } else {
            position += 1
          }
        }
      }
    }
    return found
  }
}
