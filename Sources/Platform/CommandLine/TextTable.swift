// A table for people: columns as wide as what is in them, the widest cut if the terminal is narrower.

/// Rows of cells under headings.
public struct TextTable: Sendable {
  /// A column.
  public struct Column: Sendable {
    /// What stands above it.
    public let heading: String
    /// Whether its cells end at the same place, as numbers should.
    public let isTrailing: Bool

    /// A column of texts.
    public static func text(_ heading: String) -> Column { Column(heading: heading, isTrailing: false) }
    /// A column of numbers.
    public static func number(_ heading: String) -> Column { Column(heading: heading, isTrailing: true) }
  }

  /// The columns.
  public let columns: [Column]
  private(set) var rows: [[String]] = []

  /// The narrowest a column is cut to.
  static let columnWidthMinimum = 8
  private static let gap = 2

  /// A table without rows.
  public init(_ columns: Column...) {
    precondition(!columns.isEmpty, "a table without columns")
    self.columns = columns
  }

  /// Adds a row with a cell for each column; control characters in cells are replaced.
  public mutating func append(_ cells: String...) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map(TerminalText.harmless))
  }

  /// The table as lines, each ended.
  ///
  /// - Parameters:
  ///   - width: how many columns the terminal has; `nil` cuts nothing, as is right for a pipe.
  ///   - hasColor: whether headings stand out.
  public func text(width: Int? = nil, hasColor: Bool = false) -> String {
    var widths = columns.indices.map { index in
      rows.reduce(TerminalText.width(columns[index].heading)) { max($0, TerminalText.width($1[index])) }
    }
    if let width {
      var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
      while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
        widths[widest] > Self.columnWidthMinimum
      {
        let second = widths.indices.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
        let step = max(1, min(excess, widths[widest] - max(second, Self.columnWidthMinimum)))
        widths[widest] -= step
        excess -= step
      }
    }
    let heading = TextStyle.bold.applied(to: line(columns.map(\.heading), widths), isOn: hasColor)
    return ([heading] + rows.map { line($0, widths) }).map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let text = TerminalText.cut(cell, to: widths[index])
      let fill = String(repeating: " ", count: widths[index] - TerminalText.width(text))
      let isLast = index == cells.count - 1
      line += columns[index].isTrailing ? fill + text : isLast ? text : text + fill
      if !isLast { line += String(repeating: " ", count: Self.gap) }
    }
    return line
  }
}
