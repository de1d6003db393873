// The notations of booleans, numbers, sizes and durations: what is unquoted or measured.

extension ValueNotation where Value == Bool {
  /// `true` or `false`. `yes` and `on` are refused by name, because other programs take them.
  public static var bool: ValueNotation {
    ValueNotation(
      name: "boolean", accepted: "true or false", placeholder: "BOOL", choices: ["true", "false"],
      role: .bare,
      read: { text throws(NotationError) in
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: break
        }
        switch text.lowercased() {
        case "yes", "on", "y", "1": throw .malformed("is not a boolean: write true")
        case "no", "off", "n", "0": throw .malformed("is not a boolean: write false")
        default: throw .malformed("is not a boolean")
        }
      },
      write: { $0 ? "true" : "false" })
  }
}

extension ValueNotation where Value: FixedWidthInteger {
  /// An integer in `range`: decimal, `0x` hexadecimal or `0o` octal.
  public static func integer(_ range: ClosedRange<Value>) -> ValueNotation {
    ValueNotation(
      name: "integer", accepted: "an integer from \(range.lowerBound) to \(range.upperBound)",
      placeholder: "N",
      role: .bare,
      read: { text throws(NotationError) in
        let value = try integer(of: text)
        guard range.contains(value) else { throw .outOfRange }
        return value
      },
      write: { String($0) })
  }

  private static func integer(of text: String) throws(NotationError) -> Value {
    var digits = text[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
    var radix = 10
    if digits.hasPrefix("0x") || digits.hasPrefix("0o") {
      radix = digits.hasPrefix("0x") ? 16 : 8
      digits = digits.dropFirst(2)
    } else if digits.hasPrefix("0"), digits.utf8.count > 1, digits.utf8.allSatisfy(Decimal.isDigit) {
      throw .malformed("starts with a zero: write the number without it, or 0o for octal")
    }
    let isDigit: (UInt8) -> Bool = { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "7"): true
      case UInt8(ascii: "8"), UInt8(ascii: "9"): radix >= 10
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
      default: false
      }
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { throw .malformed("is not an integer") }
    guard let value = Value((isNegative ? "-" : "") + digits, radix: radix) else { throw .outOfRange }
    return value
  }
}

extension ValueNotation where Value == Double {
  /// A number in `range`: decimal digits with an optional point and exponent.
  public static func number(_ range: ClosedRange<Double>) -> ValueNotation {
    ValueNotation(
      name: "number", accepted: "a number from \(range.lowerBound) to \(range.upperBound)", placeholder: "X",
      role: .bare,
      read: { text throws(NotationError) in
        let isPlain = text.utf8.allSatisfy { Decimal.isDigit($0) || "+-.eE".utf8.contains($0) }
        guard isPlain, let value = Double(text), value.isFinite else { throw .malformed("is not a number") }
        guard range.contains(value) else { throw .outOfRange }
        return value
      },
      write: { $0.description })
  }
}

extension ValueNotation where Value == ByteSize {
  /// A number of bytes in `range`: `64 MiB`, `1.5 GB`, `512`.
  public static func byteSize(_ range: ClosedRange<ByteSize>) -> ValueNotation {
    ValueNotation(
      name: "size", accepted: "a size from \(range.lowerBound) to \(range.upperBound), such as 64 MiB",
      placeholder: "SIZE",
      read: { text throws(NotationError) in
        let size = try ByteSize(parsing: text)
        guard range.contains(size) else { throw .outOfRange }
        return size
      },
      write: { $0.description })
  }
}

extension ValueNotation where Value == Duration {
  /// A duration in `range`: `250ms`, `5m`, `1h30m`.
  public static func duration(_ range: ClosedRange<Duration>) -> ValueNotation {
    let (least, most) = (DurationNotation.write(range.lowerBound), DurationNotation.write(range.upperBound))
    return ValueNotation(
      name: "duration", accepted: "a duration from \(least) to \(most), such as 250ms or 5m",
      placeholder: "DURATION",
      read: { text throws(NotationError) in
        let duration = try DurationNotation.read(text)
        guard range.contains(duration) else { throw .outOfRange }
        return duration
      },
      write: DurationNotation.write)
  }
}
