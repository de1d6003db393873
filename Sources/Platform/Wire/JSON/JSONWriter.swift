// Writes JSON straight into a reusable buffer: no tree, no intermediate strings, no allocation once the
// buffer has grown. This file is the structure (containers, keys, commas, layout); what values look like
// is in JSONWriter+Scalars.swift.

public import Bytes

/// A streaming JSON writer.
///
/// Misuse (a value where a key must be, an unclosed container at `finish`) is a programmer's error and traps.
///
///     var writer = JSONWriter(appendingTo: &buffer)
///     writer.beginObject()
///     writer.key("id")
///     writer.integer(7)
///     writer.endObject()
///     buffer = writer.finish()
public struct JSONWriter: ~Copyable {
  /// How the text is laid out.
  public enum Style: Equatable, Sendable {
    /// No white space at all: for the wire and for logs.
    case compact
    /// A line for each member and element, indented by so many spaces a level: for people.
    case pretty(indent: Int)
  }

  /// What may come next.
  @usableFromInline
  enum State: UInt8 {
    case document, finished, firstElement, nextElement, firstKey, nextKey, memberValue
  }

  // Between calls the bytes in `windowStart ..< cursor` are written but not yet counted by `buffer`. The
  // pointers stay good because the writer alone holds `buffer`: its storage is neither shared nor moved
  // except by `grow`, which takes them anew.
  private var buffer: ByteBuffer
  private var windowStart: UnsafeMutableRawPointer
  @usableFromInline var cursor: UnsafeMutableRawPointer
  @usableFromInline var limit: UnsafeMutableRawPointer
  @usableFromInline var state = State.document
  /// Spaces a level; -1 for the compact style.
  @usableFromInline let indent: Int
  private var nesting = JSONNesting()

  /// A writer with a buffer of its own.
  public init(style: Style = .compact) {
    var fresh = ByteBuffer()
    self.init(appendingTo: &fresh, style: style)
  }

  /// A writer that takes over `buffer`, what it holds and its storage. `buffer` is empty until it is assigned
  /// what `finish` returns: while two hold the storage, the first byte written would copy it.
  public init(appendingTo buffer: inout ByteBuffer, style: Style = .compact) {
    switch style {
    case .compact: indent = -1
    case .pretty(let spaces):
      precondition(spaces >= 0 && spaces <= 16, "indent outside 0...16")
      indent = spaces
    }
    self.buffer = ByteBuffer()
    swap(&self.buffer, &buffer)
    (windowStart, limit) = Self.window(of: &self.buffer, minimum: 64)
    cursor = windowStart
  }

  /// How many containers are open.
  public var depth: Int { nesting.depth }

  /// How many bytes the buffer holds, those it began with included.
  public var count: Int { buffer.count + (cursor - windowStart) }

  /// Ends writing and gives the buffer back. At least one document must be complete and none open.
  public consuming func finish() -> ByteBuffer {
    precondition(state == .finished, "the JSON document is not complete")
    settle()
    return buffer
  }

  /// Takes the bytes written so far, complete or not, and goes on into a fresh buffer: for bodies that are
  /// sent while they are being written.
  public mutating func takeWritten() -> ByteBuffer {
    settle()
    var taken = ByteBuffer()
    swap(&taken, &buffer)
    (windowStart, limit) = Self.window(of: &buffer, minimum: 64)
    cursor = windowStart
    return taken
  }

  /// Ends the line after a complete document, so that another may follow (JSON lines).
  public mutating func endLine() {
    precondition(state == .finished, "the JSON document is not complete")
    ensure(1)
    put(UInt8(ascii: "\n"))
    state = .document
  }

  // MARK: Containers

  /// Opens an object.
  public mutating func beginObject() {
    beginValue(2)
    put(UInt8(ascii: "{"))
    nesting.push(object: true)
    state = .firstKey
  }

  /// Closes the innermost object.
  public mutating func endObject() {
    precondition(state == .firstKey || state == .nextKey, "no object to end here")
    end(UInt8(ascii: "}"), wasEmpty: state == .firstKey)
  }

  /// Opens an array.
  public mutating func beginArray() {
    beginValue(2)
    put(UInt8(ascii: "["))
    nesting.push(object: false)
    state = .firstElement
  }

  /// Closes the innermost array.
  public mutating func endArray() {
    precondition(state == .firstElement || state == .nextElement, "no array to end here")
    end(UInt8(ascii: "]"), wasEmpty: state == .firstElement)
  }

  private mutating func end(_ bracket: UInt8, wasEmpty: Bool) {
    nesting.pop()
    ensure(1)
    if indent >= 0 && !wasEmpty { breakLine() }
    put(bracket)
    state = nesting.isInObject ? .nextKey : nesting.depth > 0 ? .nextElement : .finished
  }

  // MARK: Keys

  /// Writes a member's key that needs no escaping, as a literal in the source never should: printable
  /// ASCII or other UTF-8 without `"` and `\`. Debug builds check.
  @inlinable
  public mutating func key(_ literal: StaticString) {
    let count = literal.utf8CodeUnitCount
    beginKey(count + 4)
    put(UInt8(ascii: "\""))
    literal.withUTF8Buffer { bytes in
      assert(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }, "this key needs escaping")
      cursor.copyMemory(from: UnsafeRawPointer(bytes.baseAddress!), byteCount: count)
    }
    cursor += count
    put(UInt8(ascii: "\""))
    endKey()
  }

  /// Writes a member's key, escaped as needed.
  @_disfavoredOverload
  public mutating func key(_ name: String) {
    beginKey(4)
    putQuoted(name)
    ensure(2)
    endKey()
  }

  @inlinable
  mutating func beginKey(_ room: Int) {
    ensure(room)
    if state == .nextKey {
      put(UInt8(ascii: ","))
    } else {
      precondition(state == .firstKey, "a JSON key does not belong here")
    }
    state = .memberValue
    if indent >= 0 {
      breakLine()
      ensure(room)
    }
  }

  @inlinable
  mutating func endKey() {
    put(UInt8(ascii: ":"))
    if indent >= 0 { put(UInt8(ascii: " ")) }
  }

  // MARK: The window

  /// Writes the comma and the layout before a value, and makes `room` for it.
  @inlinable
  mutating func beginValue(_ room: Int) {
    ensure(room + 1)
    switch state {
    case .memberValue:
      state = .nextKey
      return
    case .firstElement:
      state = .nextElement
    case .nextElement:
      put(UInt8(ascii: ","))
    case .document:
      state = .finished
      return
    case .finished, .firstKey, .nextKey:
      preconditionFailure("a JSON value does not belong here")
    }
    if indent >= 0 {
      breakLine()
      ensure(room)
    }
  }

  /// Makes sure `room` bytes can be put.
  @inlinable
  mutating func ensure(_ room: Int) {
    if limit - cursor < room { grow(room) }
  }

  /// Puts one byte where `ensure` made room.
  @inlinable
  mutating func put(_ byte: UInt8) {
    cursor.storeBytes(of: byte, as: UInt8.self)
    cursor += 1
  }

  @usableFromInline
  mutating func breakLine() {
    let spaces = nesting.depth * indent
    ensure(spaces + 2)
    put(UInt8(ascii: "\n"))
    for _ in 0..<spaces { put(UInt8(ascii: " ")) }
  }

  @usableFromInline
  @inline(never)
  mutating func grow(_ room: Int) {
    settle()
    (windowStart, limit) = Self.window(of: &buffer, minimum: room)
    cursor = windowStart
  }

  /// Lets `buffer` count what was written.
  private mutating func settle() {
    let written = cursor - windowStart
    buffer.withWritableBytes(minimum: 0) { _ in written }
    windowStart = cursor
  }

  private static func window(
    of buffer: inout ByteBuffer, minimum: Int
  ) -> (UnsafeMutableRawPointer, UnsafeMutableRawPointer) {
    var start: UnsafeMutableRawPointer?
    var count = 0
    buffer.withWritableBytes(minimum: minimum) { room in
      start = room.baseAddress
      count = room.count
      return 0
    }
    guard let start else { preconditionFailure("a buffer without storage") }
    return (start, start + count)
  }
}

extension ByteBuffer {
  /// Appends what `body` writes as one JSON document.
  @inlinable
  public mutating func appendJSON<Failure: Error>(
    style: JSONWriter.Style = .compact, _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    let before = count
    var writer = JSONWriter(appendingTo: &self, style: style)
    do {
      try body(&writer)
    } catch {
      self = writer.takeWritten()
      truncate(to: Swift.min(before, count))
      throw error
    }
    self = writer.finish()
  }
}
