// A log on a disk that fills up: appends are refused with the reason, what was acknowledged stays, and once
// there is room again upkeep opens the partition. On a real small disk where the machine lets tests mount one.

import Bytes
import Files
import Peers
import Records
import Runtime
import Testing

@testable import Log

@Suite("A full disk under a log")
struct FullDiskTests {
  private static let capacity = 2 << 20

  private func check(_ files: any FileSystem, _ base: FilePath) async throws {
    let fixture = try LogFixture(files, path: base / "log")
    let id = PartitionID(try TopicName("events"), 0)
    var appended: [String] = []
    try await fixture.withLog { log in
      let partition = try await log.createTopic(id.topic, smallSegments(64 << 10)).partitions[0]
      func fill() async -> LogError? {
        while appended.count < 10_000 {
          let text = "\(appended.count) " + String(repeating: "z", count: 900)
          do throws(LogError) { try await partition.append(Record(text)) } catch { return error }
          appended.append(text)
        }
        return nil
      }
      // Something else that can be removed later.
      let ballast = try files.open(base / "ballast", [.write, .create])
      var zeros = ByteBuffer()
      zeros.append(repeating: 0, count: 512 << 10)
      try ballast.write(zeros, at: 0)
      try ballast.close()

      guard case .stopped(id, let cause)? = await fill() else {
        Issue.record("it never became full")
        return
      }
      #expect(cause.isOutOfSpace && "\(cause)".contains("events-0"), "\(cause)")
      #expect(appended.count > 500)
      #expect(partition.standing == .stopped(.stopped(id, cause: cause)))
      #expect(try partition.contents().map(\.text) == appended, "what was acknowledged can still be read")
      // Nothing has changed: opening again may or may not succeed, and nothing is lost by it.
      log.runUpkeep()
      await #expect(throws: LogError.self) {
        for _ in 0..<200 {
          try await partition.append(Record(String(repeating: "y", count: 1000), key: "no"))
        }
      }
      let before = try partition.contents().map(\.text)
      #expect(before.starts(with: appended))
      appended = before

      try files.remove(base / "ballast")
      await until {
        log.runUpkeep()
        return partition.standing == .open
      }
      let start = appended.count
      for index in 0..<100 {
        let text = "after \(index)"
        #expect(try await partition.append(Record(text)).first.value == Int64(start + index))
        appended.append(text)
      }
      #expect(try partition.contents().map(\.text) == appended)
    }
    try await fixture.withLog { log in
      let texts = try log.partition(id).contents().map(\.text)
      #expect(texts == appended)
    }
  }

  @Test func simulated() async throws {
    let files = SimulatedFiles(capacityBytes: Self.capacity)
    try files.createDirectory("/base")
    try await check(files, "/base")
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs root and the right to mount"))
  func real() async throws {
    try await SmallDisk.withMounted(bytes: Self.capacity) { try await check(LocalFiles(), FilePath($0)) }
  }
}
