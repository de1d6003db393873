// The completion script of bash: one function that walks the words typed so far down the tree and then
// offers option values, options, commands or files. It needs nothing but bash 4.

/// Writes the completion script of bash.
struct BashCompletion {
  private let program: String
  private let nodes: [CompletedNode]

  init(_ root: CommandNode) {
    program = root.about.name
    nodes = CompletedNode.all(of: root)
  }

  /// The script.
  var script: String {
    let function = "_" + program.map { $0 == "-" ? "_" : String($0) }.joined()
    return """
      # bash completion of \(program); written by `\(program) completions bash`.
      \(function)() {
        local current="${COMP_WORDS[COMP_CWORD]}" option="${COMP_WORDS[COMP_CWORD-1]}"
        # bash splits --option=value at the equals sign.
        if [[ $current == "=" ]]; then
          current=""
        elif [[ $option == "=" && $COMP_CWORD -gt 2 ]]; then
          option="${COMP_WORDS[COMP_CWORD-2]}"
        fi
        local path=\(shellQuoted(program)) word i
        for ((i = 1; i < COMP_CWORD; i++)); do
          word="${COMP_WORDS[i]}"
          if [[ $word == "--" ]]; then option=""; break; fi
          case "$path $word" in
            \(steps))
              path="$path $word" ;;
          esac
        done
        local words="" kind=""
        case "$path $option" in
      \(valueCases)
        esac
        if [[ -z $kind ]]; then
          case "$path" in
      \(nodeCases)
          esac
        fi
        COMPREPLY=()
        case "$kind" in
          words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
          files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
          directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        esac
      }
      complete -F \(function) \(program)

      """
  }

  /// The paths that exist, as patterns of a case.
  private var steps: String {
    nodes.dropFirst().map { shellQuoted($0.path) }.joined(separator: "|")
  }

  /// What follows an option that takes a value.
  private var valueCases: String {
    nodes.flatMap { node in
      node.options.compactMap { option in
        option.value.map { value in
          let patterns = option.spellings.map { shellQuoted("\(node.path) \($0)") }.joined(separator: "|")
          return "    \(patterns)) \(assignment(value)) ;;"
        }
      }
    }.joined(separator: "\n")
  }

  /// What a node offers otherwise: options after a dash, else its commands or positionals.
  private var nodeCases: String {
    nodes.map { node in
      let options = node.options.flatMap(\.spellings).filter { $0.hasPrefix("--") }
      let children = node.children.map(\.about.name)
      let rest = assignment(children.isEmpty ? node.positionalCompletion : .words(children))
      return """
            \(shellQuoted(node.path)))
              if [[ $current == -* ]]; then \(assignment(.words(options)))
              else \(rest); fi ;;
        """
    }.joined(separator: "\n")
  }

  private func assignment(_ completion: ValueCompletion) -> String {
    switch completion {
    case .words(let words): "kind=words; words=\(shellQuoted(words.joined(separator: " ")))"
    case .files: "kind=files"
    case .directories: "kind=directories"
    case .nothing: "kind=nothing"
    }
  }
}
