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

extension Timestamp {
  /// Reads RFC 3339: `2026-03-01T12:34:56Z`, with any fraction and offset: `2026-03-01T13:34:56.5+01:00`. nil for
  /// anything else, and for moments that 64 bits of nanoseconds do not reach (1677 to 2262).
  public init?(rfc3339 text: String) {
    var rest = Substring(text).utf8
    guard let year = Self.digits(4, &rest), Self.skip("-", &rest), let month = Self.digits(2, &rest),
      Self.skip("-", &rest), let day = Self.digits(2, &rest), Self.skip("T", &rest),
      let hour = Self.digits(2, &rest), Self.skip(":", &rest), let minute = Self.digits(2, &rest),
      Self.skip(":", &rest), let second = Self.digits(2, &rest),
      let fraction = Self.fraction(&rest), let offset = Self.offset(&rest), rest.isEmpty,
      (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    // A day that the month has not comes back as another one.
    guard Self.civil(days: days) == (year, month, day) else { return nil }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    let (scaled, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (total, isTooLate) = scaled.addingReportingOverflow(fraction)
    if isTooFar || isTooLate { return nil }
    self.init(nanoseconds: total)
  }

  /// The days from 1970-01-01 to a Gregorian date: the inverse of `civil(days:)`.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func skip(_ mark: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest.removeFirst()
    return true
  }

  private static func digits(_ count: Int, _ rest: inout Substring.UTF8View) -> Int64? {
    let digits = rest.prefix(count)
    let isNumber = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard digits.count == count, isNumber else { return nil }
    rest.removeFirst(count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Nanoseconds: a point and one to nine digits; zero without a point.
  private static func fraction(_ rest: inout Substring.UTF8View) -> Int64? {
    guard skip(".", &rest) else { return 0 }
    var (value, scale): (Int64, Int64) = (0, 1_000_000_000)
    while scale > 1, let digit = digits(1, &rest) {
      scale /= 10
      value += digit * scale
    }
    return scale < 1_000_000_000 ? value : nil
  }

  /// Seconds east of Greenwich: `Z`, or a sign, hours and minutes.
  private static func offset(_ rest: inout Substring.UTF8View) -> Int64? {
    if skip("Z", &rest) { return 0 }
    let isWest = skip("-", &rest)
    guard isWest || skip("+", &rest), let hours = digits(2, &rest), hours < 24, skip(":", &rest),
      let minutes = digits(2, &rest), minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
