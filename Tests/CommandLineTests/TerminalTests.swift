import CommandLine
import Testing

@Suite("Text on a terminal") struct TerminalTests {
  @Test(
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한글", 4), ("🙂", 2), ("👨‍👩‍👧", 2), ("ｶﾅ", 2),
      ("\u{200B}", 0),
      ("\u{1B}", 0),
    ] as [(String, Int)])
  func widthCountsColumns(text: String, width: Int) {
    #expect(TerminalText.width(text) == width)
  }

  @Test(
    arguments: [
      ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
      ("日本語", 5, "日本…"),
      ("日本語", 4, "日…"), ("", 0, ""),
    ] as [(String, Int, String)])
  func cutKeepsToTheColumns(text: String, columns: Int, expected: String) {
    let cut = TerminalText.cut(text, to: columns)
    #expect(cut == expected)
    #expect(TerminalText.width(cut) <= columns)
  }

  @Test(
    arguments: [
      ("a bb ccc", 4, ["a bb", "ccc"]), ("a  b\nc", 10, ["a b c"]), ("", 5, []),
      ("longer than", 3, ["longer", "than"]),
    ] as [(String, Int, [String])])
  func wrappedBreaksBetweenWords(text: String, columns: Int, lines: [String]) {
    #expect(TerminalText.wrapped(text, to: columns) == lines)
  }

  @Test func harmlessTextCannotSteerTheTerminal() {
    #expect(TerminalText.harmless("a\u{1B}[2Jb\rc\u{9B}d\n") == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\u{FFFD}")
    #expect(TerminalText.harmless("日本") == "日本")
  }

  private var table: TextTable {
    var table = TextTable(.text("NAME"), .number("SIZE"), .text("PATH"))
    table.append("a", "1", "/short")
    table.append("日本語", "1234", "/a/very/long/path/to/something")
    return table
  }

  @Test func aTableAlignsItsColumns() {
    let expected = """
      NAME    SIZE  PATH
      a          1  /short
      日本語  1234  /a/very/long/path/to/something

      """
    #expect(table.text() == expected)
  }

  @Test func aTableCutsItsWidestColumnToTheTerminal() {
    let expected = """
      NAME    SIZE  PATH
      a          1  /short
      日本語  1234  /a/very/long/…

      """
    #expect(table.text(width: 28) == expected)
  }

  @Test func aTableIsNeverCutBelowAReadableWidth() {
    let widest = table.text(width: 1).split(separator: "\n").map(TerminalText.width).max()
    #expect(widest == 6 + 2 + 4 + 2 + 8)
  }

  @Test func aTableWithoutRowsHasItsHeadings() {
    #expect(TextTable(.text("A"), .number("B")).text(hasColor: true) == "\u{1B}[1mA  B\u{1B}[0m\n")
  }

  @Test func cellsCannotSteerTheTerminal() {
    var table = TextTable(.text("A"))
    table.append("x\u{1B}[2J\ny")
    #expect(table.text() == "A\nx\u{FFFD}[2J\u{FFFD}y\n")
  }
}
