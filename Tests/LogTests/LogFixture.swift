// A log on a disk that the test owns, and short ways to say what is appended and read.

import Bytes
import Files
import Records
import Runtime
import Telemetry

@testable import Log

/// A log for one test.
struct LogFixture {
  let files: any FileSystem
  let path: FilePath
  let pool: BlockingPool

  init(_ files: any FileSystem = SimulatedFiles(), path: FilePath = "/log") throws {
    self.files = files
    self.path = path
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
  }

  func open(registry: MetricRegistry = MetricRegistry()) async throws -> EventLog {
    try await EventLog.open(
      EventLog.Configuration(path: path), files: files, pool: pool, registry: registry)
  }

  /// Opens the log, does something with it, and closes it.
  @discardableResult
  func withLog<Result>(_ body: (EventLog) async throws -> Result) async throws -> Result {
    let log = try await open()
    do {
      let result = try await body(log)
      try await log.close()
      return result
    } catch {
      try await log.close()
      throw error
    }
  }
}

extension Record {
  /// A record with text in it.
  init(_ value: String, key: String? = nil, timestamp: Int64? = nil) {
    self.init(key: key.map { ByteBuffer($0) }, value: ByteBuffer(value), headers: [], timestamp: timestamp)
  }
}

extension StoredRecord {
  /// The value as text.
  var text: String { record.value.flatMap { String(validating: $0) } ?? "-" }
}

extension Partition {
  /// Every record there is, by a reader that begins at `start`.
  func contents(from start: ReadStart = .beginning) throws -> [StoredRecord] {
    var reader = try reader(from: start)
    var found: [StoredRecord] = []
    while let batch = try reader.next() { found += try batch.records() }
    return found
  }
}

/// Settings with segments so small that they are rolled all the time.
func smallSegments(_ bytes: Int = 4096) -> TopicSettings {
  var settings = TopicSettings()
  settings.segmentBytes = bytes
  settings.recordBytesMaximum = 1024
  settings.batchBytesMaximum = 2048
  settings.queueBytesMaximum = 64 << 10
  settings.flushBytes = 4096
  return settings
}
