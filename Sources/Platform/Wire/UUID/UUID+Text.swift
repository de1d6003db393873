// UUIDs as text: written in lower case with hyphens, read strictly in one of two forms.

public import Bytes

extension UUID {
  /// How a UUID is written.
  public enum Form: Equatable, Sendable {
    /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`: 36 characters.
    case hyphenated
    /// 32 hexadecimal digits and nothing else.
    case compact
  }

  /// The UUID that `text` stands for. Letters of either case are taken; braces, `urn:uuid:` and white space
  /// are not.
  public init(parsing text: RawSpan, form: Form = .hyphenated) throws(TextError) {
    let outcome = text.withUnsafeBytes { text in
      Result { () throws(TextError) in try Self.parse(text, hyphens: form == .hyphenated) }
    }
    self = try outcome.get()
  }

  /// The UUID that `text` stands for.
  public init(parsing text: String, form: Form = .hyphenated) throws(TextError) {
    var native = text
    let outcome = native.withUTF8 { bytes in
      Result { () throws(TextError) in
        try Self.parse(UnsafeRawBufferPointer(bytes), hyphens: form == .hyphenated)
      }
    }
    self = try outcome.get()
  }

  private static func parse(_ text: UnsafeRawBufferPointer, hyphens: Bool) throws(TextError) -> UUID {
    let expected = hyphens ? 36 : 32
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<Swift.min(text.count, expected) {
      let character = text[index]
      if hyphens && isHyphen(at: index) {
        if character != UInt8(ascii: "-") { throw .invalidCharacter(position: index) }
        continue
      }
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
      default: throw .invalidCharacter(position: index)
      }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(digit)
    }
    if text.count != expected { throw .invalidLength(position: Swift.min(text.count, expected)) }
    return UUID(high: high, low: low)
  }

  private static func isHyphen(at index: Int) -> Bool {
    index == 8 || index == 13 || index == 18 || index == 23
  }

  /// Appends the text.
  public func appendText(to buffer: inout ByteBuffer, form: Form = .hyphenated) {
    buffer.withWritableBytes(minimum: 36) { room in
      guard let target = room.baseAddress else { return 0 }
      return write(to: target, hyphens: form == .hyphenated)
    }
  }

  /// The text, in lower case.
  public func text(form: Form = .hyphenated) -> String {
    String(unsafeUninitializedCapacity: 36) { room in
      guard let target = room.baseAddress else { return 0 }
      return write(to: UnsafeMutableRawPointer(target), hyphens: form == .hyphenated)
    }
  }

  /// Writes at most 36 bytes and returns how many.
  private func write(to target: UnsafeMutableRawPointer, hyphens: Bool) -> Int {
    let digits = ("0123456789abcdef" as StaticString).utf8Start
    var index = 0
    for shift in stride(from: 124, through: 0, by: -4) {
      if hyphens && Self.isHyphen(at: index) {
        target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: index, as: UInt8.self)
        index += 1
      }
      let word = shift >= 64 ? high : low
      let digit = digits[Int(word >> UInt64(shift & 63) & 15)]
      target.storeBytes(of: digit, toByteOffset: index, as: UInt8.self)
      index += 1
    }
    return index
  }
}

extension UUID: LosslessStringConvertible {
  /// The UUID in the hyphenated form; nil when it is not that.
  public init?(_ description: String) {
    do {
      try self.init(parsing: description)
    } catch {
      return nil  // what was wrong is for those who call `init(parsing:)`
    }
  }

  /// The hyphenated form in lower case.
  public var description: String { text() }
}
