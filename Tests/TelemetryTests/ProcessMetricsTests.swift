// What is read from /proc, real and malformed.

import Glibc
import Peers
import Testing

@testable import Telemetry

@Suite("Process metrics") struct ProcessMetricsTests {
  @Test func thisProcessIsMeasured() throws {
    let reading = ProcessMetrics.read(proc: "/proc")
    #expect(try #require(reading.residentBytes) > 1_000_000)
    #expect(try #require(reading.virtualBytes) >= 1_000_000)
    #expect(try #require(reading.cpuSeconds) >= 0)
    #expect(try #require(reading.threads) >= 1)
    #expect(try #require(reading.openDescriptors) >= 3)
    #expect(try #require(reading.descriptorsMaximum) >= 3)
    let started = try #require(reading.startSeconds)
    #expect(started > 1_600_000_000 && started <= Double(time(nil)) + 1)
  }

  @Test func fieldsAreCountedAfterTheNameWhateverItHolds() throws {
    let proc = try TemporaryFolder()
    #expect(mkdir(proc.path + "/self", 0o700) == 0)
    let tail = "S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 15 16 7 18 1000 4096000 3 21"
    try put("12 (a) b (c) \(tail)\n", at: proc.path + "/self/stat")
    try put("cpu 1 2 3\nbtime 1700000000\nprocesses 5\n", at: proc.path + "/stat")
    let reading = ProcessMetrics.read(proc: proc.path)
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    #expect(reading.cpuSeconds == 300 / ticks)
    #expect(reading.threads == 7)
    #expect(reading.startSeconds == 1_700_000_000 + 1000 / ticks)
    #expect(reading.virtualBytes == 4_096_000)
    #expect(reading.residentBytes == 3 * Double(sysconf(Int32(_SC_PAGESIZE))))
    #expect(reading.openDescriptors == nil)
    unlink(proc.path + "/self/stat")
    rmdir(proc.path + "/self")
  }

  @Test("What cannot be read is left out", arguments: ["", "12 (a) S 1", ")", "12 (a) S x y z", "(((("])
  func malformed(stat: String) throws {
    let proc = try TemporaryFolder()
    #expect(mkdir(proc.path + "/self", 0o700) == 0)
    try put(stat, at: proc.path + "/self/stat")
    let registry = MetricRegistry()
    ProcessMetrics(registry: registry, proc: proc.path)
    let text = exposition(registry)
    for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"] {
      #expect(text.contains("# TYPE \(name) ") && !text.contains("\n\(name) "))
    }
    unlink(proc.path + "/self/stat")
    rmdir(proc.path + "/self")
  }

  private func put(_ text: String, at path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT, 0o600)
    try #require(file >= 0)
    #expect(write(file, text, text.utf8.count) == text.utf8.count)
    close(file)
  }
}
