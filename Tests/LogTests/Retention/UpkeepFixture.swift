// A log whose clock the test moves: nothing of upkeep happens but what the test asks for.

import Bytes
import Files
import Records
import Runtime
import Telemetry

@testable import Log

/// A log for one test of upkeep.
struct UpkeepFixture {
  let time = ManualTime()
  let files: SimulatedFiles
  let pool: BlockingPool

  init() throws {
    files = SimulatedFiles(time: time)
    pool = try BlockingPool(name: "test", threads: 2, queueLimit: 64)
  }

  func open(
    keysMaximum: Int = 1000, registry: MetricRegistry = MetricRegistry()
  ) async throws -> EventLog {
    var configuration = EventLog.Configuration(path: "/log")
    configuration.compactionKeysMaximum = keysMaximum
    return try await EventLog.open(
      configuration, files: files, pool: pool, time: time, registry: registry)
  }

  /// Opens the log, does something with it, and closes it.
  func withLog<Result>(
    registry: MetricRegistry = MetricRegistry(), _ body: (EventLog) async throws -> Result
  ) async throws -> Result {
    let log = try await open(registry: registry)
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

extension TopicName {
  static func test(_ text: String) -> TopicName {
    do throws(LogError) { return try TopicName(text) } catch { preconditionFailure("\(error)") }
  }
}

extension MetricRegistry {
  /// What is counted, as it is scraped.
  func scrape() -> String {
    var text = ByteBuffer()
    render(into: &text)
    return String(validating: text) ?? ""
  }
}
