import Configuration
import Testing

@Suite("Loading a configuration") struct LoadingTests {
  @Test func yieldsTheDefaultsWhereNothingIsSet() throws {
    let value = try load("name: a").value
    #expect(value.server.port == 7070)
    #expect(value.server.bodyMaximum == .mebibytes(64))
    #expect(value.server.tls.certificate == nil)
    #expect(value.level == .info)
    #expect(value.volumes.isEmpty)
  }

  @Test func readsEveryKindOfValueFromTheFile() throws {
    let value = try load(
      """
      # A comment.
      name: "varve 1"
      level: debug
      server:
        port: 0x1F90
        listen: unix:/run/varve.sock
        upstream: "[2001:db8::1]:443"
        idle_timeout: 1m30s
        body_maximum: 1.5 MiB
        compress: false
        ratio: .25e0
        tls: { certificate: /a.pem, key: '/b.key', key_password: "s3cret" }
      seeds: [a:1, b:2]
      labels:
        zone: "1"
        rack: r2
      volumes:
        - path: /one
        - { path: /two, weight: 7 }
      """
    ).value
    #expect(value.name == "varve 1")
    #expect(value.level == .debug)
    #expect(value.server.port == 8080)
    #expect(value.server.listen == .unix(path: "/run/varve.sock"))
    #expect(value.server.upstream == HostPort(host: "2001:db8::1", port: 443))
    #expect(value.server.idleTimeout == .seconds(90))
    #expect(value.server.bodyMaximum == .bytes(1_572_864))
    #expect(!value.server.compress)
    #expect(value.server.ratio == 0.25)
    #expect(value.server.tls.certificate == "/a.pem")
    #expect(value.server.tls.key == "/b.key")
    #expect(value.server.tls.keyPassword?.reveal() == "s3cret")
    #expect(value.seeds == [HostPort(host: "a", port: 1), HostPort(host: "b", port: 2)])
    #expect(value.labels == ["zone": "1", "rack": "r2"])
    #expect(value.volumes.map(\.path) == ["/one", "/two"])
    #expect(value.volumes.map(\.weight) == [1, 7])
  }

  @Test func aStrongerSourceOverridesAWeakerOne() throws {
    let yaml = "name: a\nserver: { port: 1, ratio: 0.1, compress: false }"
    let environment = ["VARVE_SERVER_PORT": "2", "VARVE_SERVER_RATIO": "0.2"]
    let loaded = try load(
      yaml, environment: environment, flags: [ConfigurationFlag(setting: "server.port=3")])
    #expect(loaded.value.server.port == 3)
    #expect(loaded.value.server.ratio == 0.2)
    #expect(!loaded.value.server.compress)
    let sources = Dictionary(
      uniqueKeysWithValues: loaded.entries.map { ($0.description.key, $0.source.description) })
    #expect(sources["server.port"] == "flag --set server.port")
    #expect(sources["server.ratio"] == "environment VARVE_SERVER_RATIO")
    #expect(sources["server.compress"] == "file varve.yaml:2:42")
    #expect(sources["server.listen"] == "default")
  }

  @Test func everyKindOfValueIsReadFromTheEnvironment() throws {
    let value = try load(environment: [
      "VARVE_NAME": "n", "VARVE_LEVEL": "warning", "VARVE_SERVER_PORT": "9", "VARVE_SERVER_COMPRESS": "false",
      "VARVE_SERVER_BODY_MAXIMUM": "2 MiB", "VARVE_SERVER_TLS_KEY_PASSWORD": "p", "VARVE_SEEDS": "a:1, b:2",
      "VARVE_LABELS": "zone=1,rack = a=b", "VARVE_VOLUMES": "[{path: /one}, {path: /two, weight: 3}]",
      "VARVE_CONFIG": "reserved", "PATH": "/bin", "VARVED": "another program's",
    ]).value
    #expect(value.name == "n" && value.level == .warning && value.server.port == 9 && !value.server.compress)
    #expect(value.server.bodyMaximum == .mebibytes(2) && value.server.tls.keyPassword?.reveal() == "p")
    #expect(value.seeds.map(\.port) == [1, 2])
    #expect(value.labels == ["zone": "1", "rack": "a=b"])
    #expect(value.volumes.map(\.weight) == [1, 3])
  }

  @Test(
    arguments: [
      ("", [:]), ("a=1", ["a": "1"]), (#"{a: "1,2", b: x}"#, ["a": "1,2", "b": "x"]), (" {a: b}", ["a": "b"]),
      ("a=", nil), ("a", nil), ("a=1,a=2", nil), ("=1", nil), ("{a: 1", nil), ("{a: [1]}", nil),
      (String(repeating: "k", count: 257) + "=1", nil),
    ] as [(String, [String: String]?)])
  func aMapOutsideTheFileIsWrittenEitherWay(text: String, labels: [String: String]?) throws {
    let loaded = try? load(environment: ["VARVE_NAME": "n", "VARVE_LABELS": text])
    #expect(loaded?.value.labels == labels)
  }

  @Test(
    arguments: [
      ("", []), ("a:1", [1]), ("a:1,b:2", [1, 2]), ("[]", []), ("[a:1, b:2]", [1, 2]), ("a:1,", nil),
      ("[a:1", nil),
      ("[a:1, {b: 2}]", nil), ("a:1,b:2,c:3,d:4", nil), ("[&x a:1]", nil),
    ] as [(String, [UInt16]?)])
  func aListOutsideTheFileIsWrittenEitherWay(text: String, ports: [UInt16]?) throws {
    let loaded = try? load(flags: [.init(setting: "name=n"), .init("--seeds", key: "seeds", value: text)])
    #expect(loaded?.value.seeds.map(\.port) == ports)
  }

  @Test func nothingUnsetsAnOptionalKey() throws {
    let yaml = "name: n\nserver:\n  upstream: a:1\n  tls:\n    key_password: ~"
    #expect(try load(yaml).value.server.upstream != nil)
    #expect(try load(yaml).value.server.tls.keyPassword.map { $0.reveal() } == nil)
    #expect(try load(yaml, environment: ["VARVE_SERVER_UPSTREAM": ""]).value.server.upstream == nil)
  }

  @Test func anEmptySectionAndAnEmptyFileAreDefaults() throws {
    #expect(try load("name: n\nserver:\n  # port: 1\nvolumes: []").value.server.port == 7070)
    #expect(try load("", environment: ["VARVE_NAME": "n"]).value.name == "n")
    #expect(try load("# nothing\n", environment: ["VARVE_NAME": "n"]).value.name == "n")
    #expect(try load("\u{FEFF}name: n\n").value.name == "n")
  }

  @Test(
    arguments: [
      ("etc/varve.yaml", "tls/a.pem", "etc/tls/a.pem"), ("/etc/varve.yaml", "a.pem", "/etc/a.pem"),
      ("varve.yaml", "a.pem", "a.pem"), ("/etc/varve.yaml", "/a.pem", "/a.pem"),
    ] as [(String, String, String)])
  func aRelativePathIsRelativeToItsFile(file: String, path: String, expected: String) throws {
    let value = try load("name: n\nserver: { tls: { certificate: \(path), key: k } }", path: file).value
    #expect(value.server.tls.certificate == expected)
  }

  @Test func aRelativePathOutsideTheFileIsLeftAsItIs() throws {
    let environment = ["VARVE_SERVER_TLS_CERTIFICATE": "a.pem", "VARVE_SERVER_TLS_KEY": "k"]
    let value = try load("name: n", environment: environment, path: "/etc/varve.yaml").value
    #expect(value.server.tls.certificate == "a.pem")
  }

  @Test func aFlagFindsItsKeyByTheField() {
    #expect(fixture.name(of: \.name) == "name")
    #expect(fixture.name(of: \.server.tls.keyPassword) == "server.tls.key_password")
    #expect(fixture.name(of: \.volumes) == "volumes")
  }
}

@Suite("Secrets") struct SecretTests {
  private let password = "hunter2 hunter2"

  @Test(
    arguments: [
      ("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), ("s", "s"), ("two\nlines\n", "two\nlines"),
    ] as [(String, String)])
  func areReadFromTheFileThatIsNamed(content: String, secret: String) throws {
    let yaml = "name: n\nserver: { tls: { key_password_file: secret } }"
    let loaded = try load(yaml, secrets: ["etc/secret": Array(content.utf8)], path: "etc/varve.yaml")
    #expect(loaded.value.server.tls.keyPassword?.reveal() == secret)
    let entry = try #require(loaded.entries.first { $0.description.key == "server.tls.key_password" })
    #expect(entry.source.description == "file etc/secret, named by file etc/varve.yaml:2:37")
    let environment = ["VARVE_NAME": "n", "VARVE_SERVER_TLS_KEY_PASSWORD_FILE": "etc/secret"]
    let fromEnvironment = try load(environment: environment, secrets: ["etc/secret": Array(content.utf8)])
    #expect(fromEnvironment.value.server.tls.keyPassword?.reveal() == secret)
  }

  @Test func areMaskedHoweverTheyArePrinted() throws {
    let loaded = try load("name: n\nserver: { tls: { key_password: \(password) } }")
    var dumped = ""
    dump(loaded, to: &dumped)
    dump(loaded.value, to: &dumped)
    let printed = [
      loaded.text, loaded.yaml, loaded.json, dumped, "\(loaded)", String(reflecting: loaded.value),
    ]
    for text in printed { #expect(!text.contains("hunter2")) }
    #expect(loaded.value.server.tls.keyPassword?.reveal() == password)
    #expect(loaded.text.contains("server.tls.key_password = (secret) "))
    #expect(loaded.yaml.contains("\n    # key_password: (secret)  # file varve.yaml:2:32\n"))
  }

  @Test func areMaskedInErrors() {
    let long = "hunter2" + String(repeating: "x", count: 64)
    let mistakes = [
      problems("name: n\nserver: { tls: { key_password: \(long) } }"),
      problems("name: n\nserver: { tls: { key_pasword: \(password) } }"),
      problems("name: n\nserver: { tls: { key_password: [\(password)] } }"),
      problems(environment: ["VARVE_NAME": "n", "VARVE_SERVER_TLS_KEY_PASWORD": password]),
      problems(environment: ["VARVE_NAME": "n", "VARVE_SERVER_TLS_KEY_PASSWORD": long]),
      problems("name: n", flags: [ConfigurationFlag(setting: "server.tls.key_pasword=\(password)")]),
      problems("name: n", flags: [ConfigurationFlag(setting: "server.tls.key_password=\(long)")]),
      problems(
        "name: n\nserver: { tls: { key_password_file: s } }", secrets: ["s": Array(long.utf8)]),
    ]
    for lines in mistakes {
      #expect(lines.count == 1)
      #expect(!lines.joined().contains("hunter2"), "\(lines)")
    }
    #expect(
      mistakes[0] == [
        "varve.yaml:2:32: server.tls.key_password: (secret) is not 1 to 64 bytes long; accepted: text of 1 to 64 bytes"
      ])
  }

  @Test(
    arguments: [
      (nil, "varve.yaml:2:37: server.tls.key_password_file: s: cannot be read: No such file or directory"),
      (
        [UInt8](),
        "file s, named by file varve.yaml:2:37: server.tls.key_password: (secret) is empty; accepted: text of 1 to 64 bytes"
      ),
      ([0x66, 0xFF], #"varve.yaml:2:37: server.tls.key_password_file: "s" holds bytes that are not UTF-8"#),
      (
        [0],
        "file s, named by file varve.yaml:2:37: server.tls.key_password: (secret) has a zero byte; accepted: text of 1 to 64 bytes"
      ),
    ] as [([UInt8]?, String)])
  func explainWhyTheirFileIsNotTaken(content: [UInt8]?, line: String) {
    let yaml = "name: n\nserver: { tls: { key_password_file: s } }"
    #expect(problems(yaml, secrets: content.map { ["s": $0] } ?? [:]) == [line])
  }

  @Test func areNotTakenFromTwoPlacesOfOneSource() {
    let yaml = "name: n\nserver:\n  tls:\n    key_password: a\n    key_password_file: b"
    #expect(
      problems(yaml) == [
        "varve.yaml:5:24: server.tls.key_password_file: and server.tls.key_password (file varve.yaml:4:19) exclude each other"
      ])
  }
}
