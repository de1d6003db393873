// What a command throws when it cannot do what it was asked to.

/// Why a command failed, as the caller is told.
public struct CommandFailure: Error, Hashable, Sendable {
  /// How the program ends.
  public let code: ExitCode
  /// What happened, a line for each thing.
  public let messages: [String]
  /// What to do next, if there is something to say.
  public let hint: String?

  /// A failure with one message.
  public init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.init(code, messages: [message], hint: hint)
  }

  /// A failure with a message for each thing that is wrong.
  public init(_ code: ExitCode, messages: [String], hint: String? = nil) {
    self.code = code
    self.messages = messages
    self.hint = hint
  }
}
