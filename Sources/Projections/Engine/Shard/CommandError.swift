// What the caller of a command is told when it is not accepted.

/// Why a command was not accepted.
public enum CommandError<Refusal: Error & Sendable & Equatable>: Error, Equatable, Sendable {
  /// The domain said no.
  case refused(Refusal)
  /// As many commands wait as may, of the same key or altogether; try again later.
  case overloaded(ofKey: Bool, maximum: Int)
  /// Its events take more bytes than one append may have.
  case tooLarge(bytes: Int, maximum: Int)
  /// Its id is empty or too long.
  case badIdentifier(bytes: Int, maximum: Int)
  /// The engine cannot work at present, and says why. Nothing of the command was done, unless `isCertain` is false:
  /// then ask again with the same id.
  case unavailable(EngineError, isCertain: Bool)
}

extension CommandError: CustomStringConvertible {
  /// One line for the caller.
  public var description: String {
    switch self {
    case .refused(let refusal): "\(refusal)"
    case .overloaded(let ofKey, let maximum):
      "overloaded: \(maximum) commands wait already\(ofKey ? " for the same key" : "")"
    case .tooLarge(let bytes, let maximum): "the events take \(bytes) bytes, \(maximum) are allowed"
    case .badIdentifier(let bytes, let maximum):
      "a command's id has 1 to \(maximum) bytes, this one has \(bytes)"
    case .unavailable(let error, let isCertain):
      isCertain
        ? "\(error)" : "\(error); whether the command was done is not known: ask again with the same id"
    }
  }
}

/// An accepted command.
public struct Accepted<Reply: Sendable>: Sendable {
  /// The answer.
  public let reply: Reply
  /// How far the tables must be to hold what the command did.
  public let position: PositionToken
  /// Whether it was accepted before, and this is the answer it got then.
  public let isRepeated: Bool
}
