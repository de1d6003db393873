import CommandLine
import Testing

/// What `varve copy` reads from arguments after `copy --password 1`, with FROM and TO added.
private func copy(_ arguments: [String], environment: [String: String] = [:]) throws -> FixtureCopy {
  let line = ["copy", "--password", "1"] + arguments
  guard case .command(let command) = try fixture.parse(line, environment: environment).action else {
    throw CommandFailure(.internalError, "not a command")
  }
  return try #require(command as? FixtureCopy)
}

private func show(_ arguments: [String], environment: [String: String] = [:]) throws -> FixtureShow {
  guard
    case .command(let command) = try fixture.parse(["config", "show"] + arguments, environment: environment)
      .action
  else {
    throw CommandFailure(.internalError, "not a command")
  }
  return try #require(command as? FixtureShow)
}

/// The message and the hint of the error that a line ends in.
private func problem(_ arguments: [String], environment: [String: String] = [:]) -> [String] {
  do {
    _ = try fixture.parse(arguments, environment: environment)
    return []
  } catch {
    return [error.message] + (error.hint.map { [$0] } ?? [])
  }
}

@Suite("Parsing arguments") struct ParsingTests {
  @Test func leavesTheDefaultsWhereNothingIsGiven() throws {
    #expect(try show([]) == FixtureShow())
  }

  @Test(
    arguments: [
      ["--format", "yaml"], ["--format=yaml"], ["-f", "yaml"], ["-fyaml"], ["-f=yaml"],
      ["-qf", "yaml", "--quiet"],
      ["-qfyaml"], ["--color", "never", "-f", "yaml"], ["-f", "yaml", "--pager", "--pager"],
    ] as [[String]])
  func takesAnOptionHoweverItIsWritten(arguments: [String]) throws {
    #expect(try show(arguments).format == .yaml)
  }
  @Test func takesFlagsTogetherAndApart() throws {
    let together = try copy(["-vx", "a", "b"])
    #expect(together.isVerbose && together.isForced)
    let apart = try copy(["a", "--force", "b"])
    #expect(!apart.isVerbose && apart.isForced)
  }

  @Test(
    arguments: [
      (["a", "b"], 0), (["a", "--offset", "-5", "b"], -5), (["a", "-o-5", "b"], -5),
      (["a", "b", "-o=-5"], -5),
      (["a", "b", "--offset=-5"], -5), (["a", "-o", "-5", "b"], -5),
    ] as [([String], Int)])
  func takesANegativeNumberAsAValue(arguments: [String], offset: Int) throws {
    #expect(try copy(arguments).offset == offset)
  }

  @Test(
    arguments: [
      (["a", "b"], "a", ["b"]), (["a", "b", "c"], "a", ["b", "c"]), (["a", "-v", "b"], "a", ["b"]),
      (["--", "-v", "--force"], "-v", ["--force"]), (["a", "--", "--", "b"], "a", ["--", "b"]),
      (["-", "-1"], "-", ["-1"]),
      (["a", "help"], "a", ["help"]), (["a", "b", "--"], "a", ["b"]),
      (["config", "copy"], "config", ["copy"]),
    ] as [([String], String, [String])])
  func takesPositionalsInTheirOrder(arguments: [String], from: String, to: [String]) throws {
    let command = try copy(arguments)
    #expect(command.from == from)
    #expect(command.to == to)
  }

  @Test func appendsRepeatedOptionsInTheirOrder() throws {
    #expect(try show(["--set", "a=1", "-q", "--set=b=2=3"]).common.settings == ["a=1", "b=2=3"])
  }

  @Test func turnsADeclaredFlagOffByItsNegation() throws {
    #expect(try show(["--no-pager"]).isPaged == false)
    #expect(try show(["--pager"]).isPaged)
  }

  @Test func looksAtTheVariableOnlyIfTheOptionIsNotGiven() throws {
    let environment = ["VARVE_CONFIG": "/a"]
    #expect(try show([], environment: environment).common.configuration == "/a")
    #expect(try show(["-c", "/b"], environment: environment).common.configuration == "/b")
  }

  @Test(
    arguments: [
      ([], ["varve needs a command", "one of config, copy, crash, completions; see varve --help"]),
      (["config"], ["varve config needs a command", "one of show; see varve config --help"]),
      (["--"], ["varve needs a command", "one of config, copy, crash, completions; see varve --help"]),
      (["confg"], [#"varve has no command "confg""#, "did you mean config? see varve --help"]),
      (["frobnicate"], [#"varve has no command "frobnicate""#, "see varve --help"]),
      (["\u{1B}[31m"], [#"varve has no command "\u001b[31m""#, "see varve --help"]),
      (
        ["config", "shwo"],
        [#"varve config has no command "shwo""#, "did you mean show? see varve config --help"]
      ),
      (
        ["--quiet", "config"],
        [
          #"varve itself has no option "--quiet""#, "options follow the command: varve COMMAND [OPTIONS]",
        ]
      ),
      (["-q"], [#"varve itself has no option "-q""#, "options follow the command: varve COMMAND [OPTIONS]"]),
      (["--vresion"], [#"varve has no option "--vresion""#, "did you mean --version? see varve --help"]),
      (
        ["copy", "--forec"],
        [#"varve copy has no option "--forec""#, "did you mean --force? see varve copy --help"]
      ),
      (
        ["copy", "--no-force"],
        [
          #"varve copy has no option "--no-force""#, "did you mean --force? see varve copy --help",
        ]
      ),
      (["copy", "-vz"], [#"varve copy has no option "-z""#, "see varve copy --help"]),
      (["copy", "--="], [#"varve copy has no option "--""#, "see varve copy --help"]),
      (
        ["config", "show", "--no-pagr"],
        [
          #"varve config show has no option "--no-pagr""#,
          "did you mean --no-pager? see varve config show --help",
        ]
      ),
      (
        ["config", "show", "--format"],
        [
          "--format needs a value: one of table, yaml, json", "see varve config show --help",
        ]
      ),
      (
        ["config", "show", "-f", "-q"],
        ["-f needs a value: one of table, yaml, json", "see varve config show --help"]
      ),
      (
        ["config", "show", "-f", "--quiet"],
        [
          "-f needs a value: one of table, yaml, json", "see varve config show --help",
        ]
      ),
      (
        ["config", "show", "-f", "--"],
        ["-f needs a value: one of table, yaml, json", "see varve config show --help"]
      ),
      (["config", "show", "--quiet=yes"], ["--quiet takes no value", "see varve config show --help"]),
      (["config", "show", "-q=yes"], ["-q takes no value", "see varve config show --help"]),
      (["config", "show", "--no-pager=1"], ["--no-pager takes no value", "see varve config show --help"]),
      (["--version=1"], ["--version takes no value", "see varve --help"]),
      (
        ["config", "show", "-f", "yaml", "--format=json"],
        [
          "--format is given more than once", "see varve config show --help",
        ]
      ),
      (
        ["config", "show", "--pager", "--no-pager"],
        [
          "--pager and --no-pager exclude each other", "see varve config show --help",
        ]
      ),
      (
        ["config", "show", "--format", "jsn"],
        [
          #"--format: "jsn" is not known, did you mean json?; accepted: one of table, yaml, json"#,
          "see varve config show --help",
        ]
      ),
      (
        ["config", "show", "--format="],
        [
          #"--format: "" is not known; accepted: one of table, yaml, json"#, "see varve config show --help",
        ]
      ),
      (
        ["--color", "blue"],
        [#"--color: "blue" is not known; accepted: one of auto, always, never"#, "see varve --help"]
      ),
      (
        ["--color=never", "config", "--color=never"],
        ["--color is given more than once", "see varve config --help"]
      ),
      (["copy", "a", "b"], ["--password N is required", "see varve copy --help"]),
      (["copy", "--password", "1"], ["the argument FROM is required", "see varve copy --help"]),
      (["copy", "--password", "1", "a"], ["the argument TO is required", "see varve copy --help"]),
      (
        ["copy", "--password", "1", "", "b"],
        [
          #"FROM: "" is empty; accepted: a path"#, "see varve copy --help",
        ]
      ),
      (
        ["copy", "--password", "0", "a", "b"],
        [
          #"--password: "0" is out of range; accepted: an integer from 1 to 9"#, "see varve copy --help",
        ]
      ),
      (
        ["copy", "--password", "1", "-l", "64M", "a", "b"],
        [
          #"-l: "64M" has an unclear unit: write MiB or MB; accepted: a size from 1 B to 1 GiB, such as 64 MiB"#,
          "see varve copy --help",
        ]
      ),
      (
        ["copy", "--password", "1", "-v", "--retries=0", "a", "b"],
        [
          "--verbose needs --retries above zero", "see varve copy --help",
        ]
      ),
      (["crash", "a"], [#"the argument "a" is one too many"#, "see varve crash --help"]),
      (["completions"], ["the argument SHELL is required", "see varve completions --help"]),
      (
        ["completions", "tcsh"],
        [
          #"SHELL: "tcsh" is not known; accepted: one of bash, zsh, fish"#, "see varve completions --help",
        ]
      ),
      (
        ["completions", "zhs"],
        [
          #"SHELL: "zhs" is not known, did you mean zsh?; accepted: one of bash, zsh, fish"#,
          "see varve completions --help",
        ]
      ),
    ] as [([String], [String])])
  func explainsWhatIsWrong(arguments: [String], lines: [String]) {
    #expect(problem(arguments) == lines)
  }

  @Test func namesTheVariableOfAWrongValue() {
    let reason = #"--password (from VARVE_PASSWORD): "x" is not an integer; accepted: an integer from 1 to 9"#
    #expect(problem(["copy", "a", "b"], environment: ["VARVE_PASSWORD": "x"]).first == reason)
  }

  @Test func shortensALongValue() {
    let shown = String(repeating: "x", count: CommandLineLimits.shownValueCharactersMaximum)
    let message = problem(["config", "show", "-f", String(repeating: "x", count: 100_000)]).first
    #expect(message == "-f: \"\(shown)\"… is not known; accepted: one of table, yaml, json")
  }

  @Test func refusesTooManyAndTooLongArguments() {
    let many = [String](repeating: "a", count: CommandLineLimits.argumentsMaximum + 1)
    #expect(problem(many) == ["there are more than 65536 arguments"])
    let long = String(repeating: "a", count: CommandLineLimits.argumentBytesMaximum + 1)
    #expect(problem([long]) == ["an argument is longer than 131072 bytes"])
  }

  @Test(
    arguments: [
      ["config", "show", "--help"], ["config", "show", "-h"], ["config", "show", "-qh"],
      ["help", "config", "show"],
      ["config", "help", "show"], ["config", "show", "--bad", "--help"],
      ["config", "show", "--format", "-h"],
      ["config", "show", "--help", "--bad"], ["config", "show", "-f", "yaml", "-f", "json", "-h"],
    ] as [[String]])
  func helpIsGivenWhereverItIsAskedFor(arguments: [String]) throws {
    guard case .help(let page) = try fixture.parse(arguments, environment: [:]).action else {
      Issue.record("not a help page")
      return
    }
    #expect(page.text(width: 80).hasPrefix("Usage: varve config show [OPTIONS]\n"))
  }

  @Test func helpAfterADoubleDashIsAnArgument() {
    #expect(problem(["crash", "--", "--help"]).first == #"the argument "--help" is one too many"#)
  }

  @Test(
    arguments: [["--version"], ["config", "show", "--version"], ["--color", "never", "--version"]]
      as [[String]])
  func versionIsGivenAtEveryLevel(arguments: [String]) throws {
    guard case .version(let text) = try fixture.parse(arguments, environment: [:]).action else {
      Issue.record("not the version")
      return
    }
    #expect(text == "varve 1.2.3")
  }
}
