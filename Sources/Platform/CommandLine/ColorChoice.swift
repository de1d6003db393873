// Whether to use colour. Asked for by `--color`; if left to the program, colour is for terminals that
// have not declined it by NO_COLOR or TERM=dumb.

/// When to use colour.
public enum ColorChoice: String, CaseIterable, Hashable, Sendable {
  /// On a terminal that takes it.
  case automatic = "auto"
  /// Everywhere.
  case always
  /// Nowhere.
  case never

  /// Whether to use colour on a stream, given the environment.
  public func isOn(isTerminal: Bool, environment: [String: String]) -> Bool {
    switch self {
    case .always: true
    case .never: false
    case .automatic: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
  }
}

/// How a piece of text stands out.
public enum TextStyle: String, Hashable, Sendable {
  /// Headings.
  case bold = "1"
  /// What matters less.
  case dim = "2"
  /// Errors.
  case red = "31"
  /// What is well.
  case green = "32"
  /// Warnings.
  case yellow = "33"
  /// Names.
  case cyan = "36"

  /// The text in this style if colour is on, else as it is.
  public func applied(to text: String, isOn: Bool) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }
}
