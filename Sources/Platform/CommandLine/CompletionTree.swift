// The tree of commands as completion scripts need it: every node with the words that lead to it, its
// options with how their values complete, and its positionals.

/// How a value is completed.
enum ValueCompletion: Hashable {
  case words([String])
  case files
  case directories
  case nothing

  init(choices: [String], role: NotationRole) {
    switch role {
    case .path: self = .files
    case .directory: self = .directories
    case .bare, .text, .secret: self = choices.isEmpty ? .nothing : .words(choices)
    }
  }
}

/// An option as completion scripts need it.
struct CompletedOption {
  /// Every way it is written, long names first.
  let spellings: [String]
  let meaning: String
  /// How its value completes; `nil` for a flag.
  let value: ValueCompletion?
  let placeholder: String
  let isRepeatable: Bool
}

/// A command or group as completion scripts need it.
struct CompletedNode {
  /// The names from the program to the node, with single spaces.
  let path: String
  let children: [CommandNode]
  let options: [CompletedOption]
  let positionals: [PositionalDescription]

  /// Every node of a tree, the root first.
  static func all(of root: CommandNode) -> [CompletedNode] { nodes(root, path: root.about.name) }

  private static func nodes(_ node: CommandNode, path: String) -> [CompletedNode] {
    var options = node.options.map { option in
      CompletedOption(
        spellings: Parser.spellings(of: option), meaning: option.meaning,
        value: option.isFlag ? nil : ValueCompletion(choices: option.choices, role: option.role),
        placeholder: option.placeholder ?? "", isRepeatable: option.isRepeatable)
    }
    options += [
      CompletedOption(
        spellings: ["--color"], meaning: "When to use colour.",
        value: .words(ColorChoice.allCases.map(\.rawValue)),
        placeholder: "WHEN", isRepeatable: false),
      CompletedOption(
        spellings: ["--help", "-h"], meaning: "Show the help page.", value: nil, placeholder: "",
        isRepeatable: false),
      CompletedOption(
        spellings: ["--version"], meaning: "Show the version.", value: nil, placeholder: "",
        isRepeatable: false),
    ]
    let own = CompletedNode(
      path: path, children: node.children, options: options, positionals: node.positionals)
    return [own] + node.children.flatMap { nodes($0, path: "\(path) \($0.about.name)") }
  }

  /// How positional arguments complete: the choices of all of them, or else files or directories.
  var positionalCompletion: ValueCompletion {
    let each = positionals.map { ValueCompletion(choices: $0.choices, role: $0.role) }
    let words = each.flatMap { completion -> [String] in
      if case .words(let words) = completion { words } else { [] }
    }
    if !words.isEmpty { return .words(words) }
    return each.contains(.files) ? .files : each.contains(.directories) ? .directories : .nothing
  }
}

/// Quotes a text for a shell: single quotes keep everything, and end for a single quote.
func shellQuoted(_ text: String) -> String {
  "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
