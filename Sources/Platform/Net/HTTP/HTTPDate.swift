// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).

public import Bytes

/// Writing dates.
public enum HTTPDate {
  /// How long a date is.
  public static let bytes = 29

  /// Appends the moment `seconds` after 1970.
  public static func append(seconds: Int64, to buffer: inout ByteBuffer) {
    // Years outside four digits have no form; a clock that is so far off is wrong anyway.
    let seconds = min(max(seconds, -62_135_596_800), 253_402_300_799)
    let days = Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400)
    let second = Int(seconds - Int64(days) * 86_400)
    let (year, month, day) = civil(days: days)
    let weekday = ((days + 4) % 7 + 7) % 7
    _ = buffer.withWritableBytes(minimum: bytes) { room in
      func put(_ text: StaticString, _ part: Int, at offset: Int) {
        for index in 0..<3 { room[offset + index] = text.utf8Start[part * 3 + index] }
      }
      func put(_ value: Int, at offset: Int, then mark: UInt8) {
        room[offset] = 0x30 + UInt8(truncatingIfNeeded: value / 10)
        room[offset + 1] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
        room[offset + 2] = mark
      }
      put("SunMonTueWedThuFriSat", weekday, at: 0)
      room[3] = UInt8(ascii: ",")
      room[4] = UInt8(ascii: " ")
      put(day, at: 5, then: UInt8(ascii: " "))
      put("JanFebMarAprMayJunJulAugSepOctNovDec", month - 1, at: 8)
      room[11] = UInt8(ascii: " ")
      put(year / 100, at: 12, then: 0)
      put(year % 100, at: 14, then: UInt8(ascii: " "))
      put(second / 3600, at: 17, then: UInt8(ascii: ":"))
      put(second / 60 % 60, at: 20, then: UInt8(ascii: ":"))
      put(second % 60, at: 23, then: UInt8(ascii: " "))
      put("GMT", 0, at: 26)
      return bytes
    }
  }

  /// The Gregorian date `days` after 1970-01-01. Years are counted from March, so that the leap day ends one,
  /// in eras of 400 years, whose length is constant.
  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let sinceEra = days + 719_468
    let era = (sinceEra >= 0 ? sinceEra : sinceEra - 146_096) / 146_097
    let dayOfEra = sinceEra - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
