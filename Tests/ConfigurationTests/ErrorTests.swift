import Configuration
import Testing

@Suite("Configuration errors") struct ErrorTests {
  /// Documents after `name: n` on the first line, and what is said about each.
  @Test(
    arguments: [
      // Unknown keys.
      ("nmae: a", ["varve.yaml:2:1: nmae: no such key; did you mean name?"]),
      ("frob: a", ["varve.yaml:2:1: frob: no such key"]),
      ("server:\n  prot: 1", ["varve.yaml:3:3: server.prot: no such key; did you mean server.port?"]),
      ("port: 1", ["varve.yaml:2:1: port: no such key; did you mean server.port?"]),
      (
        "server.port: 1",
        ["varve.yaml:2:1: server.port: is written with dots: nest it, one level for each part"]
      ),
      ("\"a\\tb\": 1", [#"varve.yaml:2:1: "a\tb": no such key"#]),
      ("server:\n  port_file: x", ["varve.yaml:3:3: server.port_file: no such key"]),
      // Wrong types.
      (
        "server: { port: abc }",
        [
          "varve.yaml:2:17: server.port: abc is not an integer; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: \"80\" }",
        [
          #"varve.yaml:2:17: server.port: "80" is quoted text: remove the quotes; accepted: an integer from 1 to 65535"#
        ]
      ),
      (
        "server: { port: 080 }",
        [
          "varve.yaml:2:17: server.port: 080 starts with a zero: write the number without it, or 0o for octal; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: 1.0 }",
        [
          "varve.yaml:2:17: server.port: 1.0 is not an integer; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: [1] }",
        [
          "varve.yaml:2:17: server.port: is a list, not one value; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: {a: 1} }",
        [
          "varve.yaml:2:17: server.port: is a mapping, not one value; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: }",
        [
          "varve.yaml:2:17: server.port: has no value: remove the key to use the default; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { compress: yes }",
        [
          "varve.yaml:2:21: server.compress: yes is not a boolean: write true; accepted: true or false"
        ]
      ),
      (
        "server: { compress: Off }",
        [
          "varve.yaml:2:21: server.compress: Off is not a boolean: write false; accepted: true or false"
        ]
      ),
      (
        "server: { compress: 'true' }",
        [
          #"varve.yaml:2:21: server.compress: "true" is quoted text: remove the quotes; accepted: true or false"#
        ]
      ),
      (
        "server: { ratio: nan }",
        [
          "varve.yaml:2:18: server.ratio: nan is not a number; accepted: a number from 0.0 to 1.0"
        ]
      ),
      (
        "server: { ratio: 0x1p3 }",
        [
          "varve.yaml:2:18: server.ratio: 0x1p3 is not a number; accepted: a number from 0.0 to 1.0"
        ]
      ),
      (
        "server: { idle_timeout: 30 }",
        [
          #"varve.yaml:2:25: server.idle_timeout: "30" has no unit of time: use one of d, h, m, s, ms, us, ns; accepted: a duration from 10ms to 1h, such as 250ms or 5m"#
        ]
      ),
      (
        "server: { body_maximum: 64M }",
        [
          #"varve.yaml:2:25: server.body_maximum: "64M" has an unclear unit: write MiB or MB; accepted: a size from 1 KiB to 1 GiB, such as 64 MiB"#
        ]
      ),
      (
        "server: { listen: 8080 }",
        [
          #"varve.yaml:2:19: server.listen: "8080" has no port; accepted: host:port, [IPv6]:port or unix:/path"#
        ]
      ),
      (
        "server: 1",
        [
          "varve.yaml:2:9: server: is a single value, not a section; accepted: a mapping of body_maximum, compress, idle_timeout, listen, port, ratio, tls, upstream"
        ]
      ),
      (
        "server: [1]",
        [
          "varve.yaml:2:9: server: is a list, not a section; accepted: a mapping of body_maximum, compress, idle_timeout, listen, port, ratio, tls, upstream"
        ]
      ),
      (
        "seeds: a:1",
        ["varve.yaml:2:8: seeds: is a single value, not a list; accepted: a list of 0 to 3 elements"]
      ),
      ("seeds:", ["varve.yaml:2:7: seeds: has no value; accepted: a list of 0 to 3 elements"]),
      (
        "seeds: [a:1, b]",
        [#"varve.yaml:2:14: seeds[1]: "b" has no port; accepted: host:port or [IPv6]:port"#]
      ),
      (
        "labels: [a]",
        ["varve.yaml:2:9: labels: is a list, not a mapping; accepted: a mapping of 0 to 4 entries"]
      ),
      (
        "labels: { a: ~ }",
        [
          "varve.yaml:2:14: labels.a: has no value: remove the key to use the default; accepted: text of 1 to 1024 bytes"
        ]
      ),
      (
        "labels: { \"a\\n\": b }",
        [
          #"varve.yaml:2:11: labels: the name "a\n" has control characters; accepted: text of 1 to 256 bytes"#
        ]
      ),
      (
        "volumes: [/a]",
        [
          "varve.yaml:2:11: volumes[0]: is a single value, not a section; accepted: a mapping of path, weight"
        ]
      ),
      (
        "volumes: [{ weight: 1 }]",
        [
          "varve.yaml:2:11: volumes[0].path: must be set; accepted: a path of a directory"
        ]
      ),
      ("volumes:\n  -\n", ["varve.yaml:3:4: volumes[0]: has no value"]),
      (
        "server: { tls: { certificate: ~/a, key: k } }",
        [
          #"varve.yaml:2:31: server.tls.certificate: "~/a" starts with ~, which only a shell expands; accepted: a path"#
        ]
      ),
      // Out of range.
      (
        "server: { port: 0 }",
        [
          "varve.yaml:2:17: server.port: 0 is out of range; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { port: -99999999999999999999 }",
        [
          "varve.yaml:2:17: server.port: -99999999999999999999 is out of range; accepted: an integer from 1 to 65535"
        ]
      ),
      (
        "server: { ratio: 1.5 }",
        [
          "varve.yaml:2:18: server.ratio: 1.5 is out of range; accepted: a number from 0.0 to 1.0"
        ]
      ),
      (
        "server: { idle_timeout: 2h }",
        [
          #"varve.yaml:2:25: server.idle_timeout: "2h" is out of range; accepted: a duration from 10ms to 1h, such as 250ms or 5m"#
        ]
      ),
      ("seeds: [a:1, a:1, a:1, a:1]", ["varve.yaml:2:8: seeds: has 4 elements; accepted: 0 to 3 elements"]),
      (
        "labels: {a: 1, b: 1, c: 1, d: 1, e: 1}",
        [
          "varve.yaml:2:9: labels: has 5 entries; accepted: 0 to 4 entries"
        ]
      ),
      (
        "level: debgu",
        [
          #"varve.yaml:2:8: level: "debgu" is not known, did you mean debug?; accepted: one of debug, info, warning"#
        ]
      ),
      // Duplicates.
      ("level: info\nlevel: debug", [#"varve.yaml:3:1: the key "level" is set already at varve.yaml:2:1"#]),
      // Combinations.
      (
        "server: { tls: { certificate: /a } }",
        [
          "server.tls.certificate = /a (file varve.yaml:2:31) and server.tls.key = not set (default): a certificate and its key are set together"
        ]
      ),
      (
        "server: { port: 80, tls: { certificate: /a, key: /b } }",
        [
          "server.port = 80 (file varve.yaml:2:17) and server.tls.certificate = /a (file varve.yaml:2:41): an encrypted port is not 80"
        ]
      ),
      (
        "volumes: [{ path: /a, weight: 0 }]",
        [
          "varve.yaml:2:11: volumes[0].path = /a (file varve.yaml:2:19) and volumes[0].weight = 0 (file varve.yaml:2:31): a volume of weight zero is read-only, so it is below /archive"
        ]
      ),
      // A constraint is not checked on values that are wrong themselves.
      (
        "server: { port: 80, tls: { certificate: [], key: /b } }",
        [
          "varve.yaml:2:41: server.tls.certificate: is a list, not one value; accepted: a path"
        ]
      ),
    ] as [(String, [String])])
  func nameTheKeyTheValueTheSourceAndWhatIsAccepted(document: String, lines: [String]) {
    #expect(problems("name: n\n" + document) == lines)
  }

  @Test(
    arguments: [
      (
        "VARVE_SERVR_PORT", "1",
        "environment VARVE_SERVR_PORT: no such variable; did you mean VARVE_SERVER_PORT?"
      ),
      ("VARVE_CONFGI", "1", "environment VARVE_CONFGI: no such variable; did you mean VARVE_CONFIG?"),
      ("VARVE_", "1", "environment VARVE_: no such variable"),
      ("VARVE_SERVER", "1", "environment VARVE_SERVER: no such variable"),
      (
        "VARVE_server_port", "1",
        "environment VARVE_server_port: no such variable; did you mean VARVE_SERVER_PORT?"
      ),
      (
        "VARVE_SERVER_PORT", "",
        #"environment VARVE_SERVER_PORT: server.port: "" is not an integer; accepted: an integer from 1 to 65535"#
      ),
      (
        "VARVE_SERVER_COMPRESS", "1",
        "environment VARVE_SERVER_COMPRESS: server.compress: 1 is not a boolean: write true; accepted: true or false"
      ),
      (
        "VARVE_SEEDS", "a:1,b",
        #"environment VARVE_SEEDS: seeds[1]: "b" has no port; accepted: host:port or [IPv6]:port"#
      ),
      (
        "VARVE_SEEDS", "[a:1",
        "environment VARVE_SEEDS: seeds: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"
      ),
      (
        "VARVE_VOLUMES", "[{pth: /a}]",
        "environment VARVE_VOLUMES: volumes[0].pth: no such key; did you mean volumes[0].path?"
      ),
    ] as [(String, String, String)])
  func nameTheVariable(name: String, value: String, line: String) {
    #expect(problems("name: n", environment: [name: value]).first == line)
  }

  @Test(
    arguments: [
      ("server.prot=1", "flag --set server.prot: no such key; did you mean server.port?"),
      ("server=1", "flag --set server: is a section: set one of its keys"),
      (
        "server.port",
        "flag --set server.port: server.port: has no value: write server.port=value; accepted: an integer from 1 to 65535"
      ),
      ("=1", #"flag --set "": no such key"#), ("", #"flag --set "": no such key"#),
      ("volumes[0].path=/a", "flag --set volumes[0].path: no such key"),
      (
        "server.port=x",
        "flag --set server.port: server.port: x is not an integer; accepted: an integer from 1 to 65535"
      ),
    ] as [(String, String)])
  func nameTheFlag(setting: String, line: String) {
    #expect(problems("name: n", flags: [ConfigurationFlag(setting: setting)]) == [line])
  }

  @Test func nameTheFlagOfItsOwn() {
    let flag = ConfigurationFlag("--port", key: fixture.name(of: \.server.port), value: "70000")
    let line = "flag --port: server.port: 70000 is out of range; accepted: an integer from 1 to 65535"
    #expect(problems("name: n", flags: [flag]) == [line])
  }

  @Test func aKeySetTwiceByFlagsNamesBoth() {
    let flags = [
      ConfigurationFlag("--port", key: "server.port", value: "1"), .init(setting: "server.port=2"),
    ]
    let line = "flag --set server.port: server.port: is set already by flag --port"
    #expect(problems("name: n", flags: flags) == [line])
  }

  @Test func aWrongValueIsReportedEvenIfAStrongerSourceOverridesIt() {
    let line = "varve.yaml:2:17: server.port: x is not an integer; accepted: an integer from 1 to 65535"
    #expect(problems("name: n\nserver: { port: x }", environment: ["VARVE_SERVER_PORT": "1"]) == [line])
  }

  @Test func areAllReportedAtOnceInTheOrderOfTheirSources() {
    let lines = problems(
      "nam: a\nserver:\n  port: 99999\n  tls: { certificate: a }\nvolumes:\n- pth: 1\n- x\nlevel: debgu\nserver: 1",
      environment: ["VARVE_SERVR_PORT": "1", "VARVE_SEEDS": "a:1,b"],
      flags: [.init(setting: "server.prt=2"), .init(setting: "server.compress=yes")])
    let starts = [
      "varve.yaml:1:1: nam:", "varve.yaml:3:9: server.port:", "varve.yaml:6:3: volumes[0].pth:",
      "varve.yaml:6:3: volumes[0].path:", "varve.yaml:7:3: volumes[1]:", "varve.yaml:8:8: level:",
      "varve.yaml:9:1: the key \"server\"", "environment VARVE_SERVR_PORT:", "environment VARVE_SEEDS:",
      "flag --set server.prt:", "flag --set server.compress:", "name: must be set",
      "server.tls.certificate = a (file varve.yaml:4:23) and server.tls.key",
    ]
    #expect(lines.count == starts.count)
    for (line, start) in zip(lines, starts) { #expect(line.hasPrefix(start), "\(line)") }
  }

  @Test func areNotMoreThanAnybodyReads() {
    let yaml = "name: n\n" + (0..<300).map { "unknown_key_\($0): 1\n" }.joined()
    let lines = problems(yaml)
    #expect(lines.count == ConfigurationLimits.problemsMaximum + 1)
    #expect(lines.last == "200 more problems are not shown")
  }

  @Test func aFileThatCannotBeReadIsNamed() {
    #expect(throws: ConfigurationError.unreadable(path: "/nowhere/varve.yaml", errno: 2)) {
      try ConfigurationFile.read("/nowhere/varve.yaml")
    }
    #expect(throws: ConfigurationError.unreadable(path: "/", errno: 21)) { try ConfigurationFile.read("/") }
    let maximum = ConfigurationLimits.fileBytesMaximum
    #expect(throws: ConfigurationError.tooLarge(path: "/dev/zero", bytesMaximum: maximum)) {
      try ConfigurationFile.read("/dev/zero")
    }
    #expect(
      ConfigurationError.unreadable(path: "/", errno: 21).lines == ["/: cannot be read: Is a directory"])
    #expect(
      ConfigurationError.tooLarge(path: "a", bytesMaximum: 1 << 20).lines == ["a: is larger than 1 MiB"])
  }
}
