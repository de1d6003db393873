// The statements that a connection has prepared. Most SQL is literals, which are found by where they lie in
// the program, without looking at their text.

/// Prepared statements by their SQL, the least recently used of which are forgotten.
struct SQLiteStatementCache {
  private var literals: [UInt: SQLiteStatement] = [:]
  private var texts: [String: SQLiteStatement] = [:]
  private var clock: UInt64 = 0
  private let limit: Int

  /// - Parameter limit: how many statements it keeps.
  init(limit: Int) {
    precondition(limit > 0, "a connection keeps a statement")
    self.limit = limit
  }

  /// How many statements it keeps now.
  var count: Int { literals.count + texts.count }

  /// The statement of a literal, prepared by `prepare` if it is not here.
  mutating func statement(
    _ sql: StaticString,
    prepare: (UnsafeBufferPointer<UInt8>) throws(DatabaseError) -> SQLiteStatement
  ) throws(DatabaseError) -> SQLiteStatement {
    guard sql.hasPointerRepresentation else { return try statement(sql.description, prepare: prepare) }
    let place = UInt(bitPattern: sql.utf8Start)
    clock += 1
    if let known = literals[place] {
      known.lastUse = clock
      return known
    }
    let made = try prepare(UnsafeBufferPointer(start: sql.utf8Start, count: sql.utf8CodeUnitCount))
    made.lastUse = clock
    if makeRoom() { literals[place] = made }
    return made
  }

  /// The statement of a text, prepared by `prepare` if it is not here.
  mutating func statement(
    _ sql: String, prepare: (UnsafeBufferPointer<UInt8>) throws(DatabaseError) -> SQLiteStatement
  ) throws(DatabaseError) -> SQLiteStatement {
    clock += 1
    if let known = texts[sql] {
      known.lastUse = clock
      return known
    }
    let made = try Array(sql.utf8).withUnsafeBufferPointer { bytes throws(DatabaseError) in
      try prepare(bytes)
    }
    made.lastUse = clock
    if makeRoom() { texts[sql] = made }
    return made
  }

  /// Forgets every statement.
  mutating func removeAll() {
    literals.removeAll()
    texts.removeAll()
  }

  /// Forgets the statement that was not used for the longest time, if there is no room; false when every
  /// one is being read.
  private mutating func makeRoom() -> Bool {
    guard count >= limit else { return true }
    let literal = literals.filter { !$0.value.isRunning }.min { $0.value.lastUse < $1.value.lastUse }
    let text = texts.filter { !$0.value.isRunning }.min { $0.value.lastUse < $1.value.lastUse }
    if let literal, literal.value.lastUse < text?.value.lastUse ?? .max {
      literals[literal.key] = nil
    } else if let text {
      texts[text.key] = nil
    } else {
      return false
    }
    return true
  }
}
