// The completion script of fish: a function that tells which command the words typed so far lead to, and
// a `complete` line for everything each command offers.

/// Writes the completion script of fish.
struct FishCompletion {
  private let program: String
  private let nodes: [CompletedNode]

  init(_ root: CommandNode) {
    program = root.about.name
    nodes = CompletedNode.all(of: root)
  }

  /// The script.
  var script: String {
    let function = "__\(program.map { $0 == "-" ? "_" : String($0) }.joined())_at"
    let steps = nodes.dropFirst().map { shellQuoted($0.path) }.joined(separator: " ")
    return """
      # fish completion of \(program); written by `\(program) completions fish`.
      function \(function) --description 'Whether the command line has come to this command'
        set -l path \(shellQuoted(program))
        for word in (commandline -opc)[2..-1]
          if contains -- "$path $word" \(steps)
            set path "$path $word"
          end
        end
        test "$path" = "$argv[1]"
      end
      complete -c \(program) -f
      \(nodes.flatMap { lines($0, function) }.joined(separator: "\n"))

      """
  }

  private func lines(_ node: CompletedNode, _ function: String) -> [String] {
    let start = "complete -c \(program) -n \(fishQuoted("\(function) \(fishQuoted(node.path))"))"
    var lines = node.children.map { child in
      "\(start) -a \(fishQuoted(child.about.name)) -d \(fishQuoted(child.about.summary))"
    }
    for option in node.options {
      var line = start
      for spelling in option.spellings {
        line += spelling.hasPrefix("--") ? " -l \(spelling.dropFirst(2))" : " -s \(spelling.dropFirst())"
      }
      lines.append("\(line)\(value(option.value)) -d \(fishQuoted(option.meaning))")
    }
    switch node.positionalCompletion {
    case .nothing: break
    case .words(let words): lines.append("\(start) -a \(fishQuoted(words.joined(separator: " ")))")
    case .files: lines.append("\(start) -F")
    case .directories: lines.append("\(start) -a '(__fish_complete_directories)'")
    }
    return lines
  }

  private func value(_ completion: ValueCompletion?) -> String {
    switch completion {
    case nil: ""
    case .words(let words): " -x -a \(fishQuoted(words.joined(separator: " ")))"
    case .files: " -r -F"
    case .directories: " -x -a '(__fish_complete_directories)'"
    case .nothing: " -x"
    }
  }

  /// fish's single quotes know a backslash before a quote and before a backslash.
  private func fishQuoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
