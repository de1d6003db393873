/// Swift source being written: lines at an indentation.
struct SourceText {
  private(set) var text = ""
  private var depth = 0

  /// Writes lines as they are, each at the current indentation; an empty one stays empty.
  mutating func line(_ lines: String = "") {
    for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      if !line.isEmpty {
        text += String(repeating: "  ", count: depth)
        text += line
      }
      text += "\n"
    }
  }

  /// Writes `head {`, the body one level deeper, and `}`.
  mutating func block<Failure: Error>(
    _ head: String, _ body: (inout SourceText) throws(Failure) -> Void
  ) throws(Failure) {
    line(head + " {")
    depth += 1
    try body(&self)
    depth -= 1
    line("}")
  }
}
