// The built `varve` as somebody at a terminal meets it: output, messages and exit codes.

import Foundation
import Peers
import Testing

@Suite("The varve command") struct CommandTests {
  @Test func helpAndVersionSucceedAtEveryLevel() throws {
    for arguments in [["--help"], ["config", "--help"], ["config", "show", "--help"], ["serve", "--help"]] {
      let (ending, output) = try NodeProcess(arguments).wait()
      #expect(ending == .exited(0))
      #expect(output.hasPrefix("Usage: varve "))
    }
    let (ending, output) = try NodeProcess(["--version"]).wait()
    #expect(ending == .exited(0))
    #expect(output.wholeMatch(of: /varve \d+\.\d+\.\d+\n/) != nil)
  }

  @Test(
    "A mistake is answered with what was meant, and exit code 64",
    arguments: [
      (["srve"], "did you mean serve?"), (["config", "shwo"], "did you mean show?"),
      (["config", "show", "--formt=json"], "did you mean --format?"), ([], "needs a command"),
    ])
  func mistakes(arguments: [String], expected: String) throws {
    let process = try NodeProcess(arguments)
    let (ending, output) = process.wait()
    #expect(ending == .exited(64))
    #expect((process.errorLines.joined(separator: "\n") + output).contains(expected))
  }

  @Test func everyMistakeInTheFileIsReportedWithItsLineAndWhatIsAccepted() throws {
    let folder = try TemporaryFolder()
    let yaml = "admin:\n  listn: 127.0.0.1:1\nlog:\n  format: xml\nruntime: {loops: many}\n"
    try yaml.write(toFile: folder.path("varve.yaml"), atomically: true, encoding: .utf8)
    for command in [["config", "show"], ["serve"]] {
      let process = try NodeProcess(
        command + ["--config", "varve.yaml", "--data", folder.path("data")],
        in: URL(fileURLWithPath: folder.path))
      #expect(process.wait().ending == .exited(78))
      let errors = process.errorLines.joined(separator: "\n")
      #expect(errors.contains("varve.yaml:2:"))
      #expect(errors.contains("did you mean listen?") || errors.contains("did you mean admin.listen?"))
      #expect(errors.contains("varve.yaml:4:"))
      #expect(errors.contains("logfmt, json"))
      #expect(errors.contains("varve.yaml:5:"))
      #expect(errors.contains("an integer from 0 to 1024"))
    }
    #expect(
      !FileManager.default.fileExists(atPath: folder.path("data")), "a refused start leaves nothing behind")
  }

  @Test func laterSourcesOverrideEarlierOnesAndSayWhoTheyAre() throws {
    let folder = try TemporaryFolder()
    try "runtime:\n  loops: 2\n  blocking_threads: 3\n".write(
      toFile: folder.path("v.yaml"), atomically: true, encoding: .utf8)
    let (ending, output) = try NodeProcess(
      ["config", "show", "--config", folder.path("v.yaml"), "--set", "runtime.blocking_threads=9"],
      environment: ["VARVE_RUNTIME_LOOPS": "5", "VARVE_RUNTIME_BLOCKING_THREADS": "7"]
    ).wait()
    #expect(ending == .exited(0))
    #expect(output.contains(/runtime\.loops = 5 +# .*VARVE_RUNTIME_LOOPS/))
    #expect(output.contains(/runtime\.blocking_threads = 9 +# .*--set/))
  }

  @Test func theKeyTableInTheDocsIsWhatTheSchemaPrints() throws {
    let printed = try NodeProcess(["config", "schema", "--format", "markdown"]).wait().output
    let page = try String(
      contentsOf: Repository.root.appendingPathComponent("docs/configuration-keys.md"), encoding: .utf8)
    #expect(
      page == printed,
      "run: varve config schema --format markdown > docs/configuration-keys.md"
    )
  }

  @Test(
    "Completions are offered for every shell", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let (ending, output) = try NodeProcess(["completions", shell]).wait()
    #expect(ending == .exited(0))
    #expect(output.contains("varve") && output.contains("config"))
  }
}
