// The numbers that are told of a partition.

import Bytes
import Files
import Log
import LogTools
import Records
import Testing

@Suite("Statistics")
struct StatisticsTests {
  @Test("records, keys, tombstones, bytes and times are counted, by segment and in all")
  func counts() async throws {
    let fixture = try await ToolsFixture().filled(300)
    try await fixture.withLog { log in
      _ = try await log.partition(fixture.id)
        .append(Record(key: ByteBuffer("gone"), value: nil, headers: [], timestamp: 2_000_000))
    }
    var options = PartitionStatistics.Options()
    options.countsKeys = true
    let statistics = try PartitionStatistics.collect(fixture.inspector(), options: options)
    let total = statistics.total
    #expect(total.records == 301 && total.batches == 301 && total.keyed == 301 && total.tombstones == 1)
    #expect(total.keys == 11)
    #expect(total.firstOffset == 0 && total.lastOffset == 300)
    #expect(total.firstTimestamp == 1_000_000 && total.lastTimestamp == 2_000_000)
    #expect(total.compressionRatio == 1)
    let described = try fixture.inspector().segments()
    #expect(statistics.segments.map(\.base) == described.map(\.base))
    #expect(statistics.segments.map(\.counts.bytes) == described.map(\.bytes))
    #expect(statistics.segments.reduce(0) { $0 + $1.counts.records } == 301)
    options.keysMaximum = 5
    #expect(try PartitionStatistics.collect(fixture.inspector(), options: options).total.keys == nil)
  }

  @Test("compression shows, and counting ends at a damage")
  func compressedAndDamaged() async throws {
    var settings = ToolsFixture.settings
    settings.compression = .zstd
    let fixture = try ToolsFixture()
    try await fixture.withLog { log in
      let partition = try await log.createTopic(fixture.id.topic, settings).partitions[0]
      for _ in 0..<200 {
        let value = ByteBuffer(String(repeating: "again and ", count: 60))
        try await partition.append(Record(key: nil, value: value, headers: []))
      }
    }
    let statistics = try PartitionStatistics.collect(fixture.inspector())
    #expect(statistics.total.compressionRatio > 5)
    let base = try fixture.bases()[1]
    try fixture.flip(segmentName(base), at: 80)
    let damaged = try PartitionStatistics.collect(fixture.inspector())
    #expect(damaged.damage?.segment.name == segmentName(base))
    #expect(damaged.total.records == Int(base))
  }
}
