// The two text formats a scraper may ask for, and how its Accept header chooses between them.

/// A text format of metrics.
public enum ExpositionFormat: Hashable, Sendable {
  /// The Prometheus text format, version 0.0.4.
  case prometheus
  /// OpenMetrics 1.0.
  case openMetrics

  /// The value of the Content-Type header.
  public var contentType: String {
    switch self {
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// Bytes of an Accept header that are looked at; a longer one gets the Prometheus format.
  public static let acceptBytesMaximum = 4096

  /// The format a scraper prefers by its Accept header.
  ///
  /// OpenMetrics is chosen only when it is named, in version 1.0.0 or none, with a quality not below what
  /// the header grants to text/plain. Anything else, a malformed header included, gets the Prometheus
  /// format, which every scraper reads.
  public init(accept: String) {
    self = .prometheus
    guard accept.utf8.count <= Self.acceptBytesMaximum else { return }
    var openMetrics = 0
    var plain = 0
    for range in accept.utf8.split(separator: UInt8(ascii: ",")) {
      let parts = range.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        .map { Self.trimmed(String(decoding: $0, as: UTF8.self).lowercased()) }
      guard let type = parts.first, let quality = Self.quality(parts.dropFirst()) else { continue }
      switch type {
      case "application/openmetrics-text":
        let version = Self.parameter("version", parts.dropFirst())
        if version == nil || version == "1.0.0" { openMetrics = max(openMetrics, quality) }
      case "text/plain":
        plain = max(plain, quality)
      default:
        continue
      }
    }
    if openMetrics > 0 && openMetrics >= plain { self = .openMetrics }
  }

  private static func parameter(_ name: String, _ parts: ArraySlice<String>) -> String? {
    for part in parts {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, trimmed(String(pair[0])) == name else { continue }
      let value = trimmed(String(pair[1]))
      return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count >= 2
        ? String(value.dropFirst().dropLast()) : value
    }
    return nil
  }

  /// The q parameter in thousandths, 1000 when absent, nil when malformed.
  private static func quality(_ parts: ArraySlice<String>) -> Int? {
    guard let text = parameter("q", parts) else { return 1000 }
    let digits = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard digits[0] == "0" || digits[0] == "1" else { return nil }
    var thousandths = digits[0] == "1" ? 1000 : 0
    if digits.count == 2 {
      guard digits[1].utf8.count <= 3, digits[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      var place = 100
      for digit in digits[1].utf8 {
        thousandths += Int(digit - 0x30) * place
        place /= 10
      }
    }
    return thousandths <= 1000 ? thousandths : nil
  }

  private static func trimmed(_ text: String) -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
