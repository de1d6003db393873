// A moment of the crash test, which ops/crash-test runs for long: the program is Tests/ProjectionCrashProbe.

import Foundation
import Peers
import Testing

@Suite("Crashes of the engine") struct CrashTests {
  @Test(
    "what was acknowledged is done once, and the tables show it, however the process dies",
    arguments: [(StoreKind.sqlite, 3), (.postgres, 1)])
  func killed(_ kind: StoreKind, count: Int) throws {
    // The seeds of this run are new ones each time; the message of a failure says which it was.
    let seed = UInt64.random(in: 1..<1 << 32)
    let folder = try TemporaryFolder()
    var arguments = [
      "projections", "--store", "\(kind)", "--seed", String(seed), "--count", String(count), "--directory",
      folder.path,
    ]
    if kind == .postgres { arguments += ["--postgres", try PostgresServer.shared.get().address()] }
    do {
      let said = try ForeignProgram.run(Self.probe.path, arguments)
      #expect(String(decoding: said, as: UTF8.self).hasSuffix("every law held\n"))
    } catch {
      Issue.record(
        "repeat it with: ops/crash-test projections --store \(kind) --seed \(seed) --count \(count)\n\(error)"
      )
    }
  }

  /// Beside the test bundle, where the build put both.
  private static let probe: URL = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return (bundle.map { URL(fileURLWithPath: $0) } ?? program).deletingLastPathComponent()
      .appendingPathComponent("projection-crash-probe")
  }()
}
