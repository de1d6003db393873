// SQL in pieces, as far as the dialect needs to tell them apart: what is a word, what is a parameter, and what
// must be left alone because it is quoted or a comment.

/// One piece of a statement.
struct SQLToken: Equatable {
  enum Kind: Equatable {
    /// A name or keyword, not quoted.
    case word
    /// `?1` and up; the number is in `parameter`.
    case parameter(Int)
    /// A `?` without a number, or another store's parameter.
    case foreignParameter
    /// A text in single quotes.
    case text
    /// A blob: `x'00ff'`.
    case blob
    /// A name in double quotes.
    case quotedName
    case comment
    case space
    /// Everything else, one character at a time; numbers too.
    case other
    /// A quote or comment that never ends.
    case unfinished
  }

  let kind: Kind
  let text: Substring
}

/// Takes a statement apart.
struct SQLTokens: IteratorProtocol, Sequence {
  private var rest: Substring

  init(_ sql: String) { rest = sql[...] }

  mutating func next() -> SQLToken? {
    guard let first = rest.first else { return nil }
    switch first {
    case "'": return quoted(.text, by: "'")
    case "\"": return quoted(.quotedName, by: "\"")
    case "-" where rest.hasPrefix("--"): return take(.comment) { $0 != "\n" }
    case "/" where rest.hasPrefix("/*"): return blockComment()
    case "?":
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), number > 0 else { return take(.foreignParameter, 1) }
      return take(.parameter(number), 1 + digits.count)
    case "$",
      ":" where !rest.hasPrefix("::"), "@":
      return take(.foreignParameter, 1)
    case "x" where rest.dropFirst().first == "'", "X" where rest.dropFirst().first == "'":
      return blob()
    case _ where first.isWhitespace: return take(.space) { $0.isWhitespace }
    case _ where Self.begins(first): return take(.word) { Self.continues($0) }
    case _ where first.isNumber: return take(.other) { Self.continues($0) || $0 == "." }
    default: return take(.other, 1)
    }
  }

  private static func begins(_ character: Character) -> Bool { character == "_" || character.isLetter }
  private static func continues(_ character: Character) -> Bool { begins(character) || character.isNumber }

  private mutating func take(_ kind: SQLToken.Kind, _ count: Int) -> SQLToken {
    let text = rest.prefix(count)
    rest = rest.dropFirst(count)
    return SQLToken(kind: kind, text: text)
  }

  private mutating func take(_ kind: SQLToken.Kind, while belongs: (Character) -> Bool) -> SQLToken {
    let text = rest.prefix(while: belongs)
    rest = rest[text.endIndex...]
    return SQLToken(kind: kind, text: text)
  }

  /// A quoted piece, in which the quote itself is written twice.
  private mutating func quoted(_ kind: SQLToken.Kind, by quote: Character) -> SQLToken {
    var index = rest.index(after: rest.startIndex)
    while index < rest.endIndex {
      if rest[index] == quote {
        index = rest.index(after: index)
        if index == rest.endIndex || rest[index] != quote { return piece(kind, upTo: index) }
      }
      index = rest.index(after: index)
    }
    return piece(.unfinished, upTo: rest.endIndex)
  }

  private mutating func blob() -> SQLToken {
    guard let end = rest.dropFirst(2).firstIndex(of: "'") else {
      return piece(.unfinished, upTo: rest.endIndex)
    }
    return piece(.blob, upTo: rest.index(after: end))
  }

  private mutating func blockComment() -> SQLToken {
    var index = rest.startIndex
    while index < rest.endIndex {
      if rest[index...].hasPrefix("*/") { return piece(.comment, upTo: rest.index(index, offsetBy: 2)) }
      index = rest.index(after: index)
    }
    return piece(.unfinished, upTo: rest.endIndex)
  }

  private mutating func piece(_ kind: SQLToken.Kind, upTo end: Substring.Index) -> SQLToken {
    let text = rest[..<end]
    rest = rest[end...]
    return SQLToken(kind: kind, text: text)
  }
}
