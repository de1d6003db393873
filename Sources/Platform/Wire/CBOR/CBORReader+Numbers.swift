// Reading items that are one number: integers, floats, simple values, and tags.

public import Bytes

extension CBORReader {
  /// Reads an integer that has to fit in `Integer`.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readInteger<Integer: FixedWidthInteger>(
    _ type: Integer.Type = Integer.self
  ) throws(CBORError) -> Integer {
    let start = position
    let (isNegative, argument) = try readIntegerArgument()
    // -1 - argument is ~argument.
    if !isNegative || Integer.isSigned, let magnitude = Integer(exactly: argument) {
      return isNegative ? ~magnitude : magnitude
    }
    throw .outOfRange(at: start)
  }

  /// Reads an integer of the whole range of CBOR: `argument`, or, when negative, -1 - `argument`.
  @_lifetime(self: copy self)
  public mutating func readIntegerArgument() throws(CBORError) -> (isNegative: Bool, argument: UInt64) {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major <= 1 else { throw mismatch(.integer, at: start) }
    return (head.major == 1, head.argument)
  }

  /// Reads true or false.
  @_lifetime(self: copy self)
  public mutating func readBool() throws(CBORError) -> Bool {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 7, head.info == 20 || head.info == 21 else { throw mismatch(.bool, at: start) }
    return head.info == 21
  }

  /// Reads null.
  @_lifetime(self: copy self)
  public mutating func readNull() throws(CBORError) {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 7, head.info == 22 else { throw mismatch(.null, at: start) }
  }

  /// Reads null when it is next; otherwise reads nothing and says so.
  @_lifetime(self: copy self)
  public mutating func readNullIfNext() throws(CBORError) -> Bool {
    guard try nextKind() == .null else { return false }
    try readNull()
    return true
  }

  /// Reads undefined.
  @_lifetime(self: copy self)
  public mutating func readUndefined() throws(CBORError) {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 7, head.info == 23 else { throw mismatch(.undefined, at: start) }
  }

  /// Reads a simple value that has no name of its own.
  @_lifetime(self: copy self)
  public mutating func readSimple() throws(CBORError) -> CBORSimple {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 7, head.info <= 24, let simple = CBORSimple(UInt8(truncatingIfNeeded: head.argument))
    else { throw mismatch(.simple, at: start) }
    return simple
  }

  /// Reads a float of any width.
  @_lifetime(self: copy self)
  public mutating func readDouble() throws(CBORError) -> Double {
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 7, (25...27).contains(head.info) else { throw mismatch(.float, at: start) }
    return Self.double(head)
  }

  /// Reads a float of any width whose value single precision holds exactly.
  @_lifetime(self: copy self)
  public mutating func readFloat() throws(CBORError) -> Float {
    let start = offset
    guard let bits = CBORFloat.single(try readDouble()) else { throw .outOfRange(at: start) }
    return Float(bitPattern: bits)
  }

  /// Reads a tag; the item it applies to is next.
  @_lifetime(self: copy self)
  public mutating func readTag() throws(CBORError) -> UInt64 {
    let tagsBefore = pendingTags
    try startItem()
    let start = offset
    let head = try readHead()
    guard head.major == 6 else { throw mismatch(.tag, at: start) }
    try openTag(head, after: tagsBefore, at: start)
    return head.argument
  }

  /// Takes a tag into account, with the tags that were pending before it.
  @_lifetime(self: copy self)
  mutating func openTag(_ head: CBORHead, after tagsBefore: Int, at start: Int) throws(CBORError) {
    if case .only(let accepted) = options.tags, !accepted.contains(head.argument) {
      throw .tagRefused(head.argument, at: start)
    }
    depth &+= tagsBefore &+ 1
    pendingTags = tagsBefore &+ 1
    if depth > options.limits.depthMaximum {
      throw .depthExceeded(maximum: options.limits.depthMaximum, at: start)
    }
    if head.argument == 2 || head.argument == 3 { try checkBignumForm() }
  }

  /// A bignum's preferred form has no leading zero, and is an integer item whenever that can hold it.
  @_lifetime(self: copy self)
  private mutating func checkBignumForm() throws(CBORError) {
    guard options.requiresPreferredSerialization, offset < limit, byte(at: offset) >> 5 == 2 else { return }
    let start = offset
    let head = try readHead()
    if head.argument <= 8 || offset < limit && byte(at: offset) == 0 { throw .notPreferred(at: start) }
    offset = start
  }

  /// Reads a bignum (tag 2 or 3) as its bytes: the big-endian magnitude n of n, or, when negative, of -1 - n.
  @_lifetime(self: copy self)
  public mutating func readBignum() throws(CBORError) -> (isNegative: Bool, magnitude: ByteBuffer) {
    let start = offset
    guard try nextKind() == .tag else { throw mismatch(.bignum, at: start) }
    let tag = try readTag()
    guard tag == 2 || tag == 3 else { throw mismatch(.bignum, at: start) }
    return (tag == 3, try readBytes())
  }
}
