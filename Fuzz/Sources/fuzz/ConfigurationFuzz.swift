// Configuration from made-up bytes: as a file, and as the text of one environment variable. What loads is
// printed as YAML and must load again to the same values; what is refused must be explained without a
// character that steers a terminal or breaks a log line.

import Configuration

private enum FuzzedLevel: String, CaseIterable, Sendable { case debug, info, warning }

private struct FuzzedVolume: ConfigurationSection {
  var path = ""
  var weight = 1

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.required("path", \.path, .directory, "Where it is.")
    section.key("weight", \.weight, .integer(-100...100), "Its share.")
    section.constraint("light volumes have short paths", \.path, \.weight) {
      $0.weight > 0 || $0.path.count < 8
    }
  }
}

private struct FuzzedServer: ConfigurationSection {
  var port: UInt16 = 7070
  var listen = ListenAddress.tcp(HostPort(host: "::1", port: 0))
  var upstream: HostPort?
  var timeout = Duration.seconds(60)
  var limit = ByteSize.mebibytes(64)
  var compress = true
  var ratio = 0.5
  var token: Secret?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("port", \.port, .integer(1...65535), "The port.")
    section.key("listen", \.listen, .listenAddress, "Where to listen.")
    section.key("upstream", \.upstream, .hostPort, "Where to forward.")
    section.key("timeout", \.timeout, .duration(.zero...DurationNotation.longest), "How long.")
    section.key("limit", \.limit, .byteSize(.bytes(0) ... .bytes(.max)), "How much.")
    section.key("compress", \.compress, .bool, "Whether.")
    section.key("ratio", \.ratio, .number(-1e300...1e300), "How many.")
    section.key("token", \.token, .secret(), "A secret.")
  }
}

private struct FuzzedConfiguration: ConfigurationSection {
  var name = "n"
  var level = FuzzedLevel.info
  var server = FuzzedServer()
  var seeds: [HostPort] = []
  var labels: [String: String] = [:]
  var volumes: [FuzzedVolume] = []

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("name", \.name, .string(bytes: 0...64), "A name.")
    section.key("level", \.level, .choice, "What to log.")
    section.section("server", \.server, "The server.")
    section.list("seeds", \.seeds, of: .hostPort, count: 0...8, "Whom to ask.")
    section.map("labels", \.labels, of: .string(), count: 0...8, "What others see.")
    section.sections("volumes", \.volumes, count: 0...4, "A disk.")
  }
}

private let schema = ConfigurationSchema(FuzzedConfiguration.self)
private let variables = schema.keys.compactMap(\.environment)

/// Loads, and checks what comes of it.
private func check(file: [UInt8]?, environment: [String: String]) {
  func load(_ file: [UInt8]?, _ environment: [String: String]) throws(ConfigurationError)
    -> LoadedConfiguration<FuzzedConfiguration>
  {
    try schema.load(
      file: file.map { ConfigurationFile(path: "varve.yaml", bytes: $0) }, environment: environment,
      flags: [],
      readSecret: { _ throws(ConfigurationError) in Array("secret".utf8) })
  }
  do {
    let loaded = try load(file, environment)
    let again: LoadedConfiguration<FuzzedConfiguration>
    do { again = try load(Array(loaded.yaml.utf8), [:]) } catch {
      law(false, "\(loaded.yaml)\n\(error)")
      return
    }
    for (first, second) in zip(loaded.entries, again.entries) where first.value != .secret {
      law(first.value == second.value, "\(first) became \(second)")
    }
  } catch {
    for line in error.lines {
      law(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, line)
    }
  }
}

/// A configuration file.
let configurationFuzz = FuzzTarget(name: "configuration") { bytes in
  check(file: Array(bytes), environment: [:])
}

/// The text of a variable; the first byte picks which.
let configurationEnvironmentFuzz = FuzzTarget(name: "configuration-environment") { bytes in
  guard let first = bytes.first else { return }
  let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
  check(file: nil, environment: [variables[Int(first) % variables.count]: text])
}
