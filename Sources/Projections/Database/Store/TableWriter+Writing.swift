// Writing: a statement in the common dialect with `?1` and so on, and as many parameters as it names. One function for
// each number of parameters, because the compiler makes straight code of these where they are called: a pack of
// parameters is walked at run time, a call through a table for each, which costs a quarter of what SQLite takes for a row.

extension TableWriter {
  /// Runs a statement that answers nothing.
  public func write(_ sql: StaticString) throws(DatabaseError) { try run(sql, try parameters(of: sql)) }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<A: SQLConvertible>(
    _ sql: StaticString, _ a: A
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<A: SQLConvertible, B: SQLConvertible>(
    _ sql: StaticString, _ a: A, _ b: B
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<A: SQLConvertible, B: SQLConvertible, C: SQLConvertible>(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible>(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible, L: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K, _ l: L
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    l.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible, L: SQLConvertible, M: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K, _ l: L, _ m: M
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    l.give(to: &parameters)
    m.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible, L: SQLConvertible, M: SQLConvertible, N: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K, _ l: L, _ m: M, _ n: N
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    l.give(to: &parameters)
    m.give(to: &parameters)
    n.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible, L: SQLConvertible, M: SQLConvertible, N: SQLConvertible, O: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K, _ l: L, _ m: M, _ n: N, _ o: O
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    l.give(to: &parameters)
    m.give(to: &parameters)
    n.give(to: &parameters)
    o.give(to: &parameters)
    try run(sql, parameters)
  }

  /// Runs a statement that answers nothing.
  @inlinable
  public func write<
    A: SQLConvertible, B: SQLConvertible, C: SQLConvertible, D: SQLConvertible, E: SQLConvertible,
    F: SQLConvertible, G: SQLConvertible, H: SQLConvertible, I: SQLConvertible, J: SQLConvertible,
    K: SQLConvertible, L: SQLConvertible, M: SQLConvertible, N: SQLConvertible, O: SQLConvertible,
    P: SQLConvertible
  >(
    _ sql: StaticString, _ a: A, _ b: B, _ c: C, _ d: D, _ e: E, _ f: F, _ g: G, _ h: H, _ i: I, _ j: J,
    _ k: K, _ l: L, _ m: M, _ n: N, _ o: O, _ p: P
  ) throws(DatabaseError) {
    var parameters = try parameters(of: sql)
    a.give(to: &parameters)
    b.give(to: &parameters)
    c.give(to: &parameters)
    d.give(to: &parameters)
    e.give(to: &parameters)
    f.give(to: &parameters)
    g.give(to: &parameters)
    h.give(to: &parameters)
    i.give(to: &parameters)
    j.give(to: &parameters)
    k.give(to: &parameters)
    l.give(to: &parameters)
    m.give(to: &parameters)
    n.give(to: &parameters)
    o.give(to: &parameters)
    p.give(to: &parameters)
    try run(sql, parameters)
  }
}
