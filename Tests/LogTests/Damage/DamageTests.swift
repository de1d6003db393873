// A partition's files after something went wrong with them: what opens, what can only be read, and what the
// error says. Each case breaks the same partition in one way.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Damage")
struct DamageTests {
  private static let directory: FilePath = "/log/events-0"

  /// One way to break a partition, and what is expected then.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Whether it was closed in order before.
    var isClosed = false
    let harm: @Sendable (SimulatedFiles, [SegmentInfo]) throws -> Void
    /// What the damage says, in words; nil when the partition opens for writing with everything in it.
    var damage: (@Sendable ([SegmentInfo]) -> [String])?
    /// How many segments can be read in full.
    var segmentsReadable: @Sendable (Int) -> Int = { $0 }
  }

  private static func path(_ segment: SegmentInfo, _ kind: SegmentFileName.Kind = .log) -> FilePath {
    directory / SegmentFileName.name(segment.base, kind)
  }

  private static func flip(_ files: SimulatedFiles, _ path: FilePath, at position: Int) throws {
    let file = try files.open(path, [.read, .write])
    var bytes = ByteBuffer()
    try file.read(exactly: 1, into: &bytes, at: position)
    let flipped = bytes.withReadableBytes { $0[0] ^ 0x40 }
    try file.write(ByteBuffer([flipped]), at: position)
    try file.close()
  }

  private static func cut(_ files: SimulatedFiles, _ path: FilePath, to bytes: Int) throws {
    let file = try files.open(path, [.write])
    try file.truncate(to: bytes)
    try file.close()
  }

  static let broken: [Case] = [
    Case(
      testDescription: "a flipped byte in the last batch of a sealed segment",
      harm: { try flip($0, path($1[1]), at: $1[1].bytes - 3) },
      damage: { ["\(path($0[1])) at ", "expected a batch with offset \($0[2].base - 1)"] },
      segmentsReadable: { _ in 1 }),
    Case(
      testDescription: "a sealed segment that ends inside a batch",
      harm: { try cut($0, path($1[1]), to: $1[1].bytes - 5) },
      damage: { ["\(path($0[1])) at ", "expected a batch with offset \($0[2].base - 1)"] },
      segmentsReadable: { _ in 1 }),
    Case(
      testDescription: "a sealed segment of no bytes",
      harm: { try cut($0, path($1[1]), to: 0) },
      damage: { ["\(path($0[1])) at 0", "records up to offset \($0[2].base)"] },
      segmentsReadable: { _ in 1 }),
    Case(
      testDescription: "a sealed segment that is missing",
      harm: { try $0.remove(path($1[1])) },
      damage: { ["\(path($0[0])) at \($0[0].bytes)", "records up to offset \($0[2].base)"] },
      segmentsReadable: { _ in 1 }),
    Case(
      testDescription: "a segment of no bytes that begins too late", isClosed: true,
      harm: { files, segments in
        try files.open(directory / SegmentFileName.name(5000, .log), [.write, .create]).close()
      },
      damage: { ["\(path($0[$0.count - 1])) at ", "records up to offset 5000"] }),
    Case(
      testDescription: "a flipped byte in the active segment before the durable end",
      harm: { try flip($0, path($1[$1.count - 1]), at: 70) },
      damage: { ["\(path($0[$0.count - 1])) at 0", "everything before 60 was durable"] },
      segmentsReadable: { $0 - 1 }),
    Case(
      testDescription: "an active segment that is missing",
      harm: { try $0.remove(path($1[$1.count - 1])) },
      damage: { ["\(path($0[$0.count - 2])) at ", "everything before 60 was durable"] },
      segmentsReadable: { $0 - 1 }),
    Case(
      testDescription: "no segment at all",
      harm: { files, segments in for segment in segments { try files.remove(path(segment)) } },
      damage: { _ in ["everything before offset 60", "no segment at all"] },
      segmentsReadable: { _ in 0 }),
    Case(
      testDescription: "a durable end past the end",
      harm: { files, _ in
        let end = try DurableEnd(SegmentDirectory(files: files, path: directory, partition: id()))
        try end.write(70)
      },
      damage: { ["\(path($0[$0.count - 1])) at ", "everything before 70 was durable"] }),
  ]

  static let harmless: [Case] = [
    Case(
      testDescription: "garbage behind the durable end",
      harm: { files, segments in
        let last = segments[segments.count - 1]
        let file = try files.open(path(last), [.write])
        try file.write(
          ByteBuffer("not a batch, but long enough to have been the header of one or two"), at: last.bytes)
        try file.close()
      }),
    Case(
      testDescription: "a first part of a batch behind the durable end",
      harm: { files, segments in
        let last = segments[segments.count - 1]
        let bytes = try files.contents(of: path(last), bytesMaximum: 1 << 20)
        let file = try files.open(path(last), [.write])
        try file.write(bytes.slice(from: 0, count: 100), at: last.bytes)
        try file.close()
      }),
    Case(
      testDescription: "no durable end", harm: { files, _ in try files.remove(directory / "durable-end") }),
    Case(
      testDescription: "a durable end that is garbage",
      harm: { files, _ in
        try files.replace(atomically: directory / "durable-end", with: ByteBuffer("sixteen bytes 16"))
      }),
    Case(
      testDescription: "a durable end of another size",
      harm: { files, _ in try files.replace(atomically: directory / "durable-end", with: ByteBuffer("VDE1")) }
    ),
    Case(
      testDescription: "no index files",
      harm: { files, segments in
        for segment in segments.dropLast() {
          try files.remove(path(segment, .index))
          try files.remove(path(segment, .timeindex))
        }
      }),
    Case(
      testDescription: "index files that are garbage",
      harm: { files, segments in
        for segment in segments {
          let garbage = ByteBuffer((0..<72).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) })
          try files.replace(atomically: path(segment, .index), with: garbage)
          try files.replace(atomically: path(segment, .timeindex), with: garbage)
        }
      }),
    Case(
      testDescription: "index files of another segment", isClosed: true,
      harm: { files, segments in
        for kind in [SegmentFileName.Kind.index, .timeindex] {
          let first = try files.contents(of: path(segments[0], kind), bytesMaximum: 1 << 20)
          for segment in segments { try files.replace(atomically: path(segment, kind), with: first) }
        }
      }),
    Case(
      testDescription: "offset indexes that are garbage, after it was closed", isClosed: true,
      harm: { files, segments in
        for segment in segments {
          let garbage = ByteBuffer((0..<72).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) })
          try files.replace(atomically: path(segment, .index), with: garbage)
        }
      }),
    Case(
      testDescription: "a clean-shutdown marker that is garbage", isClosed: true,
      harm: { files, _ in
        try files.replace(
          atomically: directory / "clean-shutdown", with: ByteBuffer("varve clean shutdown 1\n"))
      }),
    Case(
      testDescription: "a clean-shutdown marker of another time", isClosed: true,
      harm: { files, segments in
        let marker = CleanShutdown(
          firstOffset: 0, nextOffset: 13, segments: segments.count, activeBase: 0, activeBytes: 4000)
        try marker.write(SegmentDirectory(files: files, path: directory, partition: id()))
      }),
    Case(
      testDescription: "no producer snapshot, after it was closed", isClosed: true,
      harm: { files, _ in
        for entry in try files.list(directory) where entry.name.hasSuffix(".snapshot") {
          try files.remove(directory / entry.name)
        }
      }),
    Case(
      testDescription: "a segment of no bytes at the end", isClosed: true,
      harm: { files, _ in
        try files.open(directory / SegmentFileName.name(60, .log), [.write, .create]).close()
      }),
    Case(
      testDescription: "files that a crash left half made",
      harm: { files, segments in
        let base = SegmentFileName.name(segments[1].base, .log)
        for name in [".tmp-segment.1", base + ".cleaned", base + ".deleted"] {
          try files.replace(atomically: directory / name, with: ByteBuffer("anything"))
        }
      }),
  ]

  private static func id() throws -> PartitionID { PartitionID(try TopicName("events"), 0) }

  /// A partition of 60 records in several segments, and what its segments are.
  private func partition(closed: Bool) async throws -> (SimulatedFiles, [SegmentInfo]) {
    let files = SimulatedFiles()
    let fixture = try LogFixture(files)
    var copy = files
    var segments: [SegmentInfo] = []
    try await fixture.withLog { log in
      let partition = try await log.createTopic(TopicName("events"), smallSegments()).partitions[0]
      for index in 0..<60 {
        try await partition.append(
          Record("\(index)" + String(repeating: ".", count: 300), timestamp: 1000 + Int64(index)))
      }
      segments = partition.table.segments
      copy = files.copy()
    }
    try #require(segments.count >= 4)
    return (closed ? files.copy() : copy, segments)
  }

  @Test("what was durable and is not there makes a partition that can only be read", arguments: broken)
  func isRefused(_ example: Case) async throws {
    let (files, segments) = try await partition(closed: example.isClosed)
    try example.harm(files, segments)
    try await LogFixture(files).withLog { log in
      let partition = try log.partition(Self.id())
      guard case .readOnly(.damaged(let damage)) = partition.standing else {
        Issue.record("\(partition.standing)")
        return
      }
      for words in example.damage?(segments) ?? [] {
        #expect("\(damage)".contains(words), "\(damage)")
      }
      #expect("\(damage)".contains("varve log repair events --partition 0"))
      await #expect(throws: LogError.damaged(damage)) { try await partition.append(Record("more")) }
      let readable = segments.prefix(example.segmentsReadable(segments.count))
      let end = readable.count == segments.count ? 60 : segments[readable.count].base
      var found: [StoredRecord] = []
      do {
        var reader = try partition.reader(from: .beginning)
        while let batch = try reader.next() { found += try batch.records() }
      } catch {
        guard case .damaged = error as? LogError else {
          Issue.record("\(error)")
          return
        }
      }
      #expect(found.map(\.offset).starts(with: 0..<end), "\(found.count) of \(end)")
      #expect(found.map(\.offset) == Array(0..<Int64(found.count)), "what is read has no hole")
    }
  }

  @Test("what can be made anew is, and everything is there", arguments: harmless)
  func isMended(_ example: Case) async throws {
    let (files, segments) = try await partition(closed: example.isClosed)
    try example.harm(files, segments)
    for life in 0..<2 {
      try await LogFixture(files).withLog { log in
        let partition = try log.partition(Self.id())
        #expect(partition.standing == .open)
        #expect(partition.extent().end == LogOffset(60 + Int64(life)))
        for offset in Int64(0)..<60 {
          var reader = try partition.reader(from: .offset(LogOffset(offset)))
          #expect(try reader.next()?.header.baseOffset == offset)
        }
        try await partition.append(Record("more", timestamp: 5000 + Int64(life)))
      }
    }
    let left = try files.list(Self.directory).map(\.name)
    #expect(
      left.allSatisfy { !$0.hasPrefix(".tmp") && !$0.hasSuffix(".cleaned") && !$0.hasSuffix(".deleted") })
  }

  @Test("indexes that were lost are made anew, the same")
  func indexesAreTheSame() async throws {
    let (files, segments) = try await partition(closed: false)
    func indexes() throws -> [ByteBuffer] {
      try segments.dropLast().flatMap { segment in
        try [SegmentFileName.Kind.index, .timeindex].map {
          try files.contents(of: Self.path(segment, $0), bytesMaximum: 1 << 20)
        }
      }
    }
    let before = try indexes()
    for segment in segments.dropLast() {
      try files.remove(Self.path(segment, .index))
      try files.remove(Self.path(segment, .timeindex))
    }
    try await LogFixture(files).withLog { _ in }
    #expect(try indexes() == before)
  }

  @Test("a reader that meets damage says where, and the partition takes no more appends")
  func readerFindsIt() async throws {
    let (files, segments) = try await partition(closed: true)
    try Self.flip(files, Self.path(segments[1]), at: 80)
    try await LogFixture(files).withLog { log in
      let partition = try log.partition(Self.id())
      #expect(partition.standing == .open, "a quick look does not read everything")
      var reader = try partition.reader(from: .beginning)
      var read: Int64 = 0
      var failure: LogError?
      do throws(LogError) {
        while let batch = try reader.next() { read = batch.header.nextOffset }
      } catch {
        failure = error
      }
      #expect(read == segments[1].base)
      guard case .damaged(let damage)? = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
      #expect(damage.segment == Self.path(segments[1]) && damage.position == 0)
      #expect(partition.standing == .readOnly(.damaged(damage)))
      // What lies behind it can still be read.
      #expect(
        try partition.contents(from: .offset(LogOffset(segments[2].base))).count == 60 - Int(segments[2].base)
      )
    }
  }
}
