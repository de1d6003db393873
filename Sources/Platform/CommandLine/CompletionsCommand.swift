// `completions SHELL`, which every program has: prints the script that completes its command line. The
// program itself answers it, because only the program knows its whole tree.

/// A shell that command lines can be completed in.
public enum Shell: String, CaseIterable, Hashable, Sendable {
  /// GNU bash, from version 4.
  case bash
  /// The Z shell.
  case zsh
  /// fish.
  case fish
}

struct CompletionsCommand: Command {
  static let about = CommandDescription(
    "completions", "Print the script that completes command lines in a shell.")

  /// The command as a part of a program, whose name its examples show.
  static func node(of program: String) -> CommandNode {
    let node = CommandNode.command(CompletionsCommand.self)
    let fishFile = "~/.config/fish/completions/\(program).fish"
    let described = CommandDescription(
      about.name, about.summary,
      examples: [
        CommandExample("source <(\(program) completions bash)", "Completes in this bash."),
        CommandExample("\(program) completions fish > \(fishFile)", "Completes in every fish from now on."),
      ])
    return CommandNode(
      about: described, children: [], options: node.options, positionals: node.positionals, make: node.make)
  }

  var shell = Shell.bash

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.argument("SHELL", \.shell, .choice, "The shell.")
  }

  func run(_ console: Console) async throws {
    preconditionFailure("the program answers this command")
  }
}
