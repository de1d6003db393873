// Specifications of log levels: what they mean and how a wrong one is told.

import Testing

@testable import Telemetry

@Suite("Log levels") struct LogLevelsTests {
  @Test(
    "A specification gives each module its level",
    arguments: [
      ("info", "net", .info),
      ("info,net=debug", "net", .debug),
      ("info,net=debug", "net.http", .debug),
      ("info,net=debug", "network", .info),
      ("net=debug,net.http=error", "net.http.server", .error),
      ("net=debug", "log", .info),
      ("log.segment=trace,warning", "log.segment", .trace),
      ("log.segment=trace,warning", "log", .warning),
      ("off", "net", nil),
      ("off,net=critical", "net", .critical),
      ("debug,net=off", "net.tls", nil),
      (" info , net = debug ", "net", .debug),
    ] as [(String, String, LogLevel?)])
  func levels(specification: String, module: String, level: LogLevel?) throws {
    #expect(try LogLevels(parsing: specification).level(of: module) == level)
  }

  @Test(
    "A wrong specification says what is wrong",
    arguments: [
      ("", .notALevel("", entry: "")),
      ("info,", .notALevel("", entry: "")),
      ("loud", .notALevel("loud", entry: "loud")),
      ("INFO", .notALevel("INFO", entry: "INFO")),
      ("net=", .notALevel("", entry: "net=")),
      ("net=debug=x", .notALevel("debug=x", entry: "net=debug=x")),
      ("=debug", .notAModule("", entry: "=debug")),
      ("Net=debug", .notAModule("Net", entry: "Net=debug")),
      ("net..http=debug", .notAModule("net..http", entry: "net..http=debug")),
      (".net=debug", .notAModule(".net", entry: ".net=debug")),
      ("net http=debug", .notAModule("net http", entry: "net http=debug")),
      ("info,debug", .repeated("the level for all", entry: "debug")),
      ("net=info,net=debug", .repeated("net", entry: "net=debug")),
      ("net=off,net=off", .repeated("net", entry: "net=off")),
      (String(repeating: "a", count: 5000), .tooLong(bytes: 5000)),
      ((0...64).map { "m\($0)=info" }.joined(separator: ","), .tooManyModules),
    ] as [(String, LogLevelsError)])
  func errors(specification: String, error: LogLevelsError) {
    #expect(throws: error) { try LogLevels(parsing: specification) }
    #expect(error.description.hasPrefix("log levels: "))
  }

  @Test func aWrongLevelNamesTheEntryAndWhatIsAccepted() {
    #expect(
      LogLevelsError.notALevel("loud", entry: "net=loud").description
        == "log levels: \"loud\" in \"net=loud\" is not a level; "
        + "use trace, debug, info, warning, error, critical or off")
  }

  @Test func theDescriptionReadsBack() throws {
    let levels = try LogLevels(parsing: "warning,net=debug,log.segment=off")
    #expect(levels.description == "warning,log.segment=off,net=debug")
    #expect(try LogLevels(parsing: levels.description) == levels)
  }

  @Test func oneModuleCanBeChanged() throws {
    let levels = try LogLevels(parsing: "info,net=debug").setting("net", to: nil)
    #expect(levels.level(of: "net") == nil)
    #expect(levels.level(of: "log") == .info)
  }
}
