// Scalars: the fixed words, strings (UTF-8 and escapes checked byte for byte) and numbers.

public import Bytes

extension JSONReader {
  // MARK: Fixed words

  /// Reads `null`.
  @_lifetime(self: copy self)
  public mutating func readNull() throws(JSONError) {
    try expect(.null)
    try takeValue()
    try readWord("null")
  }

  /// Reads `null` and says true, or leaves any other value alone and says false.
  @_lifetime(self: copy self)
  public mutating func readNullIfPresent() throws(JSONError) -> Bool {
    guard try peek() == .null else { return false }
    try readNull()
    return true
  }

  /// Reads `true` or `false`.
  @_lifetime(self: copy self)
  public mutating func readBool() throws(JSONError) -> Bool {
    try expect(.bool)
    try takeValue()
    if byte() == UInt8(ascii: "t") {
      try readWord("true")
      return true
    }
    try readWord("false")
    return false
  }

  @_lifetime(self: copy self)
  private mutating func readWord(_ word: StaticString) throws(JSONError) {
    let letters = word.utf8Start
    for index in 0..<word.utf8CodeUnitCount {
      guard offset < limit else { throw failure(.unexpectedEnd) }
      guard byte() == letters[index] else { throw failure(.expectedValue) }
      offset &+= 1
    }
  }

  // MARK: The current text

  /// The last key, string or number read. Good until the next one is read.
  public var text: String {
    withText { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the last key, string or number read is this.
  @inlinable
  public func textEquals(_ literal: StaticString) -> Bool {
    textCount == literal.utf8CodeUnitCount && textMatches(literal)
  }

  /// Compares texts of equal length.
  @usableFromInline
  func textMatches(_ literal: StaticString) -> Bool {
    withText { bytes in
      let expected = literal.utf8Start
      var index = 0
      while index < bytes.count {
        if bytes[index] != expected[index] { return false }
        index &+= 1
      }
      return true
    }
  }

  /// Calls `body` with the UTF-8 of the last key, string or number read: valid UTF-8, escapes decoded. The
  /// pointer is good only inside the call.
  @inline(__always)
  public func withText<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if textIsDecoded {
      return try scratch.withReadableBytes { (bytes) throws(Failure) in try body(bytes) }
    }
    return try body(UnsafeRawBufferPointer(start: base + textOffset, count: textCount))
  }

  // MARK: Strings

  /// Reads a string.
  @_lifetime(self: copy self)
  public mutating func readString() throws(JSONError) -> String {
    try readText()
    return text
  }

  /// Reads a string without making a `String` of it: it is then the current text.
  @_lifetime(self: copy self)
  public mutating func readText() throws(JSONError) {
    try expect(.string)
    try takeValue()
    try scanString(keeping: true)
  }

  /// Reads a string and appends its UTF-8 to `buffer`.
  @_lifetime(self: copy self)
  public mutating func readString(into buffer: inout ByteBuffer) throws(JSONError) {
    try readText()
    withText { buffer.append($0) }
  }

  /// Reads the string whose opening quote is next. When `keeping`, it becomes the current text.
  @_lifetime(self: copy self)
  mutating func scanString(keeping: Bool) throws(JSONError) {
    let start = offset &+ 1
    offset = JSONScan.endOfPlain(base, from: start, limit: limit)
    textIsDecoded = false
    if offset == limit || byte() != UInt8(ascii: "\"") { try scanRest(of: start, keeping: keeping) }
    let length = offset &- start
    if length > limits.stringBytesMaximum { throw failure(.stringTooLong, at: start &- 1) }
    textOffset = start
    textCount = textIsDecoded ? scratch.count : length
    offset &+= 1
  }

  /// Goes on to the closing quote of a string that has more than plain ASCII in it.
  @_lifetime(self: copy self)
  private mutating func scanRest(of start: Int, keeping: Bool) throws(JSONError) {
    var copied = start  // where what is not yet in `scratch` begins
    while true {
      guard offset < limit else { throw failure(.unexpectedEnd) }
      let next = byte()
      if next >= 0x80 {
        let length = JSONScan.lengthOfMultibyte(base, at: offset, limit: limit)
        if length == 0 { throw failure(.invalidUTF8) }
        offset &+= length
        if offset < limit && byte() >= 0x80 { continue }
      } else if next == UInt8(ascii: "\\") {
        if keeping {
          if !textIsDecoded {
            textIsDecoded = true
            scratch.clear()
          }
          scratch.append(UnsafeRawBufferPointer(start: base + copied, count: offset - copied))
        }
        let scalar = try scanEscape()
        if keeping {
          append(scalar)
          copied = offset
        }
      } else if next == UInt8(ascii: "\"") {
        if textIsDecoded {
          scratch.append(UnsafeRawBufferPointer(start: base + copied, count: offset - copied))
        }
        return
      } else {
        throw failure(.controlCharacter)
      }
      offset = JSONScan.endOfPlain(base, from: offset, limit: limit)
    }
  }

  /// Reads the escape whose backslash is next.
  @_lifetime(self: copy self)
  private mutating func scanEscape() throws(JSONError) -> UInt32 {
    let start = offset
    offset &+= 1
    guard offset < limit else { throw failure(.unexpectedEnd) }
    let letter = byte()
    offset &+= 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(letter)
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0c
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"): break
    default: throw failure(.badEscape, at: start)
    }
    let unit = try scanHex(of: start)
    guard unit & 0xf800 == 0xd800 else { return unit }
    // The first half of a pair must come first, and the other half at once.
    guard unit < 0xdc00 else { throw failure(.loneSurrogate, at: start) }
    guard limit - offset >= 2 else { throw failure(.unexpectedEnd, at: limit) }
    guard byte() == UInt8(ascii: "\\"), (base + offset + 1).load(as: UInt8.self) == UInt8(ascii: "u") else {
      throw failure(.loneSurrogate, at: start)
    }
    offset &+= 2
    let second = try scanHex(of: offset - 2)
    guard second & 0xfc00 == 0xdc00 else { throw failure(.loneSurrogate, at: start) }
    return 0x10000 + (unit & 0x3ff) << 10 + second & 0x3ff
  }

  @_lifetime(self: copy self)
  private mutating func scanHex(of start: Int) throws(JSONError) -> UInt32 {
    guard limit - offset >= 4 else { throw failure(.unexpectedEnd, at: limit) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch byte() {
      case let letter where letter &- UInt8(ascii: "0") < 10: digit = letter - UInt8(ascii: "0")
      case let letter where (letter | 0x20) &- UInt8(ascii: "a") < 6:
        digit = (letter | 0x20) - UInt8(ascii: "a") + 10
      default: throw failure(.badEscape, at: start)
      }
      value = value << 4 | UInt32(digit)
      offset &+= 1
    }
    return value
  }

  /// Appends the UTF-8 of a scalar value to `scratch`.
  @_lifetime(self: copy self)
  private mutating func append(_ scalar: UInt32) {
    func last(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift) & 0x3f | 0x80 }
    switch scalar {
    case ..<0x80:
      scratch.append(UInt8(scalar))
    case ..<0x800:
      scratch.append(0xc0 | UInt8(scalar >> 6))
      scratch.append(last(0))
    case ..<0x10000:
      scratch.append(0xe0 | UInt8(scalar >> 12))
      scratch.append(last(6))
      scratch.append(last(0))
    default:
      scratch.append(0xf0 | UInt8(scalar >> 18))
      scratch.append(last(12))
      scratch.append(last(6))
      scratch.append(last(0))
    }
  }

  // MARK: Numbers

  /// Reads a number as digits and power of ten; its text is then the current text.
  @_lifetime(self: copy self)
  public mutating func readDecimal() throws(JSONError) -> JSONDecimal {
    try expect(.number)
    try takeValue()
    var decimal = JSONDecimal()
    let end = decimal.scan(base, from: offset, limit: limit)
    if end < 0 {
      let wrong = -(end + 1)
      throw failure(wrong == limit ? .unexpectedEnd : .badNumber, at: wrong)
    }
    if end - offset > limits.numberBytesMaximum { throw failure(.numberTooLong) }
    (textOffset, textCount, textIsDecoded) = (offset, end - offset, false)
    offset = end
    return decimal
  }

  /// Reads a number that must be written as an integer and fit the type.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func readInteger<Integer: FixedWidthInteger>(
    _ type: Integer.Type = Integer.self
  ) throws(JSONError) -> Integer {
    let (magnitude, isNegative) = try readMagnitude()
    if !isNegative {
      if let value = Integer(exactly: magnitude) { return value }
    } else if magnitude <= Int64.min.magnitude {
      if let value = Integer(exactly: Int64(truncatingIfNeeded: 0 &- magnitude)) { return value }
    }
    throw outOfRange()
  }

  /// Reads a number that must be written as an integer of at most 64 bits and a sign.
  @usableFromInline
  @_lifetime(self: copy self)
  mutating func readMagnitude() throws(JSONError) -> (magnitude: UInt64, isNegative: Bool) {
    let decimal = try readDecimal()
    guard decimal.isIntegerLiteral else { throw failure(.notAnInteger, at: textOffset) }
    guard decimal.exponent == 0, decimal.isExact else { throw outOfRange() }
    return (decimal.digits, decimal.isNegative)
  }

  @usableFromInline
  func outOfRange() -> JSONError { failure(.numberOutOfRange, at: textOffset) }

  /// Reads a number as the nearest double. One too large for any is refused; one too small is zero.
  @_lifetime(self: copy self)
  public mutating func readDouble() throws(JSONError) -> Double {
    let decimal = try readDecimal()
    if let value = decimal.fastDouble { return value }
    guard let value = Double(text), value.isFinite else { throw outOfRange() }
    return value
  }

  /// Reads a number, exact.
  @_lifetime(self: copy self)
  public mutating func readNumber() throws(JSONError) -> JSONNumber {
    _ = try readDecimal()
    return JSONNumber(validated: text)
  }
}
