// kafka-python, a client that shares no code with ours, reads what we write, and we read what it writes.

import Bytes
import Peers
import Records
import Testing

@Suite("kafka-python agrees") struct ForeignReaderTests {
  /// One line a batch: hex in, description out, in the words of `describe`.
  private static let reading = """
    import sys
    from kafka.record.memory_records import MemoryRecords

    def text(value):
        return '-' if value is None else 'x' + bytes(value).hex()

    def describe(batch):
        if not batch.validate_crc():
            return 'wrong checksum'
        words = [batch.base_offset, batch.leader_epoch, batch.last_offset_delta, batch.max_timestamp,
                 batch.producer_id, batch.producer_epoch, batch.base_sequence, batch.compression_type,
                 batch.timestamp_type, int(batch.is_transactional), int(batch.is_control_batch)]
        parts = [' '.join(str(word) for word in words)]
        for record in batch:
            headers = ','.join(text(key.encode()) + '=' + text(value) for key, value in record.headers)
            parts.append(' '.join(
                [str(record.offset), str(record.timestamp), text(record.key), text(record.value), headers]))
        return '|'.join(parts)

    """

  /// The same of what we read.
  private func describe(_ batch: RecordBatch) throws -> String {
    func text(_ value: ByteBuffer?) -> String { value.map { "x" + $0.hex } ?? "-" }
    let header = batch.header
    let attributes = header.attributes
    var parts = [
      """
      \(header.baseOffset) \(header.leaderEpoch) \(header.lastOffsetDelta) \(header.maxTimestamp) \
      \(header.producerID) \(header.producerEpoch) \(header.baseSequence) \(attributes.compressionCode) \
      \(attributes.isLogAppendTime ? 1 : 0) \(attributes.isTransactional ? 1 : 0) \(attributes.isControl ? 1 : 0)
      """
    ]
    for stored in try batch.records() {
      let headers = stored.record.headers.map { "\(text(ByteBuffer($0.key)))=\(text($0.value))" }
      parts.append(
        "\(stored.offset) \(stored.timestamp) \(text(stored.record.key)) \(text(stored.record.value)) "
          + headers.joined(separator: ","))
    }
    return parts.joined(separator: "|")
  }

  @Test("what we write, it reads", arguments: Compression.allCases)
  func peerReadsOurs(compression: Compression) throws {
    var random = SeededGenerator(seed: 11)
    let shrinking = Record("key", String(repeating: "varve ", count: 200))
    var batches = try (0..<40).map { index in
      let records = [shrinking] + (0..<index % 12).map { _ in Record.random(using: &random) }
      return try makeBatch(
        records, baseOffset: Int64.random(in: 0...1 << 50, using: &random), compression: compression
      ) { header in
        header.leaderEpoch = Int32(index)
        header.attributes.isLogAppendTime = index % 5 == 0
        guard index % 3 == 0 else { return }
        header.attributes.isTransactional = index % 2 == 0
        (header.producerID, header.producerEpoch, header.baseSequence) = (77, 3, .max - 1)
      }
    }
    // Big: many records, and one large one.
    batches.append(
      try makeBatch((0..<5_000).map { Record("\($0 % 97)", "value \($0)") }, compression: compression))
    batches.append(
      try makeBatch([Record(nil, String(repeating: "0123456789", count: 20_000))], compression: compression))
    // Holes, as compaction leaves them.
    batches.append(
      try makeBatch([shrinking, shrinking], deltas: [4, 900], compression: compression) {
        $0.lastOffsetDelta = 1_000
      })
    let answers = try peer(
      """
      for line in sys.stdin:
          print(describe(next(iter(MemoryRecords(bytes.fromhex(line))))))
      """, input: batches.map(\.bytes.hex))
    try #require(answers.count == batches.count)
    for (batch, answer) in zip(batches, answers) {
      let isSame = try answer == describe(batch)
      #expect(isSame, "\(batch.header): \(answer.prefix(300))")
    }
  }

  @Test(
    "what it writes, we read, and ours is the same bytes when not compressed", arguments: Compression.allCases
  )
  func weReadPeers(compression: Compression) throws {
    let answers = try peer(
      """
      import random
      from kafka.record.memory_records import MemoryRecordsBuilder
      random.seed(17)

      def field(longest):
          size = random.choice([None, 0, 1, 63, 64, longest])
          return None if size is None else bytes(random.choices(b'abc', k=size))

      def build(records, **options):
          builder = MemoryRecordsBuilder(2, int(sys.argv[1]), 1 << 30, **options)
          for timestamp, key, value, headers in records:
              assert builder.append(timestamp, key, value, headers) is not None
          builder.close()
          data = bytes(builder.records()._buffer)
          print(data.hex(), describe(next(iter(MemoryRecords(data)))), sep='#')

      shrinking = (1700000000000, None, b'varve ' * 300, [])
      for index in range(40):
          records = [shrinking] + [
              (1700000000000 + random.randrange(-1000, 1 << 36), field(70), field(3000),
               [(random.choice(['', 'h', '\\u043a']), field(100)) for _ in range(random.choice([0, 0, 2, 70]))])
              for _ in range(index % 10)]
          options = {}
          if index % 3 == 0:
              options = dict(producer_id=9, producer_epoch=2, base_sequence=5, transactional=index % 2 == 0)
          build(records, **options)
      build([(1700000000000 + i, b'%d' % (i % 97), b'value %d' % i, []) for i in range(5000)])
      build([(1700000000000, b'large', b'0123456789' * 20000, [])])
      """, arguments: ["\(compression.rawValue)"], input: [])
    try #require(answers.count == 42)
    for answer in answers {
      let halves = answer.split(separator: "#")
      let theirs = try RecordBatch(validating: ByteBuffer(hex: String(halves[0])))
      #expect(theirs.header.attributes.compression == compression)
      let isSame = try describe(theirs) == halves[1]
      #expect(isSame, "\(theirs.header): \(halves[1].prefix(300))")
      if compression == .none {
        let header = theirs.header
        let ours = try makeBatch(theirs.contents(), baseTimestamp: header.baseTimestamp) { ours in
          (ours.leaderEpoch, ours.attributes, ours.producerID) = (0, header.attributes, header.producerID)
          (ours.producerEpoch, ours.baseSequence) = (header.producerEpoch, header.baseSequence)
        }
        #expect(ours.bytes == theirs.bytes)
      }
    }
  }

  @Test func itKnowsOurControlRecords() throws {
    let batches = try [ControlRecord.Kind.abort, .commit].map { kind in
      try makeBatch([ControlRecord(kind, coordinatorEpoch: 4).record()]) {
        ($0.attributes.isControl, $0.attributes.isTransactional, $0.producerID, $0.producerEpoch) = (
          true, true, 9, 1
        )
      }
    }
    let answers = try peer(
      """
      for line in sys.stdin:
          batch = next(iter(MemoryRecords(bytes.fromhex(line))))
          record = next(iter(batch))
          print(batch.is_control_batch, record.version, record.abort, record.commit)
      """, input: batches.map(\.bytes.hex))
    #expect(answers == ["True 0 True False", "True 0 False True"])
  }

  @Test func itWalksASegmentOfOurs() throws {
    var segment = ByteBuffer()
    var expected: [String] = []
    for (index, compression) in [Compression.none, .zstd, .lz4, .none].enumerated() {
      let batch = try makeBatch(
        (0..<50).map { Record("k\($0)", "value \($0)") }, baseOffset: Int64(index) * 50,
        compression: compression)
      segment.append(batch.bytes)
      expected.append(try describe(batch))
    }
    let answers = try peer(
      """
      for batch in MemoryRecords(bytes.fromhex(sys.stdin.read())):
          print(describe(batch))
      """, input: [segment.hex])
    #expect(answers == expected)
  }

  private func peer(_ script: String, arguments: [String] = [], input: [String]) throws -> [String] {
    let output = try ForeignProgram.python(
      Self.reading + script, arguments, input: input.map { $0 + "\n" }.joined())
    return output.split(separator: "\n").map(String.init)
  }
}
