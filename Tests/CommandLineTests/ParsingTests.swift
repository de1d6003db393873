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

  @Test(arguments: [
    ["--format", "yaml"], ["--format=yaml"], ["-f", "yaml"], ["-fyaml"], ["-f=yaml"],
    ["-qf", "yaml", "--quiet"],
    ["-qfyaml"], ["--color", "never", "-f", "yaml"], ["-f", "yaml", "--pager", "--pager"],
  ])
  func takesAnOptionHoweverItIsWritten(arguments: [String]) throws {
    #expect(try show(arguments).format == .yaml)
  }
  @Test func takesFlagsTogetherAndApart() throws {
    let together = try copy(["-vx", "a", "b"])
    #expect(together.isVerbose && together.isForced)
    let apart = try copy(["a", "--force", "b"])
    #expect(!apart.isVerbose && apart.isForced)
  }
}
