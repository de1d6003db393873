// Reading text and byte strings, whole or in chunks.

public import Bytes

extension CBORReader {
  /// Reads text.
  @_lifetime(self: copy self)
  public mutating func readText() throws(CBORError) -> String {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 3 else { throw mismatch(.text, at: start) }
    return try takeText(head, at: start)
  }

  /// Reads text without copying it. Text in chunks is refused with `chunkedString`.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func readTextView() throws(CBORError) -> CBORText {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 3 else { throw mismatch(.text, at: start) }
    if head.isIndefinite { throw .chunkedString(at: start) }
    let count = try takeRun(head, at: start)
    _ = try checkUTF8(from: offset - count, count: count, at: start)
    return _overrideLifetime(CBORText(base: base + (offset - count), count: count, of: self), copying: self)
  }

  /// Reads a byte string: a copy of it, unless the options let it share the message's storage.
  @_lifetime(self: copy self)
  public mutating func readBytes() throws(CBORError) -> ByteBuffer {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 2 else { throw mismatch(.bytes, at: start) }
    return try takeBytes(head, at: start)
  }

  /// Reads a byte string without copying it. A byte string in chunks is refused with `chunkedString`.
  @_lifetime(copy self)
  @_lifetime(self: copy self)
  public mutating func readBytesView() throws(CBORError) -> RawSpan {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 2 else { throw mismatch(.bytes, at: start) }
    if head.isIndefinite { throw .chunkedString(at: start) }
    let count = try takeRun(head, at: start)
    return _overrideLifetime(RawSpan(_unsafeStart: base + (offset - count), byteCount: count), copying: self)
  }

  // MARK: After the head

  /// Reads the content of text whose head was read.
  @inline(__always)
  @_lifetime(self: copy self)
  mutating func takeText(_ head: CBORHead, at start: Int) throws(CBORError) -> String {
    if head.isIndefinite { return try takeTextChunks(at: start) }
    let count = try takeRun(head, at: start)
    let first = offset - count
    let isASCII = try checkUTF8(from: first, count: count, at: start)
    // The bytes were just found to be UTF-8. (`String(validating:as:)` would look up generic metadata for
    // every string, which takes as long as reading it.)
    let run = UnsafeBufferPointer(start: (base + first).assumingMemoryBound(to: UInt8.self), count: count)
    return String(copying: UTF8Span(unchecked: run.span, isKnownASCII: isASCII))
  }

  /// Reads the content of a byte string whose head was read.
  @_lifetime(self: copy self)
  mutating func takeBytes(_ head: CBORHead, at start: Int) throws(CBORError) -> ByteBuffer {
    if head.isIndefinite {
      var joined = ByteBuffer()
      _ = try forEachChunk(of: 2, at: start) { joined.append($0) }
      return joined
    }
    let count = try takeRun(head, at: start)
    if let shared { return shared.slice(from: offset - count, count: count) }
    return ByteBuffer(copying: bytes(from: offset - count, to: offset))
  }

  /// Passes over a string whose head was read, with every check; returns how many bytes it has.
  @_lifetime(self: copy self)
  mutating func passString(_ head: CBORHead, at start: Int) throws(CBORError) -> Int {
    if head.isIndefinite {
      return try forEachChunk(of: head.major, at: start) { _ in }
    }
    let count = try takeRun(head, at: start)
    if head.major == 3 { _ = try checkUTF8(from: offset - count, count: count, at: start) }
    return count
  }

  @_lifetime(self: copy self)
  private mutating func takeTextChunks(at start: Int) throws(CBORError) -> String {
    var joined = ByteBuffer()
    _ = try forEachChunk(of: 3, at: start) { joined.append($0) }
    // Every chunk was found to be UTF-8, so the whole is.
    return joined.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Passes over as many bytes as the head says, and returns how many.
  @inline(__always)
  @_lifetime(self: copy self)
  private mutating func takeRun(_ head: CBORHead, at start: Int) throws(CBORError) -> Int {
    if head.argument > UInt64(options.limits.stringBytesMaximum) {
      throw .stringTooLong(count: head.argument, maximum: options.limits.stringBytesMaximum, at: start)
    }
    guard head.argument <= UInt64(limit &- offset) else { throw .truncated(at: start) }
    let count = Int(truncatingIfNeeded: head.argument)
    offset &+= count
    return count
  }

  /// Hands over the chunks of an indefinite-length string up to its break; returns their bytes in all.
  @_lifetime(self: copy self)
  private mutating func forEachChunk(
    of major: UInt8, at start: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(CBORError) -> Int {
    var total = 0
    while true {
      guard offset < limit else { throw .truncated(at: start) }
      let chunkStart = offset
      if byte(at: chunkStart) == 0xff {
        offset &+= 1
        return total
      }
      if itemsLeft == 0 { throw .tooManyItems(maximum: options.limits.itemsMaximum, at: chunkStart) }
      itemsLeft &-= 1
      let head = try readHead()
      guard head.major == major, !head.isIndefinite else { throw .invalidChunk(at: chunkStart) }
      let count = try takeRun(head, at: chunkStart)
      if major == 3 { _ = try checkUTF8(from: offset - count, count: count, at: chunkStart) }
      total += count
      if total > options.limits.stringBytesMaximum {
        throw .stringTooLong(
          count: UInt64(total), maximum: options.limits.stringBytesMaximum, at: start)
      }
      body(bytes(from: offset - count, to: offset))
    }
  }

  /// Checks that a run of bytes is UTF-8; returns whether it is ASCII.
  private func checkUTF8(from first: Int, count: Int, at start: Int) throws(CBORError) -> Bool {
    var index = first
    let end = first &+ count
    while end &- index >= 8 {
      let word = (base + index).loadUnaligned(as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { break }
      index &+= 8
    }
    while index < end && byte(at: index) < 0x80 { index &+= 1 }
    if index == end { return true }
    let rest = UnsafeBufferPointer(
      start: (base + index).assumingMemoryBound(to: UInt8.self), count: end - index)
    do {
      _ = try UTF8Span(validating: rest.span)
    } catch {
      throw .invalidUTF8(at: start)
    }
    return false
  }
}
