// The node in a process of its own, steered by real signals: exit codes and last lines as documented.

import Glibc
import Testing

@testable import Lifecycle

@Suite("A node's process") struct ProcessTests {
  @Test("A signal stops the services in reverse, and the process exits with 0", arguments: [SIGTERM, SIGINT])
  func stopping(signal: Int32) throws {
    let child = try Child(["first", "second"])
    try child.wait(for: "msg=\"node ready\"")
    child.send(signal)
    #expect(try child.end() == .exited(0))
    let told = child.lines.filter { $0.contains("asked to stop") || $0.contains("service stopped") }
    let expected = [
      "msg=\"asked to stop\" service=second", "msg=\"service stopped\" service=second",
      "msg=\"asked to stop\" service=first", "msg=\"service stopped\" service=first",
    ]
    #expect(told.count == expected.count && zip(told, expected).allSatisfy { $0.contains($1) }, "\(told)")
    #expect(child.lines.last?.contains("level=info module=lifecycle msg=\"node stopped\"") == true)
  }

  @Test("A second signal ends it at once", arguments: [(SIGTERM, 143), (SIGINT, 130)] as [(Int32, Int32)])
  func forcing(signal: Int32, code: Int32) throws {
    let child = try Child(["first", "never-stops"])
    try child.wait(for: "msg=\"node ready\"")
    child.send(signal)
    try child.wait(for: "asked to stop")
    child.send(signal)
    #expect(try child.end() == .exited(code))
    let last = try #require(child.lines.last)
    #expect(last.contains("level=critical module=lifecycle msg=\"node forced to end\" service=never-stops"))
    #expect(last.hasSuffix("exit_code=\(code)"))
  }

  @Test(
    "A crash takes the node down with a last line that tells why",
    arguments: [
      ("crashes", "cause=\"disk 3 is gone\""), ("ends", "cause=\"ended without being asked\""),
    ])
  func crashing(service: String, cause: String) throws {
    let child = try Child(["first", service])
    #expect(try child.end() == .exited(70))
    #expect(child.lines.contains { $0.contains("msg=\"service stopped\" service=first") })
    let last = try #require(child.lines.last)
    #expect(
      last.hasSuffix(
        "level=critical module=lifecycle msg=\"node failed: a service crashed\" "
          + "service=\(service) \(cause) exit_code=70"))
  }

  @Test func aFailingStartStopsTheOthers() throws {
    let child = try Child(["first", "start-fails", "third"])
    #expect(try child.end() == .exited(69))
    #expect(child.lines.contains { $0.contains("msg=\"service stopped\" service=first") })
    #expect(!child.lines.contains { $0.contains("service=third") })
    #expect(
      child.lines.last?.hasSuffix(
        "level=critical module=lifecycle "
          + "msg=\"node failed: a service did not start\" service=start-fails cause=\"port 80 is taken\" exit_code=69"
      ) == true)
  }

  @Test func aSignalWhileStartingEndsTheStart() throws {
    let child = try Child(["first", "start-hangs"])
    try child.wait(for: "msg=\"starting service\" service=start-hangs")
    child.send(SIGTERM)
    #expect(try child.end() == .exited(0))
    #expect(child.lines.contains { $0.contains("msg=\"service stopped\" service=first") })
  }

  @Test func aServiceThatDoesNotStopIsNamedAtTheDeadline() throws {
    let child = try Child(["--short-deadline", "first", "never-stops", "third"])
    try child.wait(for: "msg=\"node ready\"")
    child.send(SIGTERM)
    #expect(try child.end() == .exited(75))
    #expect(child.lines.contains { $0.hasSuffix("msg=\"services not stopped\" services=never-stops,first") })
    let last = try #require(child.lines.last)
    #expect(last.contains("level=critical") && last.contains("service=never-stops cause=deadline"))
  }

  @Test func aHangupRunsEveryReloadHandler() throws {
    let child = try Child(["first"])
    try child.wait(for: "msg=\"node ready\"")
    child.send(SIGHUP)
    try child.wait(for: "msg=\"reload failed\" what=fails cause=\"no such file\"")
    try child.wait(for: "msg=\"read again\"")
    child.send(SIGTERM)
    #expect(try child.end() == .exited(0))
  }

  @Test func aHangupReopensTheLogFile() throws {
    let folder = try #require(mkdtemp(strdup("/tmp/varve-lifecycle-XXXXXX")).map { String(cString: $0) })
    let log = folder + "/varve.log"
    let child = try Child(["--file=\(log)", "first"])
    while true {
      if access(log, F_OK) == 0, try contents(log).contains("node ready") { break }
      sched_yield()
    }
    #expect(rename(log, log + ".1") == 0)
    child.send(SIGHUP)
    try child.wait(for: "reloaded")
    child.send(SIGTERM)
    #expect(try child.end() == .exited(0))
    #expect(try contents(log + ".1").contains("node ready"))
    #expect(try contents(log).contains("node stopped"))
    for path in [log, log + ".1"] { unlink(path) }
    rmdir(folder)
  }

  @Test(
    "A fatal signal is told, after the queued lines, and kills",
    arguments: [
      ("traps", SIGILL, "SIGILL"), ("aborts", SIGABRT, "SIGABRT"), ("segfaults", SIGSEGV, "SIGSEGV"),
    ] as [(String, Int32, String)])
  func dying(service: String, signal: Int32, name: String) throws {
    let child = try Child(["first", service])
    #expect(try child.end() == .killed(signal: signal))
    let fatal = try #require(child.lines.first { $0.hasPrefix("varve: fatal: ") })
    #expect(fatal.hasPrefix("varve: fatal: signal \(signal) (\(name))"))
    if service == "segfaults" { #expect(fatal.hasSuffix(" at address 0x10 in thread faulty")) }
    if service == "traps" {
      let queued = try #require(child.lines.firstIndex { $0.contains("the last queued line") })
      #expect(queued < child.lines.firstIndex(of: fatal) ?? 0)
    }
  }

  @Test func aClosedStandardErrorDoesNotKill() throws {
    let pipes = try Child.pipe()
    close(pipes[0])
    let child = try Child(["first", "crashes"], standardError: pipes[1])
    close(pipes[1])
    #expect(try child.end() == .exited(70))
  }

  private func contents(_ path: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    try #require(file >= 0, "\(path) cannot be read: errno \(errno)")
    defer { close(file) }
    var bytes: [UInt8] = []
    while true {
      let part = [UInt8](unsafeUninitializedCapacity: 4096) {
        $1 = max(0, read(file, $0.baseAddress, $0.count))
      }
      if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += part
    }
  }
}
