// A moment as people and log collectors read it.

public import Bytes

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with microseconds: `2026-03-01T12:34:56.123456Z`.
  public var description: String {
    var text = ByteBuffer(capacity: Self.rfc3339Bytes)
    append(to: &text)
    return text.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }

  private static var rfc3339Bytes: Int { 27 }

  /// Appends the moment as RFC 3339 in UTC with microseconds.
  public func append(to buffer: inout ByteBuffer) {
    let microseconds = Self.floorDivide(nanoseconds, 1000)
    let seconds = Self.floorDivide(microseconds, 1_000_000)
    let days = Self.floorDivide(seconds, 86_400)
    let second = seconds - days * 86_400
    let (year, month, day) = Self.civil(days: days)
    _ = buffer.withWritableBytes(minimum: Self.rfc3339Bytes) { room in
      func put(_ value: Int64, _ digits: Int, at offset: Int, then mark: UInt8) {
        var rest = value
        for index in (0..<digits).reversed() {
          room[offset + index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
          rest /= 10
        }
        room[offset + digits] = mark
      }
      // 64 bits of nanoseconds reach from 1677 to 2262, so the year has four digits.
      put(year, 4, at: 0, then: UInt8(ascii: "-"))
      put(month, 2, at: 5, then: UInt8(ascii: "-"))
      put(day, 2, at: 8, then: UInt8(ascii: "T"))
      put(second / 3600, 2, at: 11, then: UInt8(ascii: ":"))
      put(second / 60 % 60, 2, at: 14, then: UInt8(ascii: ":"))
      put(second % 60, 2, at: 17, then: UInt8(ascii: "."))
      put(microseconds - seconds * 1_000_000, 6, at: 20, then: UInt8(ascii: "Z"))
      return Self.rfc3339Bytes
    }
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
  }

  /// The Gregorian date `days` after 1970-01-01. Years are counted from March, so that the leap day ends one,
  /// in eras of 400 years, whose length is constant.
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let sinceEra = days + 719_468
    let era = floorDivide(sinceEra, 146_097)
    let dayOfEra = sinceEra - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
