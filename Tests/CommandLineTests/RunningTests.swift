import CommandLine
import Testing

/// What a sink does that nobody reads any more, or that is on a full disk.
private struct BrokenOutput: OutputSink {
  let number: Int32
  func write(_ text: String) throws(CommandLineError) { throw .output(errno: number) }
}

private func run(
  _ arguments: [String], traits: StreamTraits = StreamTraits(), broken: Int32? = nil
) async -> (code: ExitCode, output: String, errors: String) {
  let (output, errors) = (CapturedOutput(), CapturedOutput())
  let code = await fixture.run(arguments, environment: [:]) { color in
    let colored = StreamTraits(
      isTerminal: traits.isTerminal, width: traits.width,
      hasColor: color.isOn(isTerminal: traits.isTerminal, environment: [:]))
    return Console(
      output: broken.map { BrokenOutput(number: $0) } ?? output, errors: errors, outputTraits: colored,
      errorTraits: colored)
  }
  return (code, output.text, errors.text)
}

@Suite("Running a program") struct RunningTests {
  @Test func aCommandPrintsToItsConsole() async {
    #expect(await run(["config", "show", "-f", "json"]) == (.success, "format json\n", ""))
  }

  @Test func wrongArgumentsEndWithUsage() async {
    let expected = """
      varve: error: varve has no command "copi"
      varve: hint: did you mean copy? see varve --help

      """
    #expect(await run(["copi"]) == (.usage, "", expected))
  }

  @Test func aFailurePrintsEveryMessageAndTheHint() async {
    let expected = """
      varve: error: a: no space
      varve: error: b: no space
      varve: hint: delete something

      """
    #expect(await run(["copy", "--password", "1", "a", "b"]) == (.inputOutput, "", expected))
  }

  @Test func anErrorNobodyExpectedIsADefect() async {
    #expect(await run(["crash"]) == (.internalError, "", "varve: error: unexpected: Oops()\n"))
  }

  @Test func versionAndCompletionsGoToTheOutput() async {
    #expect(await run(["--version"]) == (.success, "varve 1.2.3\n", ""))
    #expect(await run(["completions", "fish"]).output == fixture.completionScript(for: .fish))
  }

  @Test func errorsAreColouredOnATerminalOnly() async {
    let terminal = StreamTraits(isTerminal: true)
    #expect(await run(["copi"], traits: terminal).errors.hasPrefix("varve: \u{1B}[31merror:\u{1B}[0m "))
    #expect(await run(["--color=always", "crash"]).errors.hasPrefix("varve: \u{1B}[31merror:\u{1B}[0m "))
    #expect(await run(["--color=never", "crash"], traits: terminal).errors.hasPrefix("varve: error: "))
  }

  @Test func outputThatCannotBeWrittenIsReportedUnlessItsReaderLeft() async {
    let full = await run(["--version"], broken: 28)
    #expect(full == (.inputOutput, "", "varve: error: output cannot be written: No space left on device\n"))
    #expect(await run(["--version"], broken: 32) == (.inputOutput, "", ""))
  }

  @Test(
    arguments: [
      (ColorChoice.automatic, true, [:], true), (.automatic, false, [:], false),
      (.automatic, true, ["NO_COLOR": "1"], false), (.automatic, true, ["NO_COLOR": ""], true),
      (.automatic, true, ["TERM": "dumb"], false), (.automatic, true, ["TERM": "xterm"], true),
      (.always, false, ["NO_COLOR": "1", "TERM": "dumb"], true), (.never, true, [:], false),
    ] as [(ColorChoice, Bool, [String: String], Bool)])
  func colourIsForTerminalsThatTakeIt(
    choice: ColorChoice, isTerminal: Bool, environment: [String: String], isOn: Bool
  ) {
    #expect(choice.isOn(isTerminal: isTerminal, environment: environment) == isOn)
  }

  @Test func everyExitCodeHasTheNumberOfItsMeaning() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 64, 65, 69, 70, 73, 74, 75, 77, 78])
    #expect(Set(ExitCode.allCases.map(\.meaning)).count == ExitCode.allCases.count)
  }
}
