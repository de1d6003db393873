import CommandLine
import Foundation
import Testing

/// Runs a program with a script as its argument and returns what it prints; `nil` if it is not installed.
private func run(_ shell: String, _ arguments: [String], in folder: URL? = nil) throws -> String? {
  let paths = ["/usr/bin/\(shell)", "/bin/\(shell)"]
  guard let path = paths.first(where: FileManager.default.isExecutableFile) else { return nil }
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  process.standardOutput = pipe
  process.standardError = pipe
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return process.terminationStatus == 0 ? output : output + "\nexit \(process.terminationStatus)"
}

/// A folder with a file and a folder in it, removed at the end.
private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "completions-\(UUID().uuidString)")
  try FileManager.default.createDirectory(
    at: folder.appendingPathComponent("some folder"), withIntermediateDirectories: true)
  try Data().write(to: folder.appendingPathComponent("some file"))
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Lines: the words before the cursor, each quoted for bash; the last one is being completed.
private let lines: [(words: [String], offered: [String])] = [
  ([""], ["config", "copy", "crash", "completions"]),
  (["co"], ["config", "copy", "completions"]),
  (["--"], ["--color", "--help", "--version"]),
  (["--color", ""], ["auto", "always", "never"]),
  (["--color", "a"], ["auto", "always"]),
  (["config", ""], ["show"]),
  (["config", "show", ""], []),
  (["config", "show", "--f"], ["--format"]),
  (["config", "show", "--no"], ["--no-pager"]),
  (["config", "show", "--format", ""], ["table", "yaml", "json"]),
  (["config", "show", "--format", "=", "y"], ["yaml"]),
  (["config", "show", "--format", "="], ["table", "yaml", "json"]),
  (["config", "show", "-f", "j"], ["json"]),
  (["config", "show", "--set", ""], []),
  (["config", "show", "-q", "--config", "some"], ["some file", "some folder"]),
  (["copy", "some fi"], ["some file"]),
  (["copy", "--password", "1", "-l"], []),
  (["completions", "b"], ["bash"]),
  (["--color", "never", "config", "show", "--quiet", "--format", "t"], ["table"]),
]

@Suite("Shell completions") struct CompletionTests {
  @Test(arguments: lines)
  func bashOffersWhatIsDeclared(words: [String], offered: [String]) throws {
    try withFolder { folder in
      let quoted = (["varve"] + words).map { "'\($0)'" }.joined(separator: " ")
      let script = """
        set -u
        \(fixture.completionScript(for: .bash))
        COMP_WORDS=(\(quoted))
        COMP_CWORD=\(words.count)
        _varve
        printf '%s\\n' "${COMPREPLY[@]-}"
        """
      let output = try #require(try run("bash", ["--norc", "-c", script], in: folder))
      #expect(output.split(separator: "\n").map(String.init).sorted() == offered.sorted())
    }
  }

  @Test func fishOffersWhatIsDeclared() throws {
    let cases: [(line: String, offered: [String])] = [
      ("varve ", ["completions", "config", "copy", "crash"]), ("varve --col", ["--color"]),
      ("varve --color ", ["always", "auto", "never"]), ("varve config ", ["show"]),
      ("varve config show --format ", ["json", "table", "yaml"]),
      ("varve config show --format=y", ["--format=yaml"]), ("varve config show --no", ["--no-pager"]),
      ("varve config show --config some", ["some file", "some folder/"]), ("varve config show ", []),
      ("varve copy some", ["some file", "some folder/"]), ("varve completions b", ["bash"]),
    ]
    try withFolder { folder in
      let file = folder.appendingPathComponent("varve.fish")
      try Data(fixture.completionScript(for: .fish).utf8).write(to: file)
      for (line, offered) in cases {
        let script = "source varve.fish; complete -C '\(line)'"
        guard let output = try run("fish", ["--no-config", "-c", script], in: folder) else { return }
        let words = output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        #expect(words.sorted() == offered.sorted(), "\(line): \(output)")
      }
    }
  }

  @Test func zshAndFishAcceptTheirScripts() throws {
    try withFolder { folder in
      for (shell, name) in [(Shell.zsh, "zsh"), (.fish, "fish"), (.bash, "bash")] {
        let file = folder.appendingPathComponent("script")
        try Data(fixture.completionScript(for: shell).utf8).write(to: file)
        if let output = try run(name, ["-n", file.path]) { #expect(output == "", "\(name)") }
      }
    }
  }

  @Test func zshHasAFunctionForEveryCommandWithEveryOption() {
    let script = fixture.completionScript(for: .zsh)
    #expect(script.hasPrefix("#compdef varve\n"))
    for name in ["_varve", "_varve_config", "_varve_config_show", "_varve_copy", "_varve_completions"] {
      #expect(script.contains("\n\(name)() {\n"), "\(name)")
    }
    #expect(script.contains("'(--format -f)--format=[How to print it.]:table|yaml|json:(table yaml json)'"))
    #expect(script.contains("'*--set=[Sets a key of the configuration.]:KEY=VALUE: '"))
    #expect(script.contains("'1:FROM:_files'") && script.contains("'*:TO:_files -/'"))
  }
}
