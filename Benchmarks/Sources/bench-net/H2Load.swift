// The load of HTTP/2: h2load on core 1, one thread.

import Foundation

/// What a run of h2load did.
struct H2Load {
  let requests: Int

  /// - Parameter body: a file to send with each request, by POST.
  static func run(
    url: String, connections: Int, streams: Int, seconds: Int, body: String? = nil, fields: [String] = []
  ) throws -> H2Load {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "taskset", "-c", ProcessInfo.processInfo.activeProcessorCount > 1 ? "1" : "0", "h2load", "-t1",
        "-c\(connections)", "-m\(streams)", "--duration=\(seconds)",
      ] + (body.map { ["-d", $0] } ?? []) + fields.flatMap { ["-H", $0] } + [url]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // A server that answers with errors is quick and proves nothing. (The last answer may be counted in one place and
    // not in the other.)
    guard process.terminationStatus == 0,
      let match = text.firstMatch(of: /(\d+) succeeded, 0 failed/), let succeeded = Int(match.1),
      succeeded > 0,
      text.contains(" 2xx, 0 3xx, 0 4xx, 0 5xx")
    else { throw BenchmarkFailure("h2load failed: \(text)") }
    return H2Load(requests: succeeded)
  }
}
