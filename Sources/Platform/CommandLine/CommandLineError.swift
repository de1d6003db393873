// What can be wrong with the arguments of a command, and what a command throws when it fails. Both carry a
// message, a hint for what to do next and an exit code; Program prints them in one form.

internal import Glibc

/// What is wrong with the arguments, or with printing.
public enum CommandLineError: Error, Hashable, Sendable {
  /// A group of commands was named, but none of its commands.
  case missingCommand(path: String, commands: [String])
  /// No command has this name; the nearest one, if any is near.
  case unknownCommand(String, path: String, nearest: String?)
  /// No option has this name; the nearest one, if any is near.
  case unknownOption(String, path: String, nearest: String?)
  /// An option stands before the command it might belong to.
  case optionBeforeCommand(String, path: String)
  /// An option needs a value.
  case missingValue(option: String, accepted: String, path: String)
  /// A flag takes no value.
  case unexpectedValue(flag: String, path: String)
  /// An option is given more than once, or a flag together with its negation.
  case repeatedOption(String, path: String)
  /// A value is not accepted: of what, the value as shown, where from, what is wrong, what is accepted.
  case invalidValue(of: String, value: String, from: String?, reason: String, accepted: String, path: String)
  /// A required option is not given.
  case missingOption(String, path: String)
  /// A required argument is not given.
  case missingArgument(String, path: String)
  /// There are more arguments than the command takes.
  case unexpectedArgument(String, path: String)
  /// Arguments that are each accepted do not go together.
  case conflict(String, path: String)
  /// An argument or a variable is not UTF-8.
  case notUnicode(String)
  /// There are too many arguments, or one is too long.
  case tooLarge(String)
  /// Standard output or standard error cannot be written; the system's error number.
  case output(errno: Int32)

  /// What is wrong, in a sentence without its full stop.
  public var message: String {
    switch self {
    case .missingCommand(let path, _): "\(path) needs a command"
    case .unknownCommand(let name, let path, _): "\(path) has no command \(Quotation.quoted(name))"
    case .unknownOption(let name, let path, _): "\(path) has no option \(Quotation.quoted(name))"
    case .optionBeforeCommand(let name, let path): "\(path) itself has no option \(Quotation.quoted(name))"
    case .missingValue(let option, let accepted, _): "\(option) needs a value: \(accepted)"
    case .unexpectedValue(let flag, _): "\(flag) takes no value"
    case .repeatedOption(let option, _): "\(option) is given more than once"
    case .invalidValue(let of, let value, let from, let reason, let accepted, _):
      "\(of)\(from.map { " (\($0))" } ?? ""): \(value) \(reason); accepted: \(accepted)"
    case .missingOption(let option, _): "\(option) is required"
    case .missingArgument(let name, _): "the argument \(name) is required"
    case .unexpectedArgument(let text, _): "the argument \(Quotation.quoted(text)) is one too many"
    case .conflict(let meaning, _): meaning
    case .notUnicode(let what): "\(what) is not valid UTF-8"
    case .tooLarge(let what): what
    case .output(let number): "output cannot be written: \(String(cString: strerror(number)))"
    }
  }

  /// What to do next, if there is something to say.
  public var hint: String? {
    switch self {
    case .missingCommand(let path, let commands):
      "one of \(commands.joined(separator: ", ")); see \(path) --help"
    case .unknownCommand(_, let path, let nearest), .unknownOption(_, let path, let nearest):
      "\(nearest.map { "did you mean \($0)? " } ?? "")see \(path) --help"
    case .optionBeforeCommand(_, let path): "options follow the command: \(path) COMMAND [OPTIONS]"
    case .missingValue(_, _, let path), .unexpectedValue(_, let path), .repeatedOption(_, let path),
      .invalidValue(_, _, _, _, _, let path), .missingOption(_, let path), .missingArgument(_, let path),
      .unexpectedArgument(_, let path), .conflict(_, let path):
      "see \(path) --help"
    case .notUnicode, .tooLarge, .output: nil
    }
  }

  /// How the program ends.
  public var exitCode: ExitCode {
    if case .output = self { .inputOutput } else { .usage }
  }
}
