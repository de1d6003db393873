// A command or a group of commands, its type erased: a node of the tree that a program is. Parsing has
// two steps. Parser goes through the arguments by the descriptions alone and notes which option or
// positional each text belongs to; the node then reads the texts into the fields of its command.

/// A command, or a group of commands.
public struct CommandNode: Sendable {
  /// The name, and what help pages say.
  public let about: CommandDescription
  /// The commands of a group.
  public let children: [CommandNode]
  /// The options, in the order of declaration.
  public let options: [OptionDescription]
  /// The positional arguments, in their order.
  public let positionals: [PositionalDescription]

  /// Makes the command of what was parsed.
  let make:
    @Sendable (ParsedArguments, _ environment: [String: String]) throws(CommandLineError) -> any Command

  /// A command.
  public static func command<C: Command>(_ type: C.Type) -> CommandNode {
    var declaration = ArgumentDeclaration<C>()
    C.declare(&declaration)
    let (options, positionals, rules) = (declaration.options, declaration.positionals, declaration.rules)
    return CommandNode(
      about: C.about, children: [], options: options.map(\.description),
      positionals: positionals.map(\.description),
      make: { parsed, environment throws(CommandLineError) in
        try parsed.command(C(), options, positionals, rules, environment)
      })
  }

  /// A group of commands, which does nothing itself.
  ///
  /// - Parameters:
  ///   - name: the name, in lower case with dashes.
  ///   - summary: what the commands are for, in a sentence.
  ///   - purpose: a paragraph about them, if the summary does not say everything.
  ///   - commands: the commands, with names that differ.
  public static func group(
    _ name: String, _ summary: String, purpose: String? = nil, _ commands: [CommandNode]
  ) -> CommandNode {
    precondition(!commands.isEmpty, "a group without commands: \(name)")
    precondition(
      Set(commands.map(\.about.name)).count == commands.count, "a command is declared twice in \(name)")
    return CommandNode(
      about: CommandDescription(name, summary, purpose: purpose), children: commands, options: [],
      positionals: [],
      make: { _, _ in preconditionFailure("a group is not a command") })
  }

  var isGroup: Bool { !children.isEmpty }
}

/// The arguments of a command by what they belong to, before they are read.
struct ParsedArguments: Sendable {
  enum Value: Sendable {
    case text(String)
    case turned(Bool)
  }

  let path: String
  /// The place of an option in the node's list, how it was spelled, and its value.
  var options: [(index: Int, spelling: String, value: Value)] = []
  var positionals: [String] = []

  /// Reads everything into the fields of `command`.
  func command<C: Command>(
    _ standard: C, _ declared: [DeclaredOption<C>], _ positionalsDeclared: [DeclaredPositional<C>],
    _ rules: [DeclaredRule<C>], _ environment: [String: String]
  ) throws(CommandLineError) -> any Command {
    var command = standard
    for (index, spelling, value) in options {
      switch value {
      case .turned(let isOn): declared[index].turn(isOn, &command)
      case .text(let text): try read(text, spelling, from: nil, declared[index], &command)
      }
    }
    let given = Set(options.map(\.index))
    for (index, option) in declared.enumerated() where !given.contains(index) {
      if let variable = option.description.environment, let text = environment[variable] {
        try read(text, option.description.spelling, from: "from \(variable)", option, &command)
      } else if option.description.isRequired {
        throw .missingOption(
          "\(option.description.spelling) \(option.description.placeholder ?? "")", path: path)
      }
    }
    try readPositionals(positionalsDeclared, &command)
    for rule in rules where !rule.holds(command) { throw .conflict(rule.meaning, path: path) }
    return command
  }

  private func read<C>(
    _ text: String, _ spelling: String, from source: String?, _ option: DeclaredOption<C>, _ command: inout C
  ) throws(CommandLineError) {
    do {
      try option.assign(text, &command)
    } catch {
      let description = option.description
      throw .invalidValue(
        of: spelling, value: shown(text, description.role), from: source, reason: error.phrase,
        accepted: description.accepted, path: path)
    }
  }

  private func readPositionals<C>(
    _ declared: [DeclaredPositional<C>], _ command: inout C
  ) throws(CommandLineError) {
    var rest = positionals[...]
    for positional in declared {
      let description = positional.description
      let mine = description.isRepeatable ? rest : rest.prefix(1)
      if mine.count < description.countMinimum { throw .missingArgument(description.name, path: path) }
      for text in mine {
        do {
          try positional.assign(text, &command)
        } catch {
          throw .invalidValue(
            of: description.name, value: shown(text, description.role), from: nil, reason: error.phrase,
            accepted: description.accepted, path: path)
        }
      }
      rest = rest.dropFirst(mine.count)
    }
    if let extra = rest.first { throw .unexpectedArgument(extra, path: path) }
  }

  private func shown(_ text: String, _ role: NotationRole) -> String {
    if role == .secret { return Secret.mask }
    return text.count > CommandLineLimits.shownValueCharactersMaximum
      ? Quotation.quoted(text.prefix(CommandLineLimits.shownValueCharactersMaximum)) + "…"
      : Quotation.quoted(text)
  }
}
