// What a request of HTTP costs: HTTP/1.1, the same over TLS 1.3, and HTTP/2.

import Foundation
import Measure

/// One line of the table for HTTP.
struct Row {
  /// What is spoken.
  enum Manner {
    case plain, tls
    /// With so many requests at a time on a connection.
    case http2(streams: Int)
  }

  let name: String
  let ourPath: String
  let peerPath: String
  let connections: Int
  var manner = Manner.plain
  var isBesideNghttpd = false
  let goal: String

  static let all = [
    Row(name: "http1-1k-memory", ourPath: "/memory/1k", peerPath: "/1k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-1k-file", ourPath: "/1k", peerPath: "/1k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-64k-file", ourPath: "/64k", peerPath: "/64k", connections: 64, goal: "time 0.8x"),
    Row(name: "http1-1m-file", ourPath: "/1m", peerPath: "/1m", connections: 16, goal: "time 1.0x"),
    Row(
      name: "tls-1k-memory", ourPath: "/memory/1k", peerPath: "/1k", connections: 64, manner: .tls,
      goal: "time 1.0x"),
    Row(
      name: "tls-1k-file", ourPath: "/1k", peerPath: "/1k", connections: 64, manner: .tls, goal: "time 1.0x"),
    Row(
      name: "tls-64k-file", ourPath: "/64k", peerPath: "/64k", connections: 64, manner: .tls,
      goal: "time 1.0x"),
    Row(
      name: "tls-1m-file", ourPath: "/1m", peerPath: "/1m", connections: 16, manner: .tls, goal: "time 1.0x"),
    Row(
      name: "http2-1k-memory-nginx", ourPath: "/memory/1k", peerPath: "/1k", connections: 4,
      manner: .http2(streams: 100), goal: "time 1.0x"),
    Row(
      name: "http2-1k-file-nginx", ourPath: "/1k", peerPath: "/1k", connections: 4,
      manner: .http2(streams: 100), goal: "time 1.0x"),
    Row(
      name: "http2-1k-file-nghttpd", ourPath: "/1k", peerPath: "/1k", connections: 4,
      manner: .http2(streams: 100), isBesideNghttpd: true, goal: "time 1.0x"),
  ]

  /// What a run of the load showed.
  private struct Cost {
    /// CPU of the server, for a request.
    let nanoseconds: Double
    let requests: Int
    /// What one request in a hundred took longer than, where the load says so.
    let p99: Double?
  }

  func measure(_ servers: Servers, seconds: Int) throws {
    let ours = try servers.ours()
    let peer = try isBesideNghttpd ? servers.nghttpd() : servers.nginx()
    // Connections, caches and the open files of both warm up first.
    _ = try cost(ours, ourPath, seconds: 1)
    _ = try cost(peer, peerPath, seconds: 1)
    var (mine, theirs): ([Cost], [Cost]) = ([], [])
    var allocations = 0
    for _ in 0..<turns {
      let before = try ours.allocations()
      mine.append(try cost(ours, ourPath, seconds: seconds))
      allocations += try ours.allocations() - before
      theirs.append(try cost(peer, peerPath, seconds: seconds))
    }
    Comparison(name, ours: mine.map(\.nanoseconds), peer: theirs.map(\.nanoseconds))
      .report(peerName: isBesideNghttpd ? "nghttpd" : "nginx", goal: goal)
    var line =
      "  \(mine.reduce(0) { $0 + $1.requests }) requests, \(allocations) allocations, connecting included"
    let (our99, their99) = (mine.compactMap(\.p99), theirs.compactMap(\.p99))
    if !our99.isEmpty, !their99.isEmpty {
      line += "; p99 \(median(our99)) µs vs \(median(their99)) µs"
    }
    print(line)
  }

  private func cost(_ server: ServerProcess, _ path: String, seconds: Int) throws -> Cost {
    let before = try server.cpuNanoseconds()
    let requests: Int
    var p99: Double?
    switch manner {
    case .plain, .tls:
      let url =
        if case .tls = manner { "https://127.0.0.1:\(server.tlsPort)" } else {
          "http://127.0.0.1:\(server.port)"
        }
      let load = try WrkLoad.run(url: url + path, connections: connections, seconds: seconds)
      (requests, p99) = (load.requests, load.p99Microseconds)
    case .http2(let streams):
      requests = try H2Load.run(
        url: "http://127.0.0.1:\(server.http2Port)\(path)", connections: connections, streams: streams,
        seconds: seconds
      ).requests
    }
    let spent = try server.cpuNanoseconds() - before
    return Cost(nanoseconds: Double(spent) / Double(requests), requests: requests, p99: p99)
  }
}
