// What `--help` shows: how to use a command, what it is for, its arguments, options, variables, examples
// and exit codes. Rendering is pure: descriptions and a width in, text out.

/// The help page of a command or a group.
public struct HelpPage: Sendable {
  let node: CommandNode
  let names: [String]
  let programEnvironment: [EnvironmentDescription]

  private static let termWidthMaximum = 26

  private struct Entry {
    let term: String
    let meaning: String
  }

  /// The page for a terminal of so many columns.
  ///
  /// - Parameters:
  ///   - width: how many columns.
  ///   - hasColor: whether headings stand out.
  public func text(width: Int, hasColor: Bool = false) -> String {
    let columns = min(max(width, CommandLineLimits.helpWidthMinimum), CommandLineLimits.helpWidthMaximum)
    var sections: [String] = [usage(columns, hasColor)]
    let purpose = node.about.purpose.map { "\(node.about.summary) \($0)" } ?? node.about.summary
    sections.append(TerminalText.wrapped(purpose, to: columns).map { $0 + "\n" }.joined())
    let lists: [(String, [Entry])] = [
      ("Commands", node.children.map { Entry(term: $0.about.name, meaning: $0.about.summary) }),
      ("Arguments", node.positionals.map { Entry(term: $0.name, meaning: meaning(of: $0)) }),
      ("Options", node.options.map { Entry(term: term(of: $0), meaning: meaning(of: $0)) } + builtIns),
      ("Environment", environment.map { Entry(term: $0.name, meaning: $0.meaning) }),
    ]
    for (title, entries) in lists where !entries.isEmpty {
      sections.append(heading(title, hasColor) + list(entries, columns))
    }
    if !node.about.examples.isEmpty {
      let examples = node.about.examples.map { example in
        "  \(example.line)\n"
          + TerminalText.wrapped(example.meaning, to: columns - 6).map { "      \($0)\n" }.joined()
      }
      sections.append(heading("Examples", hasColor) + examples.joined())
    }
    sections.append(heading("Exit codes", hasColor) + list(exitCodes, columns))
    if node.isGroup {
      let more = "See \(names.joined(separator: " ")) COMMAND --help for each command."
      sections.append(TerminalText.wrapped(more, to: columns).map { $0 + "\n" }.joined())
    }
    return sections.joined(separator: "\n")
  }

  // MARK: Parts

  private func heading(_ title: String, _ hasColor: Bool) -> String {
    TextStyle.bold.applied(to: "\(title):", isOn: hasColor) + "\n"
  }

  private func usage(_ columns: Int, _ hasColor: Bool) -> String {
    let required = node.options.filter(\.isRequired).map { "--\($0.name) \($0.placeholder ?? "")" }
    var parts = names + required
    parts += node.isGroup ? ["COMMAND", "[OPTIONS]"] : ["[OPTIONS]"] + node.positionals.map(\.usage)
    let title = "Usage: "
    // A usage line is not split inside an option and its value.
    var lines: [String] = []
    for part in parts {
      if let last = lines.last,
        TerminalText.width(last) + 1 + TerminalText.width(part) <= columns - title.count
      {
        lines[lines.count - 1] = "\(last) \(part)"
      } else {
        lines.append(part)
      }
    }
    let indented = lines.joined(separator: "\n" + String(repeating: " ", count: title.count + 2))
    return TextStyle.bold.applied(to: "Usage:", isOn: hasColor) + " \(indented)\n"
  }

  private func list(_ entries: [Entry], _ columns: Int) -> String {
    let longest = entries.map { TerminalText.width($0.term) }.max() ?? 0
    let termWidth = min(longest, Self.termWidthMaximum, columns / 3)
    let indentation = String(repeating: " ", count: termWidth + 4)
    return entries.map { entry in
      let lines = TerminalText.wrapped(entry.meaning, to: columns - termWidth - 4)
      var text = "  "
      if TerminalText.width(entry.term) > termWidth {
        text += "\(entry.term)\n\(indentation)\(lines.first ?? "")\n"
      } else {
        text += "\(TerminalText.padded(entry.term, to: termWidth))  \(lines.first ?? "")\n"
      }
      return text + lines.dropFirst().map { "\(indentation)\($0)\n" }.joined()
    }.joined()
  }

  private func term(of option: OptionDescription) -> String {
    let long = option.isNegatable ? "--[no-]\(option.name)" : "--\(option.name)"
    return "\(option.short.map { "-\($0), " } ?? "    ")\(long)\(option.placeholder.map { " \($0)" } ?? "")"
  }

  private func meaning(of option: OptionDescription) -> String {
    var notes: [String] = []
    if !option.isFlag { notes += accepted(option.accepted, option.choices, option.role) }
    if option.isRequired { notes.append("required") }
    if let standard = option.standard { notes.append("default: \(standard)") }
    if option.isRepeatable { notes.append("may be repeated") }
    if let environment = option.environment { notes.append("or \(environment)") }
    return option.meaning + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  private func meaning(of positional: PositionalDescription) -> String {
    let notes = accepted(positional.accepted, positional.choices, positional.role)
    return positional.meaning + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  /// What is accepted, unless any text or path is, or the placeholder shows the choices already.
  private func accepted(_ accepted: String, _ choices: [String], _ role: NotationRole) -> [String] {
    switch role {
    case .path, .directory, .secret: []
    case .text where choices.isEmpty && accepted.hasPrefix("text"): []
    case .text, .bare: [accepted]
    }
  }

  private var builtIns: [Entry] {
    [
      Entry(
        term: "    --color WHEN",
        meaning:
          "When to use colour. (one of \(ColorChoice.allCases.map(\.rawValue).joined(separator: ", ")); default: auto)"
      ),
      Entry(term: "-h, --help", meaning: "Show this page."),
      Entry(term: "    --version", meaning: "Show the version."),
    ]
  }

  private var environment: [EnvironmentDescription] {
    let own = node.options.compactMap { option in
      option.environment.map { EnvironmentDescription($0, "Stands in for --\(option.name).") }
    }
    return own + programEnvironment.filter { common in !own.contains { $0.name == common.name } }
  }

  private var exitCodes: [Entry] {
    let codes = node.isGroup ? ExitCode.allCases : [.success, .usage] + node.about.exitCodes
    return codes.sorted { $0.rawValue < $1.rawValue }.map {
      Entry(term: String($0.rawValue), meaning: $0.meaning)
    }
  }
}
