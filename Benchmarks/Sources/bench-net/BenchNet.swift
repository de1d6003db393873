// What a request costs beside nginx, and a WebSocket's message beside Python's servers: the same load, turn and turn about, and the CPU time that each server's threads
// spent on it. The server runs alone on core 0 and the load on core 1; both servers are processes of their own.

import Foundation
import Measure

@main
struct BenchNet {
  static func main() throws {
    if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "serve" {
      return try TestedServer.run(folder: CommandLine.arguments[2], port: CommandLine.arguments[3])
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "echo-load" {
      return try EchoLoad.run(port: CommandLine.arguments[2])
    }
    var seconds = 3
    var names: Set<String> = []
    for argument in CommandLine.arguments.dropFirst() {
      if argument == "--short" { seconds = 1 } else { names.insert(argument) }
    }
    let folder = try TestFiles()
    defer { folder.remove() }
    let ours = try ServerProcess.ours(folder)
    defer { ours.stop() }
    let nginx = try ServerProcess.nginx(folder)
    defer { nginx.stop() }
    let nghttpd = try ServerProcess.nghttpd(folder)
    defer { nghttpd.stop() }
    for row in Row.all where names.isEmpty || names.contains(row.name) {
      try row.measure(ours, nginx, "nginx", seconds: seconds)
      if row.streams > 1 { try row.measure(ours, nghttpd, "nghttpd", seconds: seconds) }
    }
    for row in EchoRow.all where names.isEmpty || names.contains(row.name) {
      try row.measure(ours, seconds: seconds)
    }
  }
}

/// One line of the table. More protocols are more rows, each with the paths, the load and the peer that it needs.
struct Row {
  let name: String
  let ourPath: String
  let peerPath: String
  let connections: Int
  /// Requests at a time on a connection; above 1 over HTTP/2.
  var streams = 1
  let goal: String

  static let all = [
    Row(name: "http1-1k-memory", ourPath: "/memory/1k", peerPath: "/1k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-1k-file", ourPath: "/1k", peerPath: "/1k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-64k-file", ourPath: "/64k", peerPath: "/64k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-1m-file", ourPath: "/1m", peerPath: "/1m", connections: 16, goal: "time 1.0x"),
    Row(
      name: "http2-1k-100-streams", ourPath: "/1k", peerPath: "/1k", connections: 4, streams: 100,
      goal: "time 1.0x"),
  ]

  func measure(_ ours: ServerProcess, _ peer: ServerProcess, _ peerName: String, seconds: Int) throws {
    // Connections, caches and the open files of both warm up first.
    _ = try cost(ours, ourPath, seconds: 1)
    _ = try cost(peer, peerPath, seconds: 1)
    var (mine, theirs): ([Double], [Double]) = ([], [])
    var (requests, allocations) = (0, 0)
    for _ in 0..<3 {
      let before = try ours.allocations()
      let (cost, count) = try cost(ours, ourPath, seconds: seconds)
      allocations += try ours.allocations() - before
      requests += count
      mine.append(cost)
      theirs.append(try self.cost(peer, peerPath, seconds: seconds).nanoseconds)
    }
    Comparison(name, ours: mine, peer: theirs).report(peerName: peerName, goal: goal)
    print("  \(requests) requests, \(allocations) allocations, connecting included")
  }

  /// Nanoseconds of CPU that `server` spends on a request, and how many requests there were.
  private func cost(
    _ server: ServerProcess, _ path: String, seconds: Int
  ) throws -> (nanoseconds: Double, requests: Int) {
    let before = try server.cpuNanoseconds()
    let isPlain = streams == 1
    let url = "http://127.0.0.1:\(isPlain ? server.port : server.http2Port)\(path)"
    let requests =
      isPlain
      ? try WrkLoad.run(url: url, connections: connections, seconds: seconds).requests
      : try H2Load.run(url: url, connections: connections, streams: streams, seconds: seconds).requests
    return (Double(try server.cpuNanoseconds() - before) / Double(requests), requests)
  }
}
