// A program: its tree of commands, and the one way from arguments to an exit code. Parsing is pure; only
// `run` prints, and only to the console it is given.

internal import Glibc

/// What a command line asks for.
public struct Invocation: Sendable {
  /// What to do.
  public enum Action: Sendable {
    /// Show the help page of a command.
    case help(HelpPage)
    /// Show the program's version.
    case version(String)
    /// Print the completion script of a shell.
    case completions(String)
    /// Run a command.
    case command(any Command)
  }

  /// What to do.
  public let action: Action
  /// When to use colour.
  public let color: ColorChoice
}

/// A program made of commands.
public struct Program: Sendable {
  /// The program's name.
  public let name: String
  /// What `--version` prints after the name.
  public let version: String
  /// How the names of the program's environment variables start.
  public let environmentPrefix: String
  /// Variables that every command heeds, for help pages.
  let environment: [EnvironmentDescription]
  let root: CommandNode

  /// A program; `completions` is added to its commands.
  ///
  /// - Parameters:
  ///   - name: the program's name.
  ///   - version: what `--version` prints after the name.
  ///   - summary: what the program is, in a sentence.
  ///   - purpose: a paragraph about it.
  ///   - environmentPrefix: how the names of the program's environment variables start.
  ///   - environment: variables that every command heeds, for help pages.
  ///   - commands: the commands, with names that differ.
  public init(
    name: String, version: String, summary: String, purpose: String? = nil, environmentPrefix: String,
    environment: [EnvironmentDescription] = [], commands: [CommandNode]
  ) {
    self.name = name
    self.version = version
    self.environmentPrefix = environmentPrefix
    self.environment =
      environment + [EnvironmentDescription("NO_COLOR", "If not empty, colour is off unless --color always.")]
    root = .group(name, summary, purpose: purpose, commands + [CompletionsCommand.node(of: name)])
  }

  /// What a command line asks for.
  ///
  /// - Parameters:
  ///   - arguments: the arguments after the program's name.
  ///   - environment: the environment variables.
  public func parse(
    _ arguments: [String], environment: [String: String]
  ) throws(CommandLineError) -> Invocation {
    let line = try Parser.parse(arguments, by: root)
    switch line.request {
    case .help:
      return Invocation(action: .help(helpPage(of: line.node, names: line.names)), color: line.color)
    case .version: return Invocation(action: .version("\(name) \(version)"), color: line.color)
    case .command(let parsed):
      let command = try line.node.make(parsed, environment)
      if let completions = command as? CompletionsCommand {
        return Invocation(action: .completions(completionScript(for: completions.shell)), color: line.color)
      }
      return Invocation(action: .command(command), color: line.color)
    }
  }

  /// The completion script of a shell.
  public func completionScript(for shell: Shell) -> String {
    switch shell {
    case .bash: BashCompletion(root).script
    case .zsh: ZshCompletion(root).script
    case .fish: FishCompletion(root).script
    }
  }

  /// The help page of the command with these names after the program's; `nil` if there is no such command.
  public func helpPage(_ names: [String]) -> HelpPage? {
    var node = root
    for name in names {
      guard let child = node.children.first(where: { $0.about.name == name }) else { return nil }
      node = child
    }
    return helpPage(of: node, names: [name] + names)
  }

  private func helpPage(of node: CommandNode, names: [String]) -> HelpPage {
    HelpPage(node: node, names: names, programEnvironment: environment)
  }

  // MARK: Running

  /// Does what a command line asks for, prints to `console`, and returns how it ended.
  ///
  /// - Parameters:
  ///   - arguments: the arguments after the program's name.
  ///   - environment: the environment variables.
  ///   - console: makes the console, once it is known when to use colour.
  public func run(
    _ arguments: [String], environment: [String: String], console: (ColorChoice) -> Console
  ) async -> ExitCode {
    let invocation: Invocation
    do {
      invocation = try parse(arguments, environment: environment)
    } catch {
      return report(CommandFailure(error.exitCode, error.message, hint: error.hint), console(.automatic))
    }
    let console = console(invocation.color)
    do {
      switch invocation.action {
      case .help(let page):
        try console.write(
          page.text(width: console.outputTraits.width, hasColor: console.outputTraits.hasColor))
      case .version(let text): try console.print(text)
      case .completions(let script): try console.write(script)
      case .command(let command): try await command.run(console)
      }
      return .success
    } catch let failure as CommandFailure {
      return report(failure, console)
    } catch CommandLineError.output(EPIPE) {
      // Whoever read our output, as `head` does, has had enough: not worth a message.
      return .inputOutput
    } catch let error as CommandLineError {
      return report(CommandFailure(error.exitCode, error.message, hint: error.hint), console)
    } catch {
      let message = "unexpected: \(TerminalText.harmless(String(describing: error)))"
      return report(CommandFailure(.internalError, message), console)
    }
  }

  /// Does what the process was started for, and returns how it ended.
  public func run() async -> ExitCode {
    do {
      let input = try ProcessInput.current(prefix: environmentPrefix)
      return await run(input.arguments, environment: input.environment) { color in
        .standard(color: color, environment: input.environment)
      }
    } catch {
      return report(CommandFailure(error.exitCode, error.message), .standard(color: .never, environment: [:]))
    }
  }

  private func report(_ failure: CommandFailure, _ console: Console) -> ExitCode {
    do {
      try console.report(failure.messages, hint: failure.hint, program: name)
    } catch {
      // Standard error is gone: the exit code is all that is left to tell.
      return failure.code
    }
    return failure.code
  }
}

/// An environment variable, for help pages.
public struct EnvironmentDescription: Hashable, Sendable {
  /// The name.
  public let name: String
  /// What it does, in a sentence.
  public let meaning: String

  /// A variable and what it does.
  public init(_ name: String, _ meaning: String) {
    self.name = name
    self.meaning = meaning
  }
}
