// Where a value came from. Every value keeps its source for as long as it can be asked about: in errors,
// and in `varve config show`.

/// Where a value came from, from the weakest to the strongest.
public enum ConfigurationSource: Hashable, Sendable, CustomStringConvertible {
  /// The default in the code.
  case standard
  /// A place in the configuration file; line and column count from one, the column in characters.
  case file(path: String, line: Int, column: Int)
  /// An environment variable.
  case environment(name: String)
  /// A command-line flag, as it was spelled, without its value.
  case flag(String)
  /// A file that holds a secret, and what named that file.
  indirect case secretFile(path: String, namedBy: ConfigurationSource)

  /// `default`, `file varve.yaml:12:3`, `environment VARVE_SERVER_PORT`, `flag --set server.port`.
  public var description: String {
    switch self {
    case .standard: "default"
    case .file(let path, let line, let column): "file \(path):\(line):\(column)"
    case .environment(let name): "environment \(name)"
    case .flag(let spelling): "flag \(spelling)"
    case .secretFile(let path, let namedBy): "file \(path), named by \(namedBy)"
    }
  }

  /// How an error line starts: editors understand `varve.yaml:12:3`.
  var prefix: String {
    if case .file(let path, let line, let column) = self { return "\(path):\(line):\(column)" }
    return description
  }

  /// Where a problem with this source stands among the others: files by place, then the environment, the
  /// flags, and what has no place. Lines and columns fit easily below a limit of one mebibyte.
  var order: Int {
    switch self {
    case .file(_, let line, let column): line << 24 | column
    case .environment: Int.max - 2
    case .flag: Int.max - 1
    case .standard: Int.max
    case .secretFile(_, let namedBy): namedBy.order
    }
  }
}
