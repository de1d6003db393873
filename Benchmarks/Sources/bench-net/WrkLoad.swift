// The load: wrk on core 1, one thread, so that the server is what is measured and not the client's scheduling.

import Foundation

/// What a run of wrk did.
struct WrkLoad {
  let requests: Int
  /// What one request in a hundred took longer than.
  let p99Microseconds: Double

  static func run(url: String, connections: Int, seconds: Int) throws -> WrkLoad {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "taskset", "-c", ProcessInfo.processInfo.activeProcessorCount > 1 ? "1" : "0", "wrk", "-t1",
      "--latency", "-c\(connections)", "-d\(seconds)s", "-H", "User-Agent: wrk", "-H", "Accept: */*", url,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let match = text.firstMatch(of: /(\d+) requests in/), let requests = Int(match.1), requests > 0
    else { throw BenchmarkFailure("wrk failed: \(text)") }
    // A server that answers with errors, or not at all, is quick and proves nothing.
    if text.contains("Non-2xx") || text.contains("Socket errors") { throw BenchmarkFailure(text) }
    let units = ["us": 1.0, "ms": 1e3, "s": 1e6]
    guard let latency = text.firstMatch(of: /99%\s+([0-9.]+)(us|ms|s)/), let figure = Double(latency.1),
      let unit = units[String(latency.2)]
    else { throw BenchmarkFailure("wrk says no p99: \(text)") }
    return WrkLoad(requests: requests, p99Microseconds: figure * unit)
  }
}
