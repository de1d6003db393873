// The files beside a segment: what they hold, byte by byte, and which contents are refused.

import Bytes
import Records
import Testing
import Wire

@Suite("Side files") struct SideFileTests {
  // MARK: Indexes

  @Test func anOffsetIndexRowIsEightBytes() throws {
    let entry = OffsetIndexEntry(relativeOffset: 0x0102_0304, position: 0x7fff_ffff)
    let bytes = stored(OffsetIndexEntry.byteCount) { entry.store(to: $0) }
    #expect(bytes.hex == "010203047fffffff")
    #expect(try bytes.withReadableBytes { try OffsetIndexEntry(parsing: $0) } == entry)
  }

  @Test func aTimeIndexRowIsTwelveBytes() throws {
    let entry = TimeIndexEntry(timestamp: 0x0102_0304_0506_0708, relativeOffset: 0x0a0b_0c0d)
    let bytes = stored(TimeIndexEntry.byteCount) { entry.store(to: $0) }
    #expect(bytes.hex == "01020304050607080a0b0c0d")
    #expect(try bytes.withReadableBytes { try TimeIndexEntry(parsing: $0) } == entry)
  }

  @Test(
    "A row that is cut or negative is refused",
    arguments: ["", "00", "00000000000000", "8000000000000000", "00000000ffffffff"])
  func offsetIndexRefusal(hex: String) throws {
    let bytes = try ByteBuffer(hex: hex)
    #expect(throws: RecordError.self) { try bytes.withReadableBytes { try OffsetIndexEntry(parsing: $0) } }
  }

  @Test(
    "A time row that is cut or negative is refused",
    arguments: ["", "0000000000000000000000", "000000000000000080000000"])
  func timeIndexRefusal(hex: String) throws {
    let bytes = try ByteBuffer(hex: hex)
    #expect(throws: RecordError.self) { try bytes.withReadableBytes { try TimeIndexEntry(parsing: $0) } }
  }

  private func stored(_ count: Int, _ body: (UnsafeMutableRawPointer) -> Void) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.withWritableBytes(minimum: count) { room in
      body(room.baseAddress!)
      return count
    }
    return bytes
  }

  // MARK: leader-epoch-checkpoint

  @Test(
    "Leader epochs are text",
    arguments: [
      ([], "0\n0\n"), ([(0, 0)], "0\n1\n0 0\n"),
      ([(1, 0), (5, 100), (Int32.max, Int64.max)], "0\n3\n1 0\n5 100\n2147483647 9223372036854775807\n"),
    ] as [([(Int32, Int64)], String)])
  func leaderEpochs(entries: [(Int32, Int64)], text: String) throws {
    let checkpoint = LeaderEpochCheckpoint(
      entries: entries.map { LeaderEpochCheckpoint.Entry(epoch: $0.0, startOffset: $0.1) })
    #expect(checkpoint.text == text)
    #expect(try LeaderEpochCheckpoint.parse(ByteBuffer(text)) == checkpoint)
    #expect(try LeaderEpochCheckpoint.parse(ByteBuffer(text.dropLast().utf8)) == checkpoint)
  }

  @Test(
    "Malformed leader epochs are refused",
    arguments: [
      "", "0", "0\n", "1\n0\n", "00\n0\n", "0\n-1\n", "0\n+1\n1 1\n", "0\n01\n1 1\n", "0\nx\n", "0\n1\n",
      "0\n2\n1 1\n", "0\n1\n1 1\n2 2\n", "0\n1\n1 1\n\n", "0\n1\n1\n", "0\n1\n1 1 1\n", "0\n1\n1  1\n",
      "0\n1\n 1 1\n", "0\n1\n-1 1\n", "0\n1\n1 -1\n", "0\n1\n2147483648 1\n", "0\n1\n1 9223372036854775808\n",
      "0\r\n0\r\n", "0\n2\n2 1\n1 2\n", "0\n2\n1 2\n2 1\n", "0\n2\n1 1\n1 2\n", "0\n2\n1 1\n2 1\n",
      "0\n1048577\n", "0\n99999999999999999999\n", "\u{feff}0\n0\n",
    ])
  func leaderEpochRefusal(text: String) {
    let error = #expect(throws: RecordError.self) {
      try LeaderEpochCheckpoint.parse(ByteBuffer(text))
    }
    #expect(error?.description.hasPrefix("the leader-epoch-checkpoint is malformed") == true)
  }

  @Test func bytesThatAreNotTextAreRefused() throws {
    let bytes = try ByteBuffer(hex: "300a300aff")
    #expect(throws: RecordError.malformedSideFile(file: "leader-epoch-checkpoint", reason: "it is not text"))
    {
      try LeaderEpochCheckpoint.parse(bytes)
    }
  }

  // MARK: partition.metadata

  @Test func aPartitionKnowsItsTopic() throws {
    let metadata = PartitionMetadata(
      topicID: UUID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f))
    #expect(metadata.text == "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODw")
    #expect(try PartitionMetadata.parse(ByteBuffer(metadata.text)) == metadata)
    #expect(try PartitionMetadata.parse(ByteBuffer(metadata.text + "\n")) == metadata)
  }

  @Test(
    "Malformed partition metadata is refused",
    arguments: [
      "", "version: 0", "version: 0\n", "version: 1\ntopic_id: AAECAwQFBgcICQoLDA0ODw",
      "version:0\ntopic_id: AAECAwQFBgcICQoLDA0ODw", "version: 0\ntopic_id: ", "version: 0\ntopic: x",
      "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0OD", "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODw==",
      "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODx", "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0OD+",
      "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODwAA", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA",
      "version: 0\ntopic_id: AAECAwQFBgcICQoLDA0ODw\nmore: 1",
    ])
  func partitionMetadataRefusal(text: String) {
    let error = #expect(throws: RecordError.self) { try PartitionMetadata.parse(ByteBuffer(text)) }
    #expect(error?.description.hasPrefix("the partition.metadata is malformed") == true)
  }

  // MARK: <offset>.snapshot

  static let producers = ProducerSnapshot(entries: [
    ProducerSnapshot.Entry(
      producerID: 0x0102_0304_0506_0708, epoch: 0x1112, lastSequence: 0x2122_2324,
      lastOffset: 0x3132_3334_3536_3738, offsetDelta: 0x4142_4344, timestamp: 0x5152_5354_5556_5758,
      coordinatorEpoch: 0x6162_6364, currentTransactionFirstOffset: 0x7172_7374_7576_7778),
    ProducerSnapshot.Entry(
      producerID: 0, epoch: 0, lastSequence: -1, lastOffset: -1, offsetDelta: 0, timestamp: -1),
  ])

  @Test func aProducerSnapshotIsStoredFieldByField() throws {
    let bytes = Self.producers.encoded()
    let body = """
      00000002
      0102030405060708 1112 21222324 3132333435363738 41424344 5152535455565758 61626364 7172737475767778
      0000000000000000 0000 ffffffff ffffffffffffffff 00000000 ffffffffffffffff ffffffff ffffffffffffffff
      """
    let checksum = checksum(of: try ByteBuffer(hex: body))
    #expect(bytes.slice(from: 0, count: 2).hex == "0001")
    #expect(
      bytes.withReadableBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self)) }
        == checksum)
    #expect(bytes.slice(from: 6, count: bytes.count - 6).hex == body.filter { !$0.isWhitespace })
    #expect(try ProducerSnapshot.parse(bytes) == Self.producers)
    #expect(try ProducerSnapshot.parse(ProducerSnapshot().encoded()).entries.isEmpty)
  }

  @Test func anyFlippedOrMissingByteOfASnapshotIsSeen() {
    let bytes = Self.producers.encoded()
    for index in 0..<bytes.count {
      var flipped = bytes
      flipped.withMutableReadableBytes { $0[index] ^= 0x10 }
      #expect(throws: RecordError.self) { try ProducerSnapshot.parse(flipped) }
      #expect(throws: RecordError.self) {
        try ProducerSnapshot.parse(bytes.slice(from: 0, count: index))
      }
    }
  }

  /// Contents whose checksum is right all the same.
  @Test(
    "Malformed snapshots are refused for what is wrong",
    arguments: [
      (2, "00000000", "its version is 2, not 1"), (0, "00000000", "its version is 0"),
      (1, "ffffffff", "-1 entries"), (1, "00100001", "1048577 entries"), (1, "0000000000", "1 bytes follow"),
      (1, "00000001", "56 bytes are needed and 10"), (1, entry(producerID: -1), "entry 0 has producer id -1"),
      (1, entry(epoch: -2), "epoch -2"), (1, entry(lastSequence: -2), "sequence -2"),
      (1, entry(lastOffset: -2), "last offset -2"), (1, entry(offsetDelta: -1), "offset delta -1"),
      (1, entry(coordinatorEpoch: -2), "coordinator epoch -2"), (1, entry(first: -2), "first offset -2"),
      (1, "00000002" + entry().dropFirst(8) + entry().dropFirst(8), "producer 7 is there twice"),
    ] as [(Int16, String, String)])
  func snapshotRefusal(version: Int16, body: String, says: String) throws {
    let body = try ByteBuffer(hex: body)
    var bytes = ByteBuffer()
    bytes.append(bigEndian: version)
    bytes.append(bigEndian: checksum(of: body))
    bytes.append(body)
    let error = #expect(throws: RecordError.self) { try ProducerSnapshot.parse(bytes) }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  static func entry(
    producerID: Int64 = 7, epoch: Int16 = 1, lastSequence: Int32 = 2, lastOffset: Int64 = 3,
    offsetDelta: Int32 = 0, coordinatorEpoch: Int32 = 0, first: Int64 = -1
  ) -> String {
    let entry = ProducerSnapshot.Entry(
      producerID: producerID, epoch: epoch, lastSequence: lastSequence, lastOffset: lastOffset,
      offsetDelta: offsetDelta, timestamp: 0, coordinatorEpoch: coordinatorEpoch,
      currentTransactionFirstOffset: first)
    let file = ProducerSnapshot(entries: [entry]).encoded()
    return file.slice(from: 6, count: file.count - 6).hex
  }

  // MARK: Names

  @Test(
    "File names say base offset and kind",
    arguments: [
      (0, .log, "00000000000000000000.log"), (1_234, .index, "00000000000000001234.index"),
      (.max, .timeindex, "09223372036854775807.timeindex"), (5, .snapshot, "00000000000000000005.snapshot"),
      (5, .keys, "00000000000000000005.keys"),
    ] as [(Int64, SegmentFileName.Kind, String)])
  func names(base: Int64, kind: SegmentFileName.Kind, name: String) throws {
    #expect(SegmentFileName.name(base, kind) == name)
    let parsed = try #require(SegmentFileName.parse(name))
    #expect(parsed == (base, kind))
  }

  @Test(
    "Other names are no segment's",
    arguments: [
      "", ".log", "0.log", "00000000000000000000", "00000000000000000000.", "00000000000000000000.LOG",
      "00000000000000000000.log.deleted", "0000000000000000000.log", "000000000000000000000.log",
      "-0000000000000000001.log", "+0000000000000000001.log", "09223372036854775808.log",
      "0000000000000000000x.log", "0000000000000000000٣.log", "leader-epoch-checkpoint",
      "00000000000000000000.txnindex",
    ])
  func otherNames(name: String) { #expect(SegmentFileName.parse(name) == nil) }
}
