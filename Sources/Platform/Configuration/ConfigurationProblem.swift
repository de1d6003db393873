// One thing that is wrong with the configuration, and ConfigurationError, which carries all of them. A
// problem says where, which key, which value, what is wrong and what would be accepted. Values of secret
// keys are masked, and values of unknown keys are left out: they may be misspelled secrets.

internal import Glibc

/// One thing that is wrong with the configuration.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  /// What sort of thing is wrong.
  public enum Kind: Hashable, Sendable {
    /// The file is not YAML, or uses a part of YAML that is refused here, or is beyond a limit.
    case syntax
    /// Nothing of this name is declared.
    case unknownKey
    /// The same key is set twice by one source.
    case duplicateKey
    /// The value is not of the declared type, or out of range.
    case invalidValue
    /// A required key is not set.
    case missing
    /// Values that are each accepted do not go together.
    case conflict
  }

  /// What sort of thing is wrong.
  public let kind: Kind
  /// Where the value came from.
  public let source: ConfigurationSource
  /// The full name of the key, unless the file could not be read that far.
  public let key: String?
  /// The value, quoted and shortened, masked if it is secret; `nil` if there is none to show.
  public let value: String?
  /// What is wrong, in words that follow the value.
  public let reason: String
  /// What would be accepted.
  public let accepted: String?
  /// What was probably meant.
  public let suggestion: String?

  init(
    _ kind: Kind, at source: ConfigurationSource, key: String? = nil, value: String? = nil, _ reason: String,
    accepted: String? = nil, suggestion: String? = nil
  ) {
    self.kind = kind
    self.source = source
    self.key = key
    self.value = value
    self.reason = reason
    self.accepted = accepted
    self.suggestion = suggestion
  }

  /// `varve.yaml:12:9: server.port: 99999 is out of range; accepted: an integer from 1 to 65535`.
  public var description: String {
    var text = source == .standard ? "" : source.prefix + ": "
    if let key { text += key + ": " }
    if let value { text += value + " " }
    text += reason
    if let accepted { text += "; accepted: \(accepted)" }
    if let suggestion { text += "; did you mean \(suggestion)?" }
    return text
  }
}

/// Why there is no configuration.
public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file cannot be read; the system's error number.
  case unreadable(path: String, errno: Int32)
  /// A file has more bytes than are accepted.
  case tooLarge(path: String, bytesMaximum: Int)
  /// Everything that is wrong with the configuration, in the order of its sources; never empty.
  case invalid([ConfigurationProblem])

  /// A line for each problem.
  public var lines: [String] {
    switch self {
    case .unreadable(let path, let number): ["\(path): cannot be read: \(String(cString: strerror(number)))"]
    case .tooLarge(let path, let maximum): ["\(path): is larger than \(ByteSize(bytes: maximum))"]
    case .invalid(let problems): problems.map(\.description)
    }
  }

  /// All lines.
  public var description: String { lines.joined(separator: "\n") }
}
