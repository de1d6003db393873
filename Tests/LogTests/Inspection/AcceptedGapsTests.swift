// Which missing offsets are accepted, and the file that says so.

import Bytes
import Files
import Testing

@testable import Log

@Suite("Accepted gaps")
struct AcceptedGapsTests {
  private let gaps = AcceptedGaps([512..<513, 100..<104, 104..<110, 300..<300])

  @Test("gaps are ordered, and those that touch are one")
  func normal() {
    #expect(gaps.ranges == [100..<110, 512..<513])
    #expect(gaps.before(105).ranges == [100..<105])
    #expect(gaps.before(100).ranges.isEmpty)
    #expect(gaps.union([110..<120]).ranges == [100..<120, 512..<513])
  }

  @Test(
    "a batch may follow where all that is missing is in one gap",
    arguments: [
      (100, 110, true), (102, 110, true), (100, 105, true), (99, 110, false), (100, 111, false),
      (110, 112, false), (512, 513, true), (0, 1, false), (105, 105, false), (105, 101, false),
    ] as [(Int64, Int64, Bool)])
  func allow(expected: Int64, offset: Int64, isAllowed: Bool) {
    #expect(gaps.allow(LogOffset(offset), after: LogOffset(expected)) == isAllowed)
  }

  @Test("the file is as its format says, and anything else counts as no gaps")
  func file() throws {
    let text = "varve accepted gaps 1\ngap 100 104\ngap 512 513\ncrc32c 3418112266\n"
    let read = try #require(AcceptedGaps(parsing: ByteBuffer(text)))
    #expect(read.ranges == [100..<104, 512..<513] && read.text == text)
    for index in text.utf8.indices {
      var bytes = Array(text.utf8)
      bytes[text.utf8.distance(from: text.startIndex, to: index)] ^= 1
      #expect(AcceptedGaps(parsing: ByteBuffer(bytes)) == nil)
    }
    for wrong in ["", "gap 1 2\n", text + "\n", String(text.dropLast())] {
      #expect(AcceptedGaps(parsing: ByteBuffer(wrong)) == nil)
    }
    let directory = SegmentDirectory(
      files: SimulatedFiles(), path: "/p", partition: PartitionID(try TopicName("p"), 0))
    try directory.files.createDirectory("/p")
    #expect(try AcceptedGaps.look(directory) == .missing)
    try gaps.store(in: directory)
    #expect(try AcceptedGaps.look(directory) == .gaps(gaps))
    try AcceptedGaps.none.store(in: directory)
    #expect(try AcceptedGaps.look(directory) == .missing)
    try directory.files.replace(atomically: directory.acceptedGaps, with: ByteBuffer("x"))
    #expect(try AcceptedGaps.look(directory) == .malformed)
  }
}
