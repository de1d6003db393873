// What there is to say about an option or a positional argument: all that parsing, help pages and shell
// completions need; the typed field behind it is in DeclaredArguments.

/// Everything there is to say about an option or a flag.
public struct OptionDescription: Hashable, Sendable {
  /// The long name, without its dashes.
  public let name: String
  /// The one-letter name.
  public let short: Character?
  /// What stands for the value in a usage line; `nil` for a flag.
  public let placeholder: String?
  /// What the option is for, in a sentence.
  public let meaning: String
  /// What is accepted, in words.
  public let accepted: String
  /// Every accepted spelling, if they are few and fixed.
  public let choices: [String]
  /// What the value is besides its type.
  public let role: NotationRole
  /// The value if the option is not given; `nil` if there is none to show.
  public let standard: String?
  /// The variable that is looked at if the option is not given.
  public let environment: String?
  /// Whether the option may be given more than once.
  public let isRepeatable: Bool
  /// Whether the option must be given.
  public let isRequired: Bool
  /// Whether `--no-…` turns the flag off.
  public let isNegatable: Bool

  /// Whether there is no value to it.
  public var isFlag: Bool { placeholder == nil }

  /// How errors call it: `--format`.
  var spelling: String { "--\(name)" }
}

/// Everything there is to say about a positional argument.
public struct PositionalDescription: Hashable, Sendable {
  /// The name in usage lines, in capitals.
  public let name: String
  /// What the argument is for, in a sentence.
  public let meaning: String
  /// What is accepted, in words.
  public let accepted: String
  /// Every accepted spelling, if they are few and fixed.
  public let choices: [String]
  /// What the value is besides its type.
  public let role: NotationRole
  /// The value if the argument is not given; `nil` if there is none to show.
  public let standard: String?
  /// How many there must be at least.
  public let countMinimum: Int
  /// Whether it takes all arguments that are left.
  public let isRepeatable: Bool

  /// As a usage line shows it: `FILE`, `[FILE]`, `FILE...`.
  var usage: String {
    let text = isRepeatable ? "\(name)..." : name
    return countMinimum == 0 ? "[\(text)]" : text
  }
}
