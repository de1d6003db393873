// What a request costs beside nginx and nghttpd, a call beside gRPC for Python, a WebSocket's message beside Python's
// servers, and an idle connection beside nginx: the same load, turn and turn about, and the CPU time that each server's
// threads spent on it. The server runs alone on core 0 and the load on core 1; all of them are processes of their own.

import Crowd
import Foundation
import Measure

@main
struct BenchNet {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    switch (arguments.first, arguments.count) {
    case ("serve", 2): return try TestedServer.run(folder: arguments[2])
    case ("echo-load", 2): return try EchoLoad.run(port: arguments[2])
    case ("crowd", 5): return try await IdleRow.holdCrowd(Array(arguments.dropFirst()))
    default: break
    }
    var seconds = 3
    var wanted: [String] = []
    for argument in arguments {
      if argument == "--short" { seconds = 1 } else { wanted.append(argument) }
    }
    // Inherited by the servers.
    try Crowd.raiseDescriptorLimit()
    let servers = try Servers()
    defer { servers.stop() }
    var hasFailed = false
    func measure(_ name: String, _ body: () throws -> Void) {
      guard wanted.isEmpty || wanted.contains(where: { name.hasPrefix($0) }) else { return }
      do {
        try body()
      } catch {
        // The others are worth having.
        print("\(name): \(error)")
        hasFailed = true
      }
      // Wherever the lines go, they are there when a row is done.
      fflush(nil)
    }
    for row in Row.all { measure(row.name) { try row.measure(servers, seconds: seconds) } }
    for row in GRPCRow.all { measure(row.name) { try row.measure(servers, seconds: seconds) } }
    for row in EchoRow.all { measure(row.name) { try row.measure(try servers.ours(), seconds: seconds) } }
    for row in IdleRow.all { measure(row.name) { try row.measure(servers) } }
    if hasFailed { throw BenchmarkFailure("not every row could be measured") }
  }
}

/// Turns of a measurement; the figures are medians.
let turns = 5
