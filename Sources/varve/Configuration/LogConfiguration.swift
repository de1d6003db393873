// Logging: which levels, in which format, to where.

import Configuration
import Telemetry

/// What the node says of itself.
struct LogConfiguration: ConfigurationSection {
  /// How a line is written.
  enum Format: String, CaseIterable, Sendable {
    case logfmt, json
  }

  var level = LogLevels()
  var format = Format.logfmt
  /// nil: standard error.
  var file: String?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "level", \.level, .logLevels,
      "What is logged: a level, and levels for single modules. The levels, lowest first: trace, debug, info, warning, error, critical."
    )
    section.key("format", \.format, .choice, "logfmt for people and grep, json for collectors.")
    section.key(
      "file", \.file, .path, "A file to log to instead of standard error; reopened on SIGHUP after rotation.")
  }
}

extension ValueNotation where Value == LogLevels {
  /// `info`, or `info,net=debug`.
  static var logLevels: ValueNotation {
    ValueNotation(
      name: "log levels", accepted: "a level, or level,module=level,… such as info,net=debug",
      placeholder: "LEVELS",
      read: { text throws(NotationError) in
        do throws(LogLevelsError) {
          return try LogLevels(parsing: text)
        } catch {
          throw .malformed("is refused: \(error.description)")
        }
      },
      write: \.description)
  }
}
