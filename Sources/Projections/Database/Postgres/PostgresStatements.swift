// The statements that are prepared on one connection, and which of them makes room for the next. A statement is
// known by the address of its literal, or by its text when it was put together at run time.

import CPostgres

/// What a statement is: a literal of the program, or a text made at run time.
enum PostgresText: Sendable {
  case literal(StaticString)
  /// A literal in the dialect of both stores, translated where it is prepared.
  case common(StaticString)
  case dynamic(String)

  /// The text itself.
  var text: String {
    switch self {
    case .literal(let literal), .common(let literal): literal.description
    case .dynamic(let text): text
    }
  }

  /// The text as the server reads it.
  var translated: String {
    get throws(DatabaseError) {
      guard case .common = self else { return text }
      do throws(DialectError) {
        return try Dialect.postgres(text)
      } catch {
        throw .statement(sql: PostgresFailure.excerpt(text), reason: "\(error)")
      }
    }
  }
}

/// Which statements are prepared under which names.
struct PostgresStatements {
  /// What tells statements apart.
  enum Key: Hashable {
    case literal(UInt)
    case dynamic(String)

    init(_ text: PostgresText) {
      switch text {
      // A literal of a single character may have no address.
      case .literal(let literal) where literal.hasPointerRepresentation,
        .common(let literal) where literal.hasPointerRepresentation:
        self = .literal(UInt(bitPattern: literal.utf8Start))
      case .literal(let literal), .common(let literal): self = .dynamic(literal.description)
      case .dynamic(let text): self = .dynamic(text)
      }
    }
  }

  /// One prepared statement.
  struct Entry {
    let key: Key
    /// Its name on the server; never given again on the same connection.
    let name: UInt32
    /// What its parameters were declared as. A null leaves the type to the server, and fits any other.
    let types: [Oid]
    /// Whether the server has said that it is prepared.
    var isConfirmed = false
    var lastUse: UInt64
  }

  private let countMaximum: Int
  private var entries: [Entry] = []
  private var indices: [Key: Int] = [:]
  private var uses: UInt64 = 0
  private var nextName: UInt32 = 0
  /// Names that nobody uses any more and that the server still keeps.
  private(set) var leaving: [UInt32] = []

  init(countMaximum: Int) {
    precondition(countMaximum > 0, "there is room for a statement")
    self.countMaximum = countMaximum
  }

  /// How many are prepared.
  var count: Int { entries.count }

  /// The name of `text` prepared for parameters like `values`; nil when it is not.
  mutating func name(of key: Key, for values: [SQLValue]) -> UInt32? {
    guard let index = indices[key] else { return nil }
    guard entries[index].types.count == values.count else { return nil }
    for position in values.indices {
      let type = PostgresType.of(values[position])
      if type != PostgresType.unknown && type != entries[index].types[position] { return nil }
    }
    uses += 1
    entries[index].lastUse = uses
    return entries[index].name
  }

  /// Enters a statement that is about to be prepared, in the place of the one used longest ago when there are too
  /// many, or of itself with other parameters.
  mutating func add(_ key: Key, for values: [SQLValue]) -> Entry {
    var types = values.map(PostgresType.of)
    if let index = indices[key] {
      // A parameter that is null now keeps the type it had: the next value will have it again.
      let known = entries[index].types
      if known.count == types.count {
        for position in types.indices where types[position] == PostgresType.unknown {
          types[position] = known[position]
        }
      }
      evict(index)
    } else if entries.count >= countMaximum {
      // One that is not confirmed may turn out not to exist, and its removal would fail the transaction.
      let confirmed = entries.indices.filter { entries[$0].isConfirmed }
      if let oldest = confirmed.min(by: { entries[$0].lastUse < entries[$1].lastUse }) { evict(oldest) }
    }
    nextName += 1
    uses += 1
    let entry = Entry(key: key, name: nextName, types: types, lastUse: uses)
    indices[key] = entries.count
    entries.append(entry)
    return entry
  }

  private mutating func evict(_ index: Int) {
    // Only what is known to be there is asked to go.
    if entries[index].isConfirmed { leaving.append(entries[index].name) }
    drop(index)
  }

  private mutating func drop(_ index: Int) {
    indices[entries[index].key] = nil
    entries.swapAt(index, entries.count - 1)
    entries.removeLast()
    if index < entries.count { indices[entries[index].key] = index }
  }

  /// The server has prepared the statement called `name`.
  mutating func confirm(_ name: UInt32) {
    if let index = entries.firstIndex(where: { $0.name == name }) {
      entries[index].isConfirmed = true
    } else {
      leaving.append(name)
    }
  }

  /// The server has not prepared the statement called `name`.
  mutating func forget(_ name: UInt32) {
    if let index = entries.firstIndex(where: { $0.name == name }) { drop(index) }
  }

  /// A statement's plan is no longer good: it is prepared anew at its next use.
  mutating func discard(_ name: UInt32) {
    if let index = entries.firstIndex(where: { $0.name == name }) { evict(index) }
  }

  /// Tables have changed: every statement is prepared anew at its next use.
  mutating func discardAll() {
    while !entries.isEmpty { evict(entries.count - 1) }
  }

  /// A name to be removed from the server now; `stays` when that failed.
  mutating func takeLeaving() -> UInt32? { leaving.popLast() }

  /// A removal did not happen.
  mutating func stays(_ name: UInt32) { leaving.append(name) }
}
