// The completion script of zsh: a function for each node, on zsh's own `_arguments` and `_describe`.

/// Writes the completion script of zsh.
struct ZshCompletion {
  private let program: String
  private let nodes: [CompletedNode]

  init(_ root: CommandNode) {
    program = root.about.name
    nodes = CompletedNode.all(of: root)
  }

  /// The script. It may be sourced, or saved as `_program` in a folder of `fpath`.
  var script: String {
    let main = name(of: program)
    return """
      #compdef \(program)
      # zsh completion of \(program); written by `\(program) completions zsh`.
      \(nodes.map(function).joined(separator: "\n"))
      if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
        \(main) "$@"
      else
        compdef \(main) \(program)
      fi

      """
  }

  private func name(of path: String) -> String {
    "_" + path.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
  }

  private func function(_ node: CompletedNode) -> String {
    var specifications = node.options.flatMap(specifications)
    guard !node.children.isEmpty else {
      for (index, positional) in node.positionals.enumerated() {
        let place = positional.isRepeatable ? "*" : "\(index + 1)"
        let optional = positional.countMinimum == 0 && !positional.isRepeatable ? ":" : ""
        let value = action(ValueCompletion(choices: positional.choices, role: positional.role))
        specifications.append(shellQuoted("\(place)\(optional):\(escaped(positional.name)):\(value)"))
      }
      return """
        \(name(of: node.path))() {
          _arguments -s -S \\
            \(specifications.joined(separator: " \\\n    "))
        }
        """
    }
    specifications += ["'1: :->command'", "'*:: :->rest'"]
    let commands = node.children.map { shellQuoted("\($0.about.name):\($0.about.summary)") }
    let cases = node.children.map { child in
      "        \(child.about.name)) \(name(of: "\(node.path) \(child.about.name)")) ;;"
    }
    return """
      \(name(of: node.path))() {
        local context state line
        typeset -A opt_args
        local -a commands=(
          \(commands.joined(separator: "\n    "))
        )
        _arguments -C -S \\
          \(specifications.joined(separator: " \\\n    ")) && return
        case $state in
          command) _describe command commands ;;
          rest)
            case $line[1] in
      \(cases.joined(separator: "\n"))
            esac ;;
        esac
      }
      """
  }

  private func specifications(of option: CompletedOption) -> [String] {
    let others = option.isRepeatable ? "*" : "(\(option.spellings.joined(separator: " ")))"
    return option.spellings.map { spelling in
      let equals = option.value != nil && spelling.hasPrefix("--") ? "=" : option.value != nil ? "+" : ""
      let value = option.value.map { ":\(escaped(option.placeholder)):\(action($0))" } ?? ""
      return shellQuoted("\(others)\(spelling)\(equals)[\(escaped(option.meaning))]\(value)")
    }
  }

  private func action(_ completion: ValueCompletion) -> String {
    switch completion {
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .files: "_files"
    case .directories: "_files -/"
    case .nothing: " "
    }
  }

  private func escaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
