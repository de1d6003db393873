// A moment of the crash test, which ops/crash-test runs for long: the program is Tests/LogCrashProbe.

import Foundation
import Peers
import Testing

@Suite("Crashes") struct CrashTests {
  @Test("what was acknowledged survives power cuts on a simulated disk")
  func simulated() throws { try crash("simulate", count: 60) }

  @Test("what was acknowledged survives the killing of the process")
  func killed() throws { try crash("kill", count: 10) }

  private func crash(_ mode: String, count: Int) throws {
    // The seeds of this run are new ones each time; the message of a failure says which it was.
    let seed = UInt64.random(in: 1..<1 << 32)
    let folder = try TemporaryFolder()
    do {
      let said = try ForeignProgram.run(
        Self.probe.path,
        [mode, "--seed", String(seed), "--count", String(count), "--directory", folder.path])
      #expect(String(decoding: said, as: UTF8.self).hasSuffix("every law held\n"))
    } catch {
      Issue.record("repeat it with: ops/crash-test \(mode) --seed \(seed) --count \(count)\n\(error)")
    }
  }

  /// Beside the test bundle, where the build put both.
  private static let probe: URL = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return (bundle.map { URL(fileURLWithPath: $0) } ?? program).deletingLastPathComponent()
      .appendingPathComponent("log-crash-probe")
  }()
}
