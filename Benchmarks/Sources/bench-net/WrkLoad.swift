// The load: wrk on core 1, one thread, so that the server is what is measured and not the client's scheduling.

import Foundation

/// What a run of wrk did.
struct WrkLoad {
  let requests: Int

  static func run(url: String, connections: Int, seconds: Int) throws -> WrkLoad {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "taskset", "-c", ProcessInfo.processInfo.activeProcessorCount > 1 ? "1" : "0", "wrk", "-t1",
      "-c\(connections)", "-d\(seconds)s", "-H", "User-Agent: wrk", "-H", "Accept: */*", url,
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
    return WrkLoad(requests: requests)
  }
}
