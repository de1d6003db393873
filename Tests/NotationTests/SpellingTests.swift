import Notation
import Testing

@Suite("Nearest spelling") struct SpellingTests {
  @Test(
    arguments: [
      ("", "", 0), ("a", "", 1), ("", "ab", 2), ("serve", "serve", 0), ("srve", "serve", 1),
      ("sevre", "serve", 1),  // a swap of neighbours
      ("kitten", "sitting", 3), ("ca", "abc", 3),  // restricted: no edit between swapped letters
      ("héllo", "hello", 1),
    ] as [(String, String, Int)])
  func distanceCountsEditsAndSwaps(first: String, second: String, distance: Int) {
    #expect(Spelling.distance(first, second) == distance)
    #expect(Spelling.distance(second, first) == distance)
  }

  @Test(
    arguments: [
      ("srve", "serve"), ("sevre", "serve"), ("SERVE", "serve"), ("confg", "config"), ("cofnig", "config"),
      ("shwo", "show"), ("por", "port"),
    ] as [(String, String)])
  func nearMissesAreFound(text: String, meant: String) {
    #expect(Spelling.nearest(to: text, among: ["config", "serve", "show", "port", "id"]) == meant)
  }

  @Test(
    arguments: ["", "x", "xy", "ax", "quux", "service-account", String(repeating: "serve", count: 40)]
      as [String])
  func farMissesAreNot(text: String) {
    #expect(Spelling.nearest(to: text, among: ["config", "serve", "show", "port", "id"]) == nil)
  }

  @Test func theFirstOfEquallyNearNamesIsTaken() {
    #expect(Spelling.nearest(to: "lost", among: ["list", "last"]) == "list")
    #expect(Spelling.nearest(to: "list", among: ["list"]) == nil)
  }
}
