// Which part of a representation a Range field asks for (RFC 9110 section 14). What costs more to answer than the
// whole is answered with the whole: so no request makes a server send more than it asked to be spared.

/// What a Range field selects of a representation whose length is known.
public enum ByteRangeSelection: Hashable, Sendable {
  /// More parts than this are answered with the whole.
  public static let partsMaximum = 16

  /// Everything: there is no Range field, it counts in something else than bytes, or its parts are too many, or
  /// together longer than the whole, as parts that overlap can be.
  case whole
  /// One part, to be answered with 206 and Content-Range.
  case part(Range<Int64>)
  /// Several parts in the order asked for, to be answered with 206 and multipart/byteranges.
  case parts([Range<Int64>])
  /// Nothing that is there, or nothing that makes sense: to be answered with 416.
  case unsatisfiable

  /// What `field` selects.
  ///
  /// - Parameters:
  ///   - field: the value of Range; nil without one.
  ///   - length: how many bytes the representation has.
  ///   - partsMaximum: more parts than this are answered with the whole.
  public init(_ field: String?, length: Int64, partsMaximum: Int = partsMaximum) {
    precondition(length >= 0, "a length is not negative")
    guard let field else {
      self = .whole
      return
    }
    var scanner = FieldScanner(field)
    guard let unit = scanner.token(), scanner.take("="), unit.lowercasedASCII == "bytes" else {
      self = .whole
      return
    }
    var (parts, total, isEmptySuffix, members) = ([Range<Int64>](), Int64(0), false, 0)
    repeat {
      scanner.skipBlanks()
      if scanner.isAtEnd || scanner.next == UInt8(ascii: ",") { continue }
      guard let asked = Self.spec(&scanner) else {
        self = .unsatisfiable
        return
      }
      members += 1
      // An empty representation has an end, but no byte to be sent as a part.
      if case .last(let count) = asked, count > 0, length == 0 { isEmptySuffix = true }
      guard let part = asked.range(within: length) else { continue }
      parts.append(part)
      let size = part.upperBound - part.lowerBound
      // Not a sum compared with the length: two parts of the longest representation overflow it.
      if parts.count > partsMaximum || size > length - total {
        self = .whole
        return
      }
      total += size
    } while scanner.take(",")
    self =
      if !scanner.isAtEnd || members == 0 {
        .unsatisfiable
      } else if parts.isEmpty {
        isEmptySuffix ? .whole : .unsatisfiable
      } else if parts.count == 1 {
        .part(parts[0])
      } else {
        .parts(parts)
      }
  }

  /// What one member of the list asks for.
  private enum Spec {
    case from(Int64, through: Int64)
    case last(Int64)

    /// The bytes it means of `length`; nil when there is none.
    func range(within length: Int64) -> Range<Int64>? {
      switch self {
      case .from(let first, let last):
        first < length ? first..<(last < length ? last + 1 : length) : nil
      case .last(let count):
        count > 0 && length > 0 ? max(0, length - count)..<length : nil
      }
    }
  }

  private static func spec(_ scanner: inout FieldScanner) -> Spec? {
    var spec: Spec?
    if scanner.take("-") {
      spec = scanner.number().map { .last($0) }
    } else if let first = scanner.number(), scanner.take("-") {
      let last = scanner.number() ?? .max
      spec = first <= last ? .from(first, through: last) : nil
    }
    scanner.skipBlanks()
    return spec
  }
}

/// Content-Range fields.
public enum ContentRange {
  /// What a part is: `bytes 0-4/10`.
  public static func part(_ range: Range<Int64>, of length: Int64) -> String {
    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
  }

  /// How long the whole is that nothing was selected of: `bytes */10`.
  public static func unsatisfied(length: Int64) -> String { "bytes */\(length)" }
}
