// A configuration with a key of every kind, as a program would declare it.

import Configuration

enum FixtureLevel: String, CaseIterable, Sendable { case debug, info, warning }

struct FixtureTLS: ConfigurationSection {
  var certificate: String?
  var key: String?
  var keyPassword: Secret?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("certificate", \.certificate, .path, "The certificate chain.")
    section.key("key", \.key, .path, "The private key.")
    section.key("key_password", \.keyPassword, .secret(bytes: 1...64), "What opens the private key.")
    section.constraint("a certificate and its key are set together", \.certificate, \.key) {
      ($0.certificate == nil) == ($0.key == nil)
    }
  }
}

struct FixtureServer: ConfigurationSection {
  var port: UInt16 = 7070
  var listen = ListenAddress.tcp(HostPort(host: "127.0.0.1", port: 7070))
  var upstream: HostPort?
  var idleTimeout = Duration.seconds(60)
  var bodyMaximum = ByteSize.mebibytes(64)
  var compress = true
  var ratio = 0.5
  var tls = FixtureTLS()

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("port", \.port, .integer(1...65535), "The port.")
    section.key("listen", \.listen, .listenAddress, "Where to listen.")
    section.key("upstream", \.upstream, .hostPort, "Where to forward to.")
    section.key(
      "idle_timeout", \.idleTimeout, .duration(.milliseconds(10) ... .seconds(3600)), "How long to wait.")
    section.key(
      "body_maximum", \.bodyMaximum, .byteSize(.kibibytes(1) ... .gibibytes(1)), "The largest body.")
    section.key("compress", \.compress, .bool, "Whether to compress.")
    section.key("ratio", \.ratio, .number(0...1), "How many requests to sample.")
    section.section("tls", \.tls, "Encryption.")
    section.constraint("an encrypted port is not 80", \.port, \.tls.certificate) {
      $0.port != 80 || $0.tls.certificate == nil
    }
  }
}

struct FixtureVolume: ConfigurationSection {
  var path = ""
  var weight = 1

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.required("path", \.path, .directory, "Where the volume is.")
    section.key("weight", \.weight, .integer(0...100), "Its share of writes.")
    section.constraint("a volume of weight zero is read-only, so it is below /archive", \.path, \.weight) {
      $0.weight > 0 || $0.path.hasPrefix("/archive")
    }
  }
}

struct FixtureConfiguration: ConfigurationSection {
  var name = ""
  var level = FixtureLevel.info
  var server = FixtureServer()
  var seeds: [HostPort] = []
  var labels: [String: String] = [:]
  var volumes: [FixtureVolume] = []

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.required("name", \.name, .string(bytes: 1...32), "What the node is called.")
    section.key("level", \.level, .choice, "What to log.")
    section.section("server", \.server, "The server.")
    section.list("seeds", \.seeds, of: .hostPort, count: 0...3, "Whom to ask first.")
    section.map("labels", \.labels, of: .string(), count: 0...4, "What others see | of the node.")
    section.sections("volumes", \.volumes, count: 0...2, "A disk.")
  }
}

let fixture = ConfigurationSchema(FixtureConfiguration.self, reservedEnvironment: ["VARVE_CONFIG"])

func load(
  _ yaml: String? = nil, bytes: [UInt8]? = nil, environment: [String: String] = [:],
  flags: [ConfigurationFlag] = [], secrets: [String: [UInt8]] = [:], path: String = "varve.yaml"
) throws(ConfigurationError) -> LoadedConfiguration<FixtureConfiguration> {
  let bytes = bytes ?? yaml.map { Array($0.utf8) }
  return try fixture.load(
    file: bytes.map { ConfigurationFile(path: path, bytes: $0) }, environment: environment, flags: flags,
    readSecret: { path throws(ConfigurationError) in
      guard let bytes = secrets[path] else { throw .unreadable(path: path, errno: 2) }
      return bytes
    })
}

/// The lines of the error that loading ends in; empty if it does not.
func problems(
  _ yaml: String? = nil, bytes: [UInt8]? = nil, environment: [String: String] = [:],
  flags: [ConfigurationFlag] = [], secrets: [String: [UInt8]] = [:]
) -> [String] {
  do {
    _ = try load(yaml, bytes: bytes, environment: environment, flags: flags, secrets: secrets)
    return []
  } catch {
    return error.lines
  }
}
