// Timestamp: RFC 3339 in UTC, "1972-01-01T10:00:20.021Z". Any offset is read.

extension Google_Protobuf_Timestamp: WellKnownJSON {
  /// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
  private static var secondsRange: ClosedRange<Int64> { -62_135_596_800...253_402_300_799 }

  /// Reads a date and time with an offset.
  public mutating func decodeJSON(from decoder: inout ProtobufJSONDecoder) throws(ProtobufJSONError) {
    _ = try decoder.peek()
    let start = decoder.reader.offset
    var text = DigitScanner(try decoder.readString())
    guard let (seconds, nanos) = Self.parse(&text), Self.secondsRange.contains(seconds) else {
      throw decoder.invalid(Self.protoMessageName, at: start)
    }
    self.seconds = seconds
    self.nanos = nanos
  }

  private static func parse(_ text: inout DigitScanner) -> (seconds: Int64, nanos: Int32)? {
    guard let year = text.number(digits: 4...4), text.skip(UInt8(ascii: "-")),
      let month = text.number(digits: 2...2), text.skip(UInt8(ascii: "-")),
      let day = text.number(digits: 2...2), text.skip(UInt8(ascii: "T")),
      let hour = text.number(digits: 2...2), text.skip(UInt8(ascii: ":")),
      let minute = text.number(digits: 2...2), text.skip(UInt8(ascii: ":")),
      let second = text.number(digits: 2...2), let nanos = text.fraction(),
      let offset = offset(&text), text.isAtEnd,
      (1...12).contains(month), day >= 1, day <= days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let midnight = daysSinceEpoch(year: year, month: month, day: day) * 86_400
    return (midnight + hour * 3600 + minute * 60 + second - offset, nanos)
  }

  /// Seconds east of Greenwich: `Z`, or a sign, hours and minutes.
  private static func offset(_ text: inout DigitScanner) -> Int64? {
    if text.skip(UInt8(ascii: "Z")) { return 0 }
    let isWest = text.skip(UInt8(ascii: "-"))
    guard isWest || text.skip(UInt8(ascii: "+")), let hours = text.number(digits: 2...2), hours < 24,
      text.skip(UInt8(ascii: ":")), let minutes = text.number(digits: 2...2), minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  /// Writes no, three, six or nine decimals, in UTC.
  public func encodeJSON(into encoder: inout ProtobufJSONEncoder) throws(ProtobufJSONError) {
    guard (0...999_999_999).contains(nanos), Self.secondsRange.contains(seconds) else {
      throw .notRepresentable(type: Self.protoMessageName, reason: "outside the years 1 to 9999")
    }
    // Floor, not truncation: seconds before 1970 belong to the day that began before them.
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let time = seconds - day * 86_400
    let date = Self.date(daysSinceEpoch: day)
    func two(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
    let year = String(date.year)
    var text =
      String(repeating: "0", count: 4 - year.count) + year + "-" + two(date.month) + "-" + two(date.day)
    text += "T" + two(time / 3600) + ":" + two(time / 60 % 60) + ":" + two(time % 60)
    encoder.writer.string(text + DigitScanner.fraction(UInt32(nanos)) + "Z")
  }

  // MARK: Calendar. Years begin in March: the leap day is the last of its year, and months need no table.

  private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    let next = month == 12 ? (year + 1, 1) : (year, month + 1)
    return daysSinceEpoch(year: next.0, month: next.1, day: 1)
      - daysSinceEpoch(year: year, month: month, day: 1)
  }
}
