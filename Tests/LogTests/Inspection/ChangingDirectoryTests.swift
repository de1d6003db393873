// Readers in another process while segments are deleted and compacted under them: step by step, by hand, in the
// order in which it is done.

import Bytes
import Files
import Records
import Testing

@testable import Log

@Suite("Segments that go and change under a reader")
struct ChangingDirectoryTests {
  /// A closed log of 300 records, as another process finds it.
  private func makeLog() async throws -> (PartitionInspector, SegmentDirectory, [Int64]) {
    try open(await makeFiles())
  }

  private func makeFiles() async throws -> SimulatedFiles {
    let files = SimulatedFiles()
    let fixture = try LogFixture(files)
    let name = try TopicName("events")
    try await fixture.withLog { log in
      let partition = try await log.createTopic(name, smallSegments()).partitions[0]
      for index in 0..<300 { try await partition.append(Record("value \(index)")) }
    }
    return files
  }

  private func open(_ files: SimulatedFiles) throws -> (PartitionInspector, SegmentDirectory, [Int64]) {
    let inspector = try LogDirectory(path: "/log", files: files)
      .partition(PartitionID(try TopicName("events"), 0))
    return (inspector, inspector.directory, try inspector.segmentFiles().map(\.base))
  }

  private func contents(_ directory: SegmentDirectory, _ base: Int64) throws -> ByteBuffer {
    try directory.files.contents(of: directory.log(base), bytesMaximum: 1 << 20)
  }

  /// The second and third segment with every other record, as the cleaner leaves them before it swaps.
  private func writeSwap(_ directory: SegmentDirectory, _ bases: [Int64]) throws -> FilePath {
    var merged = ByteBuffer()
    for base in bases[1...2] {
      var rest = try contents(directory, base)
      var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: 1 << 20)
      while case .batch(let header, let count) = rest.withReadableBytes({ scanner.next($0, atEnd: true) }) {
        let batch = rest.split(count)
        if header.baseOffset % 2 == 0 || header.nextOffset == bases[3] { merged.append(batch) }
      }
    }
    let swap = directory.path / (SegmentFileName.name(bases[1], .log) + SegmentSwaps.swapSuffix)
    try directory.files.replace(atomically: swap, with: merged)
    return swap
  }

  private func expected(_ bases: [Int64]) -> [Int64] {
    (0..<300).filter { $0 < bases[1] || $0 >= bases[3] || $0 % 2 == 0 || $0 == bases[3] - 1 }
  }

  @Test("a reader misses nothing of segments that are merged while it stands at any offset before or in them")
  func compaction() async throws {
    let files = try await makeFiles()
    for stop in stride(from: 0, to: 300, by: 17) {
      for step in 0..<3 {
        let (inspector, directory, bases) = try open(files.copy())
        var reader = try inspector.reader(from: .beginning)
        var offsets: [Int64] = []
        while offsets.count < stop, let batch = try reader.next() { offsets.append(batch.header.baseOffset) }
        _ = try writeSwap(directory, bases)
        if step == 1 { try directory.files.remove(directory.log(bases[2])) }
        if step == 2 { try SegmentSwaps(directory: directory).finish() }
        while let batch = try reader.next() { offsets.append(batch.header.baseOffset) }
        // What was read before may be in it or not; nothing of what stays is missing, nothing comes twice.
        #expect(Set(offsets).isSuperset(of: expected(bases)), "after \(stop), step \(step)")
        #expect(offsets == offsets.sorted() && Set(offsets).count == offsets.count)
        let fresh = try inspector.contents().map(\.offset)
        #expect(fresh == expected(bases), "step \(step)")
        if stop > 0 { continue }
        let description = try inspector.segments()
        #expect(description.map(\.base) == bases.filter { $0 != bases[2] })
      }
    }
  }

  @Test("a reader goes on in a segment that was deleted, and hears then that its offset is out of range")
  func deletion() async throws {
    let (inspector, directory, bases) = try await makeLog()
    var within = try inspector.reader(from: .beginning, options: .small)
    _ = try within.next()
    var waiting = try inspector.reader(from: .beginning)
    for base in bases[0...1] { try directory.files.remove(directory.log(base)) }
    var offsets: [Int64] = []
    while within.nextOffset.value < bases[1], let batch = try within.next() {
      offsets.append(batch.header.baseOffset)
    }
    #expect(offsets == (1..<bases[1]).map { $0 })
    // The next segment is gone: what was in it is not passed over in silence.
    let next = LogOffset(bases[1])
    #expect(
      throws: LogError.offsetOutOfRange(inspector.id, requested: next, first: LogOffset(bases[2]), end: 300)
    ) { try within.next() }
    #expect(
      throws: LogError.offsetOutOfRange(inspector.id, requested: 0, first: LogOffset(bases[2]), end: 300)
    ) {
      try waiting.next()
    }
    #expect(try inspector.extent() == LogExtent(first: LogOffset(bases[2]), end: 300))
    #expect(throws: LogError.self) { try inspector.reader(from: .offset(0)) }
  }

  @Test("a durable end that is behind after a power cut does not hide what the closing of the log left")
  func staleDurableEnd() async throws {
    let (inspector, directory, _) = try await makeLog()
    for content in [ByteBuffer(), ByteBuffer("rubbish"), ByteBuffer(String(repeating: "long", count: 2000))] {
      try directory.files.replace(atomically: directory.durableEnd, with: content)
      #expect(try inspector.extent().end == 300)
    }
    try DurableEnd.replace(with: 17, in: directory)
    #expect(try inspector.extent().end == 300)
    try directory.files.remove(directory.cleanShutdown)
    #expect(try inspector.extent().end == 17)
    try directory.files.remove(directory.durableEnd)
    #expect(try inspector.extent().end == 300)
  }
}

extension BatchReader.Options {
  /// Little at once, so that files are read when their batches are asked for.
  fileprivate static var small: BatchReader.Options {
    var options = BatchReader.Options()
    options.blockBytes = 128
    return options
  }
}
