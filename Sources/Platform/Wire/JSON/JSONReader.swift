// A pull reader: the decoder asks for what it expects, the reader checks RFC 8259 and the limits as it goes.
// Nothing is built that nobody asked for. This file is the structure (containers, keys, skipping); scalars
// are in JSONReader+Scalars.swift, trees in JSONValue+Reading.swift.

import Bytes

/// A strict streaming JSON reader over borrowed bytes.
///
/// Exactly one value is read (or skipped) after `init`, after each `nextKey` and after each `nextElement`
/// that return true; doing otherwise is a programmer's error and traps. A copy of a reader reads on by
/// itself, which serves to look ahead.
///
///     var reader = try JSONReader(bytes)
///     try reader.beginObject()
///     while try reader.nextKey() {
///       if reader.textEquals("id") { id = try reader.readInteger() } else { try reader.skipValue() }
///     }
///     try reader.finish()
public struct JSONReader: ~Escapable {
  // Reads stay within `base ..< base + limit`: every load is behind a comparison with `limit`, and the
  // lifetime annotations keep the reader inside the borrow that `base` came from.
  let base: UnsafeRawPointer
  let limit: Int
  /// The limits in force.
  public let limits: JSONLimits
  /// Bytes read so far.
  public internal(set) var offset = 0

  private var nesting = JSONNesting()
  /// Whether the next thing must be a value.
  private var isBeforeValue = true
  /// Whether nothing was read of the innermost container yet.
  private var isFresh = false
  private var valuesLeft: Int
  private var keys: JSONKeyLedger?

  // The last string, key or number: in the document, or with its escapes decoded in `scratch`.
  var textOffset = 0
  @usableFromInline var textCount = 0
  var textIsDecoded = false
  var scratch = ByteBuffer()

  /// A reader of the one document in `bytes`.
  @_lifetime(copy bytes)
  public init(
    _ bytes: RawSpan, limits: JSONLimits = .standard, duplicateKeys: JSONDuplicateKeys = .keepEvery
  ) throws(JSONError) {
    precondition(limits.depthMaximum <= JSONLimits.deepestPossible, "a depth limit that cannot be kept")
    // Safe: see the fields.
    (base, limit) = bytes.withUnsafeBytes { ($0.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!, $0.count) }
    self.limits = limits
    valuesLeft = limits.valuesMaximum
    keys = duplicateKeys == .refuse ? JSONKeyLedger() : nil
    if limit > limits.documentBytesMaximum {
      throw JSONError(
        .documentTooLong, at: JSONPosition(offset: limits.documentBytesMaximum, line: 1, column: 1))
    }
  }

  /// How many containers are open.
  public var depth: Int { nesting.depth }

  /// Where the next byte is.
  public var position: JSONPosition { position(of: offset) }

  /// What kind of value comes next; it is not consumed.
  @_lifetime(self: copy self)
  public mutating func peek() throws(JSONError) -> JSONKind {
    precondition(isBeforeValue, "no JSON value is due here")
    switch try nextByte() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw failure(.expectedValue)
    }
  }

  /// Checks that only white space is left. The document's value must have been read.
  @_lifetime(self: copy self)
  public mutating func finish() throws(JSONError) {
    precondition(nesting.depth == 0 && !isBeforeValue, "the JSON document is not read to its end")
    skipSpace()
    if offset < limit { throw failure(.trailingBytes) }
  }

  // MARK: Containers

  /// Enters the object that must come next.
  @_lifetime(self: copy self)
  public mutating func beginObject() throws(JSONError) {
    try expect(.object)
    try enter(object: true)
    keys?.open()
  }

  /// Goes to the next member and reads its key, which is then the current text; false, and the object is
  /// left, when there is none.
  @_lifetime(self: copy self)
  public mutating func nextKey() throws(JSONError) -> Bool {
    precondition(nesting.isInObject && !isBeforeValue, "no JSON key is due here")
    guard try nextMember(closing: UInt8(ascii: "}")) else {
      keys?.close()
      return false
    }
    let start = offset
    guard offset < limit else { throw failure(.unexpectedEnd) }
    guard byte() == UInt8(ascii: "\"") else { throw failure(.expectedKey) }
    try scanString(keeping: true)
    if keys != nil { try refuseDuplicate(at: start) }
    guard try nextByte() == UInt8(ascii: ":") else { throw failure(.expectedColon) }
    offset &+= 1
    isBeforeValue = true
    return true
  }

  /// Enters the array that must come next.
  @_lifetime(self: copy self)
  public mutating func beginArray() throws(JSONError) {
    try expect(.array)
    try enter(object: false)
  }

  /// Goes to the next element; false, and the array is left, when there is none.
  @_lifetime(self: copy self)
  public mutating func nextElement() throws(JSONError) -> Bool {
    precondition(nesting.depth > 0 && !nesting.isInObject && !isBeforeValue, "no JSON element is due here")
    guard try nextMember(closing: UInt8(ascii: "]")) else { return false }
    isBeforeValue = true
    return true
  }

  /// Reads over the next value, whatever it is, checking it as strictly as if it were wanted.
  @_lifetime(self: copy self)
  public mutating func skipValue() throws(JSONError) {
    let outside = nesting.depth
    try skipOne()
    while nesting.depth > outside {
      if nesting.isInObject {
        if try nextKey() { try skipOne() }
      } else {
        if try nextElement() { try skipOne() }
      }
    }
  }

  /// Reads over the next value and returns its bytes, white space around it left out.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func readRawValue() throws(JSONError) -> RawSpan {
    _ = try peek()
    let start = offset
    try skipValue()
    let span = RawSpan(_unsafeStart: base + start, byteCount: offset - start)
    return _overrideLifetime(span, copying: self)
  }

  @_lifetime(self: copy self)
  private mutating func skipOne() throws(JSONError) {
    switch try peek() {
    case .object: try beginObject()
    case .array: try beginArray()
    case .string:
      try takeValue()
      try scanString(keeping: false)
    case .number: _ = try readDecimal()
    case .bool: _ = try readBool()
    case .null: try readNull()
    }
  }

  /// Enters a container whose first byte is next.
  @_lifetime(self: copy self)
  private mutating func enter(object: Bool) throws(JSONError) {
    if nesting.depth >= limits.depthMaximum { throw failure(.tooDeep) }
    try takeValue()
    offset &+= 1
    nesting.push(object: object)
    isFresh = true
  }

  /// Reads the comma before a member or element, or the container's end.
  @_lifetime(self: copy self)
  private mutating func nextMember(closing bracket: UInt8) throws(JSONError) -> Bool {
    let byte = try nextByte()
    if byte == bracket {
      offset &+= 1
      nesting.pop()
      isFresh = false
      return false
    }
    if isFresh {
      isFresh = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw failure(.expectedCommaOrEnd) }
      offset &+= 1
      skipSpace()
    }
    return true
  }

  /// Throws unless the next value is of this kind.
  @_lifetime(self: copy self)
  mutating func expect(_ kind: JSONKind) throws(JSONError) {
    let found = try peek()
    if found != kind { throw failure(.wrongKind(expected: kind, found: found)) }
  }

  /// Notes that a value is being read.
  @_lifetime(self: copy self)
  mutating func takeValue() throws(JSONError) {
    if valuesLeft == 0 { throw failure(.tooManyValues) }
    valuesLeft &-= 1
    isBeforeValue = false
  }

  @_lifetime(self: copy self)
  private mutating func refuseDuplicate(at start: Int) throws(JSONError) {
    guard var ledger = keys.take() else { return }
    let isNew = withText { ledger.insert($0, at: textIsDecoded ? nil : textOffset, in: base) }
    keys = ledger
    if !isNew { throw failure(.duplicateKey, at: start) }
  }

  // MARK: Bytes

  /// The byte at `offset`, which the caller has compared with `limit`.
  @inline(__always)
  func byte() -> UInt8 { (base + offset).load(as: UInt8.self) }

  /// The next byte that is not white space, not consumed.
  @inline(__always)
  @_lifetime(self: copy self)
  mutating func nextByte() throws(JSONError) -> UInt8 {
    if offset < limit && byte() > 0x20 { return byte() }
    skipSpace()
    guard offset < limit else { throw failure(.unexpectedEnd) }
    return byte()
  }

  @inline(__always)
  @_lifetime(self: copy self)
  mutating func skipSpace() {
    while offset < limit {
      switch byte() {
      case 0x20, 0x0a, 0x0d, 0x09: offset &+= 1
      default: return
      }
    }
  }

  // MARK: Failing

  /// An error at the next byte, for a decoder that refuses what it read.
  public func failure(_ reason: JSONError.Reason) -> JSONError { failure(reason, at: offset) }

  @inline(never)
  func failure(_ reason: JSONError.Reason, at offset: Int) -> JSONError {
    JSONError(reason, at: position(of: offset))
  }

  private func position(of offset: Int) -> JSONPosition {
    JSONPosition(of: offset, in: UnsafeRawBufferPointer(start: base, count: limit))
  }
}
