// The statements that a connection has prepared. Most SQL is literals, which are found by where they lie in
// the program, without looking at their text.

/// Prepared statements by their SQL, the least recently used of which are forgotten.
final class SQLiteStatementCache {
  private enum Limit {
    /// Literals found without hashing: a power of two.
    static let recent = 64
  }

  private var literals: [UInt: SQLiteStatement] = [:]
  private var texts: [String: SQLiteStatement] = [:]
  /// Some of the literals, each in the only slot where it may be. Its accesses never overlap: none of them
  /// calls anything, and checking that at run time would be a tenth of what a row costs on our side.
  @exclusivity(unchecked)
  private var recent = [SQLiteStatement?](repeating: nil, count: Limit.recent)
  private var clock: UInt64 = 0
  private let limit: Int

  /// - Parameter limit: how many statements it keeps.
  init(limit: Int) {
    precondition(limit > 0, "a connection keeps a statement")
    self.limit = limit
  }

  /// How many statements it keeps now.
  var count: Int { literals.count + texts.count }

  /// The statement of the literal that lies at `place`, if it is here.
  @inline(__always)
  func literal(at place: UInt) -> SQLiteStatement? {
    clock += 1
    if let known = recent[Self.slot(of: place)], known.place == place {
      known.lastUse = clock
      return known
    }
    return rememberedLiteral(at: place)
  }

  private func rememberedLiteral(at place: UInt) -> SQLiteStatement? {
    guard let known = literals[place] else { return nil }
    known.lastUse = clock
    recent[Self.slot(of: place)] = known
    return known
  }

  /// The statement of a text, if it is here.
  func text(_ sql: String) -> SQLiteStatement? {
    clock += 1
    guard let known = texts[sql] else { return nil }
    known.lastUse = clock
    return known
  }

  /// Keeps the statement of the literal that lies at `place`.
  func keep(_ statement: SQLiteStatement, literalAt place: UInt) {
    statement.lastUse = clock
    statement.place = place
    guard makeRoom() else { return }
    literals[place] = statement
    recent[Self.slot(of: place)] = statement
  }

  /// Keeps the statement of a text.
  func keep(_ statement: SQLiteStatement, text: String) {
    statement.lastUse = clock
    if makeRoom() { texts[text] = statement }
  }

  /// Forgets every statement.
  func removeAll() {
    literals.removeAll()
    texts.removeAll()
    for slot in recent.indices { recent[slot] = nil }
  }

  /// Literals lie one after the other, a few tens of bytes apart.
  private static func slot(of place: UInt) -> Int { Int((place >> 4 ^ place >> 10) & UInt(Limit.recent - 1)) }

  /// Forgets the statement that was not used for the longest time, if there is no room; false when every
  /// one is being read.
  private func makeRoom() -> Bool {
    guard count >= limit else { return true }
    let literal = literals.filter { !$0.value.isRunning }.min { $0.value.lastUse < $1.value.lastUse }
    let text = texts.filter { !$0.value.isRunning }.min { $0.value.lastUse < $1.value.lastUse }
    if let literal, literal.value.lastUse < text?.value.lastUse ?? .max {
      literals[literal.key] = nil
      let slot = Self.slot(of: literal.key)
      if recent[slot] === literal.value { recent[slot] = nil }
    } else if let text {
      texts[text.key] = nil
    } else {
      return false
    }
    return true
  }
}
