// Moments read from and written as RFC 3339.

import Runtime
import Testing

@Suite("RFC 3339") struct TimestampTextTests {
  @Test(
    "A moment is read",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000000001Z", 1),
      ("2026-03-01T12:34:56Z", 1_772_368_496_000_000_000),
      ("2026-03-01T13:34:56.5+01:00", 1_772_368_496_500_000_000),
      ("2024-02-29T23:59:59.999-00:30", 1_709_252_999_999_000_000),
      ("1969-12-31T23:59:59Z", -1_000_000_000), ("2000-02-29T00:00:00Z", 951_782_400_000_000_000),
    ] as [(String, Int64)])
  func reads(text: String, nanoseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "2026-03-01", "2026-03-01T12:34:56", "2026-03-01 12:34:56Z", "2026-13-01T00:00:00Z",
      "2026-02-29T00:00:00Z", "2026-02-00T00:00:00Z", "1900-02-29T00:00:00Z", "2026-03-01T24:00:00Z",
      "2026-03-01T12:60:00Z", "2026-03-01T12:34:60Z", "2026-03-01T12:34:56.Z",
      "2026-03-01T12:34:56.0000000001Z",
      "2026-03-01T12:34:56+1:00", "2026-03-01T12:34:56+24:00", "2026-03-01T12:34:56Zx",
      "+026-03-01T12:34:56Z",
      "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func whatIsWrittenIsReadBackToTheMicrosecond() {
    for nanoseconds in stride(
      from: Int64(-4_000_000_000_000_000_000), to: 9_000_000_000_000_000_000, by: 999_999_937_000_001_000)
    {
      let moment = Timestamp(nanoseconds: nanoseconds)
      #expect(Timestamp(rfc3339: moment.description) == moment)
    }
  }
}
