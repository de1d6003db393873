// The syntax of a command line: which argument is a command, an option, a value or a positional. Pure:
// arguments in, a node and its texts out. It knows only descriptions; CommandNode reads the texts.
//
//     --name value   --name=value   -n value   -nvalue   -n=value   -abc (flags a, b and c)
//     --no-name (where declared)    -- (only positionals follow)    - and -5 are values, not options

/// The options that every command has.
enum BuiltInOption {
  static let names: Set<String> = ["help", "version", "color"]
}

/// What a command line asks for, before its texts are read.
struct ParsedLine: Sendable {
  enum Request: Sendable {
    case help
    case version
    case command(ParsedArguments)
  }

  let node: CommandNode
  /// The names from the program to the node.
  let names: [String]
  let request: Request
  let color: ColorChoice
}

/// Goes through arguments from left to right.
struct Parser {
  private let arguments: [String]
  private var index = 0
  private var node: CommandNode
  private var names: [String]
  private var parsed: ParsedArguments
  private var color = ColorChoice.automatic
  private var isColorGiven = false

  static func parse(_ arguments: [String], by root: CommandNode) throws(CommandLineError) -> ParsedLine {
    guard arguments.count <= CommandLineLimits.argumentsMaximum else {
      throw .tooLarge("there are more than \(CommandLineLimits.argumentsMaximum) arguments")
    }
    guard arguments.allSatisfy({ $0.utf8.count <= CommandLineLimits.argumentBytesMaximum }) else {
      throw .tooLarge("an argument is longer than \(CommandLineLimits.argumentBytesMaximum) bytes")
    }
    var parser = Parser(arguments, root)
    do {
      return try parser.line()
    } catch {
      // Whoever asks for help gets it, whatever else is on the line.
      let rest = arguments[min(parser.index, arguments.count)...].prefix { $0 != "--" }
      if rest.contains("--help") || rest.contains("-h") { return parser.result(.help) }
      throw error
    }
  }

  private init(_ arguments: [String], _ root: CommandNode) {
    self.arguments = arguments
    node = root
    names = [root.about.name]
    parsed = ParsedArguments(path: root.about.name)
  }

  private var path: String { names.joined(separator: " ") }

  private func result(_ request: ParsedLine.Request) -> ParsedLine {
    ParsedLine(node: node, names: names, request: request, color: color)
  }

  private mutating func line() throws(CommandLineError) -> ParsedLine {
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        for text in arguments[index...] { try word(text) }
        index = arguments.count
      } else if argument.hasPrefix("--") {
        if let request = try long(argument) { return result(request) }
      } else if isShort(argument) {
        if try shorts(argument) { return result(.help) }
      } else if node.isGroup, argument == "help", node.children.allSatisfy({ $0.about.name != "help" }) {
        return try help()
      } else {
        try word(argument)
      }
    }
    if node.isGroup { throw .missingCommand(path: path, commands: node.children.map(\.about.name)) }
    return result(.command(parsed))
  }

  /// `varve help config show` is `varve config show --help`.
  private mutating func help() throws(CommandLineError) -> ParsedLine {
    while index < arguments.count, node.isGroup, !arguments[index].hasPrefix("-") {
      index += 1
      try word(arguments[index - 1])
    }
    return result(.help)
  }

  /// A command of a group, or a positional.
  private mutating func word(_ text: String) throws(CommandLineError) {
    guard node.isGroup else {
      parsed.positionals.append(text)
      return
    }
    guard let child = node.children.first(where: { $0.about.name == text }) else {
      let nearest = Spelling.nearest(to: text, among: node.children.map(\.about.name))
      throw .unknownCommand(text, path: path, nearest: nearest)
    }
    node = child
    names.append(text)
    parsed = ParsedArguments(path: path)
  }

  // MARK: Options

  private mutating func long(_ argument: String) throws(CommandLineError) -> ParsedLine.Request? {
    let body = argument.dropFirst(2)
    let equals = body.firstIndex(of: "=")
    let name = String(body[..<(equals ?? body.endIndex)])
    let attached = equals.map { String(body[body.index(after: $0)...]) }
    switch name {
    case "help", "version":
      if attached != nil { throw .unexpectedValue(flag: "--\(name)", path: path) }
      return name == "help" ? .help : .version
    case "color":
      try setColor(attached)
      return nil
    default: break
    }
    if let found = node.options.firstIndex(where: { $0.name == name }) {
      try take(found, "--\(name)", attached)
    } else if name.hasPrefix("no-"),
      let found = node.options.firstIndex(where: { $0.isNegatable && $0.name == name.dropFirst(3) })
    {
      if attached != nil { throw .unexpectedValue(flag: "--\(name)", path: path) }
      try turn(found, "--\(name)", false)
    } else {
      throw unknown("--\(name)")
    }
    return nil
  }

  /// Flags and at most one option with a value, as in `-vf table`; `true` asks for help.
  private mutating func shorts(_ argument: String) throws(CommandLineError) -> Bool {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      if letter == "h" { return true }
      guard let found = node.options.firstIndex(where: { $0.short == letter }) else {
        throw unknown("-\(letter)")
      }
      if node.options[found].isFlag {
        if letters.first == "=" { throw .unexpectedValue(flag: "-\(letter)", path: path) }
        try turn(found, "-\(letter)", true)
      } else {
        let attached = letters.first == "=" ? letters.dropFirst() : letters
        let hasValue = !letters.isEmpty
        letters = ""
        try take(found, "-\(letter)", hasValue ? String(attached) : nil)
      }
    }
    return false
  }

  private mutating func take(_ found: Int, _ spelling: String, _ attached: String?) throws(CommandLineError) {
    let option = node.options[found]
    if option.isFlag {
      if attached != nil { throw .unexpectedValue(flag: spelling, path: path) }
      try turn(found, spelling, true)
      return
    }
    let text = if let attached { attached } else { try value(of: spelling, option.accepted) }
    if !option.isRepeatable, parsed.options.contains(where: { $0.index == found }) {
      throw .repeatedOption(spelling, path: path)
    }
    parsed.options.append((found, spelling, .text(text)))
  }

  private mutating func turn(_ found: Int, _ spelling: String, _ isOn: Bool) throws(CommandLineError) {
    for earlier in parsed.options where earlier.index == found {
      // Saying the same twice is harmless; saying both is not.
      if case .turned(!isOn) = earlier.value {
        throw .conflict("\(earlier.spelling) and \(spelling) exclude each other", path: path)
      }
    }
    parsed.options.append((found, spelling, .turned(isOn)))
  }

  private mutating func value(of spelling: String, _ accepted: String) throws(CommandLineError) -> String {
    guard index < arguments.count, !arguments[index].hasPrefix("--"), !isShort(arguments[index]) else {
      throw .missingValue(option: spelling, accepted: accepted, path: path)
    }
    index += 1
    return arguments[index - 1]
  }

  private mutating func setColor(_ attached: String?) throws(CommandLineError) {
    let notation = ValueNotation<ColorChoice>.choice
    let text = if let attached { attached } else { try value(of: "--color", notation.accepted) }
    if isColorGiven { throw .repeatedOption("--color", path: path) }
    isColorGiven = true
    do {
      color = try notation.read(text)
    } catch {
      throw .invalidValue(
        of: "--color", value: Quotation.quoted(text), from: nil, reason: error.phrase,
        accepted: notation.accepted,
        path: path)
    }
  }

  /// Whether an argument is made of one-letter options: not `-`, and not a negative number unless a digit
  /// is declared as an option.
  private func isShort(_ argument: String) -> Bool {
    guard argument.utf8.first == UInt8(ascii: "-"), let second = argument.dropFirst().first else {
      return false
    }
    if second == "-" { return false }
    let looksLikeNumber = second.isASCII && (second.isNumber || second == ".")
    return !looksLikeNumber || node.options.contains { $0.short == second }
  }

  private func unknown(_ spelling: String) -> CommandLineError {
    let known = node.options.flatMap(Self.spellings) + BuiltInOption.names.sorted().map { "--\($0)" }
    let isLong = spelling.hasPrefix("--")
    let nearest = isLong ? Spelling.nearest(to: spelling, among: known.filter { $0.hasPrefix("--") }) : nil
    if node.isGroup, nearest == nil { return .optionBeforeCommand(spelling, path: path) }
    return .unknownOption(spelling, path: path, nearest: nearest)
  }

  /// Every way an option is written.
  static func spellings(of option: OptionDescription) -> [String] {
    var spellings = ["--\(option.name)"]
    if option.isNegatable { spellings.append("--no-\(option.name)") }
    if let short = option.short { spellings.append("-\(short)") }
    return spellings
  }
}
