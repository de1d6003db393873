// Reading dates in the three forms that RFC 9110 section 5.6.7 knows.

import Bytes

extension HTTPDate {
  /// The moment that `text` names, in seconds after 1970; nil when it is no date.
  ///
  /// - Parameters:
  ///   - text: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
  ///   - now: seconds after 1970: a year of two digits is the last such year that is not more than 50 years ahead.
  public static func parse(_ text: String, now: Int64) -> Int64? {
    var scanner = FieldScanner(text)
    guard let name = scanner.take(while: isLetter) else { return nil }
    let date: Int64?
    if longWeekdays.contains(name) {
      date = obsoleteDate(&scanner, now)
    } else if weekdays.contains(name) {
      date = scanner.next == UInt8(ascii: ",") ? fixedDate(&scanner) : asctimeDate(&scanner)
    } else {
      return nil
    }
    return scanner.isAtEnd ? date : nil
  }

  /// The date as text.
  public static func text(seconds: Int64) -> String {
    var buffer = ByteBuffer(capacity: bytes)
    append(seconds: seconds, to: &buffer)
    return buffer.withReadableBytes { String(decoding: $0, as: UTF8.self) }
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let longWeekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// `, 06 Nov 1994 08:49:37 GMT`
  private static func fixedDate(_ scanner: inout FieldScanner) -> Int64? {
    guard scanner.take(","), scanner.take(" "), let day = digits(2, &scanner), scanner.take(" "),
      let month = month(&scanner), scanner.take(" "), let year = digits(4, &scanner), scanner.take(" "),
      let time = time(&scanner), takeZone(&scanner)
    else { return nil }
    return seconds(year, month, day, time)
  }

  /// `, 06-Nov-94 08:49:37 GMT`
  private static func obsoleteDate(_ scanner: inout FieldScanner, _ now: Int64) -> Int64? {
    guard scanner.take(","), scanner.take(" "), let day = digits(2, &scanner), scanner.take("-"),
      let month = month(&scanner), scanner.take("-"), let short = digits(2, &scanner), scanner.take(" "),
      let time = time(&scanner), takeZone(&scanner)
    else { return nil }
    // The year of `now`, near enough: the rule is about half a century.
    let thisYear = 1970 + Int(max(0, min(now, 253_402_300_799)) / 31_556_952)
    var year = thisYear - thisYear % 100 + short
    if year > thisYear + 50 { year -= 100 }
    if year <= thisYear - 50 { year += 100 }
    return seconds(year, month, day, time)
  }

  /// ` Nov  6 08:49:37 1994`
  private static func asctimeDate(_ scanner: inout FieldScanner) -> Int64? {
    guard scanner.take(" "), let month = month(&scanner), scanner.take(" ") else { return nil }
    guard let day = scanner.take(" ") ? digits(1, &scanner) : digits(2, &scanner), scanner.take(" "),
      let time = time(&scanner), scanner.take(" "), let year = digits(4, &scanner)
    else { return nil }
    return seconds(year, month, day, time)
  }

  private static func digits(_ count: Int, _ scanner: inout FieldScanner) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let byte = scanner.next, HTTPByte.isDigit(byte) else { return nil }
      _ = scanner.take(Unicode.Scalar(byte))
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  private static func month(_ scanner: inout FieldScanner) -> Int? {
    scanner.take(while: isLetter).flatMap(months.firstIndex).map { $0 + 1 }
  }

  /// The second of the day. A leap second is the one after 59.
  private static func time(_ scanner: inout FieldScanner) -> Int64? {
    guard let hour = digits(2, &scanner), hour < 24, scanner.take(":"), let minute = digits(2, &scanner),
      minute < 60, scanner.take(":"), let second = digits(2, &scanner), second <= 60
    else { return nil }
    return Int64(hour * 3600 + minute * 60 + second)
  }

  private static func takeZone(_ scanner: inout FieldScanner) -> Bool {
    scanner.take(" ") && scanner.take("G") && scanner.take("M") && scanner.take("T")
  }

  private static func seconds(_ year: Int, _ month: Int, _ day: Int, _ time: Int64) -> Int64? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year >= 1, day >= 1, day <= lengths[month - 1] else { return nil }
    // Years counted from March, as `civil(days:)` does the other way round.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468) * 86_400 + time
  }
}
