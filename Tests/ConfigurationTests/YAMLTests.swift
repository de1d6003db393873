import Configuration
import Testing

@Suite("The YAML that is taken") struct YAMLTests {
  @Test(
    arguments: [
      ("name: a\n\tlevel: info", "varve.yaml:2:1: a tab is used to indent: use spaces"),
      ("server:\n\tport: 1", "varve.yaml:2:1: a tab is used to indent: use spaces"),
      ("name: n\nlevel: *x", "varve.yaml:2:8: aliases (*name) are refused: write the value again"),
      ("name: &x n", "varve.yaml:1:7: anchors (&name) are refused"),
      ("&x name: n", "varve.yaml:1:1: anchors (&name) are refused"),
      ("name: n\nlabels: &x {a: b}", "varve.yaml:2:9: anchors (&name) are refused"),
      ("name: !!str n", "varve.yaml:1:7: tags (!name) are refused: the key decides the type"),
      ("name: n\nseeds: !x [a:1]", "varve.yaml:2:8: tags (!name) are refused: the key decides the type"),
      ("name: ! n", "varve.yaml:1:7: tags (!name) are refused: the key decides the type"),
      (
        "name: n\nserver:\n  <<: {port: 1}",
        "varve.yaml:3:3: merge keys (<<) are refused: write the values again"
      ),
      ("name: n\n---\nname: m", "varve.yaml:2:1: a second document is refused: write one"),
      ("%YAML 1.2\n---\nname: n", "varve.yaml:1:1: directives are refused"),
      ("%TAG ! !x\n---\nname: n", "varve.yaml:1:1: directives are refused"),
      ("name: n\n? [a]\n: b", "varve.yaml:2:3: a key must be a name"),
      ("name: n\n{a: b}: c", "varve.yaml:2:1: a key must be a name"),
      ("name: n\n\"\": c", "varve.yaml:2:1: a key must be a name of at most 256 bytes"),
      (
        "name: n\nlabels: {a: b",
        "varve.yaml:3:1: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping"
      ),
      (
        "name: \"n",
        "varve.yaml:1:9: not valid YAML: found unexpected end of stream while scanning a quoted scalar"
      ),
      (
        "name: n\nlevel: a: b",
        "varve.yaml:2:9: not valid YAML: mapping values are not allowed in this context"
      ),
      (
        "name: n\n  level: info",
        "varve.yaml:2:8: not valid YAML: mapping values are not allowed in this context"
      ),
      (
        "name: \"\\q\"",
        "varve.yaml:1:8: not valid YAML: found unknown escape character while parsing a quoted scalar"
      ),
      ("name: a\u{1}b", "varve.yaml:1:8: not valid YAML: control characters are not allowed"),
      (
        "- a\n- b",
        "varve.yaml:1:1: the document: is a list, not a section; accepted: a mapping of labels, level, name, seeds, server, volumes"
      ),
      (
        "just text",
        "varve.yaml:1:1: the document: is a single value, not a section; accepted: a mapping of labels, level, name, seeds, server, volumes"
      ),
    ] as [(String, String)])
  func everythingElseIsRefusedWithItsPlace(document: String, line: String) {
    #expect(problems(document).first == line)
  }

  @Test(
    arguments: [
      (Array("name: a".utf8) + [0xFF], "varve.yaml:1:8: the byte 0xFF is not valid UTF-8"),
      (Array("name: é\nlevel: é".utf8) + [0xC3], "varve.yaml:2:9: the byte 0xC3 is not valid UTF-8"),
      ([0xFF, 0xFE, 0x61, 0x00], "varve.yaml:1:1: the byte 0xFF is not valid UTF-8"),
      ([0x61, 0x3A, 0x20, 0xF4, 0x8F, 0xBF], "varve.yaml:1:4: the byte 0xF4 is not valid UTF-8"),
      ([0x0A, 0xED, 0xA0, 0x80], "varve.yaml:2:1: the byte 0xED is not valid UTF-8"),
      ([0xC0, 0x80], "varve.yaml:1:1: the byte 0xC0 is not valid UTF-8"),
    ] as [([UInt8], String)])
  func bytesThatAreNotUTF8AreRefusedWithTheirPlace(bytes: [UInt8], line: String) {
    #expect(problems(bytes: bytes).first == line)
  }

  @Test func columnsCountCharacters() {
    #expect(problems("name: n\nlabels: {é日: [x]}").first?.hasPrefix("varve.yaml:2:14: labels.é日: ") == true)
  }

  @Test func severalRefusalsAreReportedTogether() {
    let lines = problems("name: &x n\nlevel: *x\nserver:\n  port: !!int 1\n  prot: 1")
    #expect(
      lines == [
        "varve.yaml:1:7: anchors (&name) are refused",
        "varve.yaml:2:8: aliases (*name) are refused: write the value again",
        "varve.yaml:4:9: tags (!name) are refused: the key decides the type",
        "varve.yaml:5:3: server.prot: no such key; did you mean server.port?",
      ])
  }

  @Test func nestingIsLimited() {
    let depth = ConfigurationLimits.depthMaximum
    let allowed = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
    #expect(
      problems("name: n\nseeds: \(allowed)").first?.hasPrefix("varve.yaml:2:9: seeds[0]: is a list") == true)
    for count in [depth, 1000, 200_000] {
      let line = problems("name: n\nseeds: \(String(repeating: "[", count: count))").first
      #expect(line == "varve.yaml:2:\(7 + depth + 1 - 1): values are nested deeper than 16")
    }
    #expect(
      problems(String(repeating: "- ", count: 10_000)).first
        == "varve.yaml:1:33: values are nested deeper than 16")
  }

  @Test func theNumberOfValuesIsLimited() {
    let yaml = "name: n\nseeds:\n" + String(repeating: "- a\n", count: ConfigurationLimits.nodesMaximum)
    #expect(problems(yaml).first == "varve.yaml:49998:3: there are more than 50000 values")
  }

  @Test func theSizeIsLimited() {
    let yaml = "name: n\n#" + String(repeating: "x", count: ConfigurationLimits.fileBytesMaximum)
    #expect(problems(yaml).first == "varve.yaml:1:1: the document is larger than 1 MiB")
  }

  @Test(
    arguments: [
      ("plain text here", "plain text here"), ("\"a\\u0041\"", "aA"), ("'it''s'", "it's"),
      ("|-\n  block", "block"),
      (">-\n  folded\n  text", "folded text"), ("true", "true"), ("12", "12"), ("\"null\"", "null"),
      ("a#b", "a#b"),
      ("a # comment", "a"), ("日本", "日本"), ("\tx", "x"),
    ] as [(String, String)])
  func aTextIsTakenHoweverItIsWritten(scalar: String, text: String) throws {
    #expect(try load("name: \(scalar)").value.name == text)
  }

  @Test(arguments: ["", "~", "null", "Null", "NULL"] as [String])
  func nothingIsNotAText(scalar: String) {
    let line = problems("name: \(scalar)").first
    #expect(
      line?.hasSuffix(
        "name: has no value: remove the key to use the default; accepted: text of 1 to 32 bytes") == true)
  }
}
