// The SQL that both stores understand. It is written as SQLite reads it; what PostgreSQL calls otherwise is
// translated word by word, and what only one of them knows, or what means another thing to each, is refused, so
// that a domain tried on one store runs on the other. docs/stores.md lists the rules.

/// The common subset of SQL.
enum Dialect {
  /// The statement, or several, in PostgreSQL's words.
  static func postgres(_ sql: String) throws(DialectError) -> String {
    var output = ""
    var statement = StatementKind.other
    var isAtStart = true
    /// The last words, in capitals, for what takes two.
    var previous = ""
    var dropped = false
    for token in SQLTokens(sql) {
      switch token.kind {
      case .unfinished: throw .unfinished(sql: sql)
      case .foreignParameter: throw .parameter(String(token.text), sql: sql)
      case .space, .comment:
        if !dropped { output += token.text }
        dropped = false
      case .parameter(let number): output += "$\(number)"
      case .blob: output += "'\\x\(token.text.dropFirst(2).dropLast())'::bytea"
      case .word:
        let word = token.text.uppercased()
        if let instead = refused[word] { throw .word(String(token.text), instead: instead, sql: sql) }
        if let instead = refusedAfter[previous]?[word] {
          throw .word("\(previous) \(word)", instead: instead, sql: sql)
        }
        if isAtStart { statement = StatementKind(word) }
        isAtStart = false
        switch (statement, word) {
        case (.definition, "TEXT"): output += "TEXT COLLATE \"C\""
        // A strict table is what PostgreSQL has anyway; tables without row ids are a matter of storage.
        case (.definition, "STRICT"), (.definition, "ROWID"):
          dropped = true
          trimComma(&output)
        case (.definition, "WITHOUT"): dropped = true
        default: output += types[word] ?? String(token.text)
        }
        previous = word
      case .text, .quotedName, .other:
        output += token.text
        dropped = false
        if token.text == ";" {
          isAtStart = true
          statement = .other
        }
        previous = ""
      }
    }
    return output
  }

  private enum StatementKind {
    case definition, other

    init(_ word: String) { self = word == "CREATE" || word == "ALTER" ? .definition : .other }
  }

  /// `) STRICT, WITHOUT ROWID` leaves a comma behind.
  private static func trimComma(_ output: inout String) {
    var text = output[...]
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    if text.last == "," { output = String(text.dropLast()) }
  }

  private static let types = ["INTEGER": "BIGINT", "BLOB": "BYTEA", "REAL": "DOUBLE PRECISION"]

  /// Words that only one store knows, or that mean another thing to each; and what to write instead.
  private static let refused = [
    "AUTOINCREMENT": "give the key a value that the event carries",
    "BIGINT": "INTEGER", "BYTEA": "BLOB", "BOOLEAN": "INTEGER, 0 or 1", "SERIAL": "INTEGER",
    "VARCHAR": "TEXT", "DATETIME": "INTEGER, milliseconds since 1970",
    "TIMESTAMP": "INTEGER, milliseconds since 1970", "CURRENT_TIMESTAMP": "a time that the event carries",
    "NOW": "a time that the event carries", "RANDOM": "a value that the event carries",
    "RANDOMBLOB": "a value that the event carries", "GEN_RANDOM_UUID": "a value that the event carries",
    "GLOB": "a range of keys", "LIKE": "a range of keys, or instr", "ILIKE": "a range of keys",
    "REGEXP": "a column made for it", "IFNULL": "coalesce", "IIF": "CASE",
    "PRAGMA": "nothing: the store sets these",
    "ATTACH": "nothing: one store, one projection", "VACUUM": "nothing: the store sees to it",
    "JSONB": "TEXT or BLOB", "NOCASE": "a column in lower case", "TRIGGER": "apply",
    "BEGIN": "nothing: the engine makes transactions", "COMMIT": "nothing: the engine makes transactions",
    "ROLLBACK": "nothing: the engine makes transactions",
  ]

  private static let refusedAfter = [
    "INSERT": ["OR": "ON CONFLICT"], "REPLACE": ["INTO": "INSERT with ON CONFLICT"],
    "UPDATE": ["OR": "ON CONFLICT"],
  ]
}

/// Why a statement is not in the common subset.
public enum DialectError: Error, Equatable, Sendable {
  /// A quote or a comment does not end.
  case unfinished(sql: String)
  /// Parameters are `?1`, `?2` and so on.
  case parameter(String, sql: String)
  /// A word that not every store understands in the same way.
  case word(String, instead: String, sql: String)
}

extension DialectError: CustomStringConvertible {
  /// One line for whoever wrote the statement.
  public var description: String {
    switch self {
    case .unfinished(let sql): "a quote or comment does not end, in: \(sql)"
    case .parameter(let text, let sql): "parameters are written ?1, ?2 and so on, not \(text), in: \(sql)"
    case .word(let word, let instead, let sql):
      "\(word) is not understood alike by every store; write instead: \(instead). In: \(sql)"
    }
  }
}
