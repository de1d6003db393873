// Duration: seconds with up to nine decimals and an "s".

extension Google_Protobuf_Duration: WellKnownJSON {
  /// About ten thousand years: what a duration may have at most, either way.
  private static var secondsMaximum: Int64 { 315_576_000_000 }

  /// Reads `"1.5s"`.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    _ = try decoder.peek()
    let start = decoder.reader.offset
    var text = DigitScanner(try decoder.readString())
    let isNegative = text.skip(UInt8(ascii: "-"))
    guard let whole = text.number(digits: 1...12), let part = text.fraction(),
      text.skip(UInt8(ascii: "s")), text.isAtEnd,
      whole < Self.secondsMaximum || whole == Self.secondsMaximum && part == 0
    else { throw decoder.invalid(Self.protoMessageName, at: start) }
    seconds = isNegative ? -whole : whole
    nanos = isNegative ? -part : part
  }

  /// Writes no, three, six or nine decimals.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    guard nanos.magnitude <= 999_999_999, seconds.magnitude <= Self.secondsMaximum.magnitude,
      seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    else { throw .notRepresentable(type: Self.protoMessageName, reason: "out of range, or of two signs") }
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    encoder.writer.string(sign + String(seconds.magnitude) + DigitScanner.fraction(nanos.magnitude) + "s")
  }
}
