// A node as an operator meets it: it starts on a directory it makes, answers on its admin port, refuses a
// second start, and goes down in the way it was told to.

import Foundation
import Glibc
import Peers
import Testing

@Suite("A running node") struct NodeTests {
  /// A node on a fresh directory and a port of its own, ready.
  struct Running {
    let folder: TemporaryFolder
    let process: NodeProcess
    let port: UInt16

    init(_ settings: [String] = [], folder: TemporaryFolder? = nil) throws {
      self.folder = try folder ?? TemporaryFolder()
      process = try NodeProcess(
        ["serve", "--data", self.folder.path("data"), "--set", "admin.listen=127.0.0.1:0"]
          + settings.flatMap { ["--set", $0] })
      let line = process.waitForError(containing: "msg=listening")
      let match = try #require(line?.firstMatch(of: /address=127\.0\.0\.1:(\d+)/), "it did not get ready")
      port = try #require(UInt16(match.1))
      _ = try #require(process.waitForError(containing: "node ready"))
    }

    func get(_ path: String, headers: String = "") throws -> RawClient.Response {
      let client = try RawClient(port: port)
      try client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
      return try #require(try client.receive())
    }
  }

  @Test func answersOnItsAdminPort() throws {
    let node = try Running()
    let health = try node.get("/healthz")
    #expect(health.status == 200)
    #expect(health.body.hasPrefix("{\"status\":\"ok\""))
    #expect(try node.get("/readyz").status == 200)
    #expect(try node.get("/version").body.contains("\"version\":\"0."))
    #expect(try node.get("/").body.contains("<title>Varve</title>"))
    let astray = try node.get("/nowhere")
    #expect(astray.status == 404)
    #expect(astray.body.contains("/healthz"))
    let description = try node.get("/openapi.json")
    #expect(description.body.hasPrefix("{\"openapi\":\"3.1.0\""))
    #expect(description.body.contains("\"/readyz\""))
    #expect(health.head.contains("Cache-Control: no-store"))
    let metrics = try node.get("/metrics")
    #expect(metrics.head.contains("text/plain; version=0.0.4"))
    #expect(metrics.body.contains("process_resident_memory_bytes "))
    #expect(metrics.body.contains("varve_http_requests_total{server=\"admin\",status=\"2xx\"}"))
    node.process.signal(SIGTERM)
    let (ending, output) = node.process.wait()
    #expect(ending == .exited(0))
    #expect(output.contains("http://127.0.0.1:\(node.port)/"))
  }

  @Test func headMethodsAndRequestIDsAreHonoured() throws {
    let node = try Running()
    let client = try RawClient(port: node.port)
    try client.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try #require(try client.receive(bodyless: true))
    #expect(head.status == 200 && head.head.contains("Content-Length: "))
    #expect(try client.receive()?.body.isEmpty == false)
    try client.send("DELETE /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-123\r\n\r\n")
    let refused = try #require(try client.receive())
    #expect(refused.status == 405)
    #expect(refused.head.contains("Allow: GET, HEAD\r\n"))
    #expect(refused.body == "/healthz takes GET and HEAD\n")
    #expect(refused.head.contains("X-Request-Id: abc-123"))
  }

  @Test(
    "A hostile request is refused and harms nobody else",
    arguments: [
      ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400), ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
      ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 413),
      ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\n", 414),
      ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "y", count: 50_000))\r\n", 431),
    ])
  func hostile(request: String, status: Int) throws {
    let node = try Running()
    let client = try RawClient(port: node.port)
    try client.send(request)
    let response = try #require(try client.receive())
    #expect(response.status == status)
    #expect(response.head.contains("Connection: close"))
    #expect(try client.receiveToEnd() == "")
    #expect(try node.get("/healthz").status == 200)
  }

  @Test func aSecondStartOnTheSameDirectorySaysWhoHoldsIt() throws {
    let node = try Running()
    let second = try NodeProcess([
      "serve", "--data", node.folder.path("data"), "--set", "admin.listen=127.0.0.1:0",
    ])
    #expect(second.wait().ending == .exited(73))
    #expect(second.errorLines.joined().contains("locked by process \(node.process.pid) "))
    #expect(try node.get("/healthz").status == 200)
  }

  @Test func aKilledNodeStartsAgainOnItsDirectory() throws {
    let folder = try TemporaryFolder()
    for _ in 0..<3 {
      let node = try Running(folder: folder)
      node.process.signal(SIGKILL)
      #expect(node.process.wait().ending == .signalled(SIGKILL))
    }
    let node = try Running(folder: folder)
    #expect(try node.get("/readyz").status == 200)
  }

  @Test func aRequestInFlightIsAnsweredAfterSIGTERM() throws {
    // However busy the machine is, the halves of the request come in time.
    let node = try Running([
      "shutdown.deadline=10m", "admin.timeouts.head=10m", "admin.timeouts.idle=10m",
    ])
    let inFlight = try RawClient(port: node.port)
    let idle = try RawClient(port: node.port)
    try idle.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try idle.receive()?.status == 200)
    // A second answer on another connection proves that the first half of this request was taken in.
    try inFlight.send("GET /version HTTP/1.1\r\nHost: a\r\n")
    #expect(try node.get("/healthz").status == 200)
    node.process.signal(SIGTERM)
    _ = try #require(node.process.waitForError(containing: "msg=stopping"))
    #expect(try idle.receiveToEnd() == "", "an idle connection is closed")
    try inFlight.send("\r\n")
    let response = try #require(try inFlight.receive())
    #expect(response.status == 200)
    #expect(response.head.contains("Connection: close"))
    #expect(node.process.wait().ending == .exited(0))
  }

  @Test func aSecondSignalEndsItAtOnce() throws {
    let node = try Running(["shutdown.deadline=1h", "admin.timeouts.head=10m"])
    let stuck = try RawClient(port: node.port)
    try stuck.send("GET /version HTTP/1.1\r\nHost: a\r\n")
    #expect(try node.get("/healthz").status == 200)
    node.process.signal(SIGTERM)
    _ = try #require(node.process.waitForError(containing: "msg=stopping"))
    node.process.signal(SIGTERM)
    #expect(node.process.wait().ending == .exited(143))
  }

  @Test func whatIsNotDoneAtTheDeadlineIsCut() throws {
    let node = try Running(["shutdown.deadline=4s", "admin.timeouts.head=10m"])
    let stuck = try RawClient(port: node.port)
    try stuck.send("GET /version HTTP/1.1\r\nHost: a\r\n")
    #expect(try node.get("/healthz").status == 200)
    node.process.signal(SIGTERM)
    let (ending, _) = node.process.wait()
    #expect(ending == .exited(0))
    #expect(node.process.errorLines.contains { $0.contains("connections cut at the deadline") })
  }

  @Test func underLoadNoAnswerIsCutBySIGTERM() async throws {
    let node = try Running()
    let (port, pid) = (node.port, node.process.pid)
    let answered = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<8 {
        group.addTask {
          // One that is connected after the signal is refused, and has nothing to complain of.
          guard let client = try? RawClient(port: port) else { return 0 }
          var answered = 0
          // Ends when the node closes; `receive` throws when an answer is cut in the middle.
          while true {
            do { try client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") } catch { return answered }
            guard let response = try client.receive() else { return answered }
            #expect(response.status == 200)
            answered += 1
            if answered == 50, number == 0 { kill(pid, SIGTERM) }
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(answered >= 50)
    #expect(node.process.wait().ending == .exited(0))
  }
}
