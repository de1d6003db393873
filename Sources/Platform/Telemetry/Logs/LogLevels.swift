// Which module logs from which level up: `info,net=debug,log.segment=trace,sync=off`. An operator writes
// this in the configuration, on the command line or to the admin port.

/// The least level that is logged, by default and by module.
public struct LogLevels: Hashable, Sendable, CustomStringConvertible {
  /// The most modules a specification may name.
  public static let modulesMaximum = 64
  /// Bytes of the longest specification that is read.
  public static let textBytesMaximum = 4096
  /// Bytes of the longest module name.
  public static let moduleBytesMaximum = 64

  /// For modules that nothing else is said about; nil is off.
  public private(set) var standard: LogLevel?
  private var modules: [String: LogLevel?] = [:]

  /// One level for every module; nil turns logging off.
  public init(_ standard: LogLevel? = .info) { self.standard = standard }

  /// Reads a specification: entries separated by commas, each a level for all or `module=level`.
  ///
  /// A level is trace, debug, info, warning, error, critical or off; without an entry for all it is info.
  /// An entry speaks for its module and those below it: `log` for `log.segment`, unless that has its own.
  public init(parsing text: String) throws(LogLevelsError) {
    self.init()
    guard text.utf8.count <= Self.textBytesMaximum else { throw .tooLong(bytes: text.utf8.count) }
    var hasStandard = false
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(Self.trimmed)
      let level = try Self.level(parts[parts.count - 1], in: entry)
      if parts.count == 1 {
        if hasStandard { throw .repeated("the level for all", entry: String(entry)) }
        hasStandard = true
        standard = level
      } else {
        let module = String(parts[0])
        guard Self.isModule(module) else { throw .notAModule(module, entry: String(entry)) }
        if modules[module] != nil { throw .repeated(module, entry: String(entry)) }
        guard modules.count < Self.modulesMaximum else { throw .tooManyModules }
        modules[module] = .some(level)
      }
    }
  }

  /// The least level logged for `module`; nil is off.
  public func level(of module: String) -> LogLevel? {
    var name = module[...]
    while true {
      if let level = modules[String(name)] { return level }
      guard let dot = name.lastIndex(of: ".") else { return standard }
      name = name[..<dot]
    }
  }

  /// The same levels but for one module (and those below it).
  public func setting(_ module: String, to level: LogLevel?) -> LogLevels {
    precondition(Self.isModule(module), "not a module name: \(module)")
    var copy = self
    copy.modules[module] = .some(level)
    return copy
  }

  /// The specification these levels are read from.
  public var description: String {
    ([Self.name(standard)]
      + modules.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.name($0.value))" })
      .joined(separator: ",")
  }

  /// Whether `text` is lower-case words, digits and underscores joined by dots.
  static func isModule(_ text: String) -> Bool {
    guard text.utf8.count <= moduleBytesMaximum else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
      !word.isEmpty
        && word.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
          default: byte == UInt8(ascii: "_")
          }
        }
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }

  private static func name(_ level: LogLevel?) -> String { level.map { "\($0.name)" } ?? "off" }

  private static func level(_ text: Substring, in entry: Substring) throws(LogLevelsError) -> LogLevel? {
    if text == "off" { return nil }
    guard let level = LogLevel(name: text) else {
      throw .notALevel(String(text), entry: String(entry))
    }
    return level
  }
}

/// What is wrong with a specification of log levels.
public enum LogLevelsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is longer than `LogLevels.textBytesMaximum`.
  case tooLong(bytes: Int)
  /// It names more than `LogLevels.modulesMaximum` modules.
  case tooManyModules
  /// A level nobody knows.
  case notALevel(String, entry: String)
  /// A module name with other characters than a-z, 0-9, underscore and single dots.
  case notAModule(String, entry: String)
  /// The same module, or the level for all, twice.
  case repeated(String, entry: String)

  /// The error in words for the person who wrote the specification.
  public var description: String {
    switch self {
    case .tooLong(let bytes):
      "log levels: \(bytes) bytes, at most \(LogLevels.textBytesMaximum) are read"
    case .tooManyModules:
      "log levels: more than \(LogLevels.modulesMaximum) modules"
    case .notALevel(let text, let entry):
      "log levels: \"\(text)\" in \"\(entry)\" is not a level; "
        + "use trace, debug, info, warning, error, critical or off"
    case .notAModule(let text, let entry):
      "log levels: \"\(text)\" in \"\(entry)\" is not a module name; use a-z, 0-9, _ and single dots"
    case .repeated(let what, let entry):
      "log levels: \(what) is given again in \"\(entry)\""
    }
  }
}
