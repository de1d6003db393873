// docs/metrics.md lists every metric there is: the sources are read for registrations, the page for rows,
// and the two must agree in name, kind and labels.

import Foundation
import Testing

@Suite("Metrics catalogue") struct CatalogueTests {
  struct Entry: Hashable {
    let name: String
    let kind: String
    let labels: [String]
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Rows that begin with a name in backticks: name, kind, labels, meaning.
  static func documented() throws -> Set<Entry> {
    let page = try String(contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
    let rows = page.matches(of: /(?m)^\| `([a-z0-9_]+)` \| (counter|gauge|histogram) \|([^|]*)\| [^|]+ \|$/)
    #expect(Set(rows.map(\.1)).count == rows.count, "a metric has two rows")
    return Set(
      rows.map { row in
        Entry(
          name: String(row.1), kind: String(row.2), labels: row.3.matches(of: /`(\w+)`/).map { String($0.1) })
      })
  }

  /// Calls of the registry with a literal name, which is the only way the house registers a metric.
  static func registered() throws -> Set<Entry> {
    let sources = root.appendingPathComponent("Sources")
    let walk = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let call =
      /[.\s](counter|gauge|histogram)\(\s*"([a-z0-9_]+)",\s*help:\s*"[^"]*"\s*(?:,\s*labels:\s*\[([^\]]*)\])?/
    var entries: Set<Entry> = []
    for case let file as URL in walk where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      // Quick refusal of the many that register nothing; both patterns need the word.
      guard text.range(of: "help:") != nil else { continue }
      let found = text.matches(of: call)
      let begun = text.matches(of: /[.\s](?:counter|gauge|histogram)\(\s*"/)
      #expect(
        found.count == begun.count,
        "\(file.lastPathComponent) registers a metric in a way this test cannot read")
      for match in found {
        let labels = (match.3 ?? "").matches(of: /"(\w+)"/).map { String($0.1) }
        entries.insert(Entry(name: String(match.2), kind: String(match.1), labels: labels))
      }
    }
    return entries
  }

  @Test func everyMetricIsListed() throws {
    let registered = try Self.registered()
    #expect(registered.count >= 15, "the sources could not be read")
    for entry in registered.subtracting(try Self.documented()) {
      Issue.record("docs/metrics.md has no row, or another, for \(entry.kind) \(entry.name) \(entry.labels)")
    }
  }

  @Test func everyListedMetricExists() throws {
    for entry in try Self.documented().subtracting(Self.registered()) {
      Issue.record(
        "docs/metrics.md lists \(entry.kind) \(entry.name) \(entry.labels), which nothing registers")
    }
  }
}
