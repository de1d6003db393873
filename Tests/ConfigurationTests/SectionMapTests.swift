// Maps of sections: read from a file and from outside it, refused with the place of each mistake, and printed.

import Configuration
import Testing

private struct Crate: ConfigurationSection {
  var weight = 1
  var label: String?

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key("weight", \.weight, .integer(1...9), "How heavy it is.")
    section.key("label", \.label, .string(), "What stands on it.")
  }
}

private struct Ship: ConfigurationSection {
  var crates: [String: Crate] = [:]

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.sections(
      "crates", \.crates, by: .string(bytes: 1...3), placeholder: "<crate>", count: 0...2, "A crate.")
  }

  static let schema = ConfigurationSchema(Ship.self, environmentPrefix: "SHIP_")
}

@Suite("A map of sections") struct SectionMapTests {
  private func load(
    _ yaml: String?, environment: [String: String] = [:]
  ) throws(ConfigurationError) -> LoadedConfiguration<Ship> {
    try Ship.schema.load(
      file: yaml.map { ConfigurationFile(path: "ship.yaml", bytes: Array($0.utf8)) }, environment: environment
    )
  }

  @Test func eachNameHasASectionWithDefaults() throws {
    let crates = try load("crates:\n  a: {weight: 7, label: tea}\n  b:\n").value.crates
    #expect(crates.keys.sorted() == ["a", "b"])
    #expect(crates["a"]?.weight == 7 && crates["a"]?.label == "tea")
    #expect(crates["b"]?.weight == 1 && crates["b"]?.label == nil)
    #expect(try load(nil).value.crates.isEmpty)
  }

  @Test func aVariableHoldsTheWholeMapAndReplacesTheFiles() throws {
    let loaded = try load("crates: {a: {weight: 7}}", environment: ["SHIP_CRATES": "{b: {weight: 2}}"])
    #expect(loaded.value.crates.mapValues(\.weight) == ["b": 2])
  }

  @Test(
    "A mistake is reported with its place",
    arguments: [
      ("crates: {a: {weight: 10}}", "ship.yaml:1:22: crates.a.weight: 10 is out of range"),
      ("crates: {a: {wight: 1}}", "ship.yaml:1:14: crates.a.wight: no such key"),
      ("crates: {a: 3}", "ship.yaml:1:13: crates.a: is a single value, not a section"),
      ("crates: [a]", "ship.yaml:1:9: crates: is a list, not a mapping"),
      ("crates: {a: , b: , c: }", "ship.yaml:1:9: crates: has 3 entries; accepted: 0 to 2 entries"),
      ("crates: {long: {}}", "ship.yaml:1:10: crates: the name long is not 1 to 3 bytes long"),
    ])
  func mistakes(yaml: String, expected: String) {
    #expect {
      _ = try load(yaml)
    } throws: { error in
      let text = String(describing: error)
      return text.hasPrefix(expected)
        || text.replacing("\"long\"", with: "long").hasPrefix(expected)
    }
  }

  @Test func isPrintedWithoutWhatIsNotSetAndReadBack() throws {
    let loaded = try load("crates: {b: {label: tea}, a: }")
    #expect(loaded.text.contains("crates = {a: {weight: 1}, b: {weight: 1, label: tea}}"))
    #expect(try load(loaded.yaml).value.crates["b"]?.label == "tea")
  }

  @Test func itsKeysAreListedUnderThePlaceholder() {
    #expect(Ship.schema.markdown.contains("| `crates.<crate>.weight` | integer | `1` |"))
    #expect(Ship.schema.markdown.contains("| `crates` | map of sections | `{}` | 0 to 2 by name"))
    #expect(Ship.schema.text.contains("crates.<crate>.label\n"))
  }
}
