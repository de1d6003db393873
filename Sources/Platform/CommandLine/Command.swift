// What a command is: a plain struct whose initial values are the defaults of its arguments, a declaration
// that binds each field to an option or a positional by key path, and `run`.

/// Arguments that belong together: those of one command, or some that several commands share.
public protocol ArgumentGroup: Sendable {
  /// The arguments with their defaults.
  init()

  /// Declares every argument, once each.
  static func declare(_ arguments: inout ArgumentDeclaration<Self>)
}

/// Something a program can be told to do.
///
///     struct ShowCommand: Command {
///       static let about = CommandDescription(
///         "show", "Print the effective configuration.",
///         examples: [CommandExample("varve config show --format yaml", "The same as a file.")])
///
///       var format = Format.table
///
///       static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
///         arguments.option("format", short: "f", \.format, .choice, "How to print it.")
///       }
///
///       func run(_ console: Console) async throws {
///         try console.print(…)
///       }
///     }
public protocol Command: ArgumentGroup {
  /// The name, and what help pages say.
  static var about: CommandDescription { get }

  /// Does it. A ``CommandFailure`` decides the exit code; any other error counts as a defect.
  func run(_ console: Console) async throws
}

extension ArgumentGroup {
  /// No arguments.
  public static func declare(_ arguments: inout ArgumentDeclaration<Self>) {}
}

/// A command's name, and what its help page says.
public struct CommandDescription: Hashable, Sendable {
  /// The name, in lower case with dashes.
  public let name: String
  /// What it does, in a sentence.
  public let summary: String
  /// A paragraph about it, if the summary does not say everything.
  public let purpose: String?
  /// Some ways to use it.
  public let examples: [CommandExample]
  /// How it may end, besides `success` and `usage`.
  public let exitCodes: [ExitCode]

  /// A name and what to say.
  ///
  /// - Parameters:
  ///   - name: the name, in lower case with dashes.
  ///   - summary: what it does, in a sentence.
  ///   - purpose: a paragraph about it, if the summary does not say everything.
  ///   - examples: some ways to use it.
  ///   - exitCodes: how it may end, besides `success` and `usage`.
  public init(
    _ name: String, _ summary: String, purpose: String? = nil, examples: [CommandExample] = [],
    exitCodes: [ExitCode] = []
  ) {
    let isName = !name.isEmpty && name.first != "-" && name.utf8.allSatisfy(isNameByte)
    precondition(isName, "not a name of a command: \(name)")
    self.name = name
    self.summary = summary
    self.purpose = purpose
    self.examples = examples
    self.exitCodes = exitCodes
  }
}

/// A command line and what it does.
public struct CommandExample: Hashable, Sendable {
  /// The command line.
  public let line: String
  /// What it does, in a sentence.
  public let meaning: String

  /// A command line and what it does.
  public init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}

/// Whether a byte may stand in the name of a command or an option.
func isNameByte(_ byte: UInt8) -> Bool {
  (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
    || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    || byte == UInt8(ascii: "-")
}
