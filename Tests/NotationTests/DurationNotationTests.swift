import Notation
import Testing

@Suite("Durations") struct DurationNotationTests {
  @Test(
    arguments: [
      ("0", Duration.zero), ("0s", .zero), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1500)),
      ("5m", .seconds(300)), ("1h30m", .seconds(5400)), ("2d", .seconds(172_800)),
      ("10us", .microseconds(10)),
      ("10µs", .microseconds(10)), ("7ns", .nanoseconds(7)),
      ("1d2h3m4s5ms6us7ns", .nanoseconds(93_784_005_006_007)),
      ("9223372036854775807ns", DurationNotation.longest),
    ] as [(String, Duration)])
  func areRead(text: String, duration: Duration) throws {
    #expect(try DurationNotation.read(text) == duration)
  }

  @Test(
    arguments: [
      ("", "is not a duration: write a number and a unit, such as 250ms or 5m"),
      ("ms", "is not a duration: write a number and a unit, such as 250ms or 5m"),
      ("-1s", "is not a duration: write a number and a unit, such as 250ms or 5m"),
      ("30", "has no unit of time: use one of d, h, m, s, ms, us, ns"),
      ("30 s", "has no unit of time: use one of d, h, m, s, ms, us, ns"),
      ("5min", "has no unit of time: use one of d, h, m, s, ms, us, ns"),
      ("1s 5ms", "has no unit of time: use one of d, h, m, s, ms, us, ns"),
      ("30m1h", "must have its units in order, largest first, each once"),
      ("1s1s", "must have its units in order, largest first, each once"),
      ("0.5ns", "is not a whole number of nanoseconds below 292 years"),
      ("999999d", "is not a whole number of nanoseconds below 292 years"),
      ("9223372036854775807ns", nil),
      ("100000d9999999h", "is not a whole number of nanoseconds below 292 years"),
    ] as [(String, String?)])
  func areRefused(text: String, phrase: String?) throws {
    guard let phrase else {
      _ = try DurationNotation.read(text)
      return
    }
    #expect(throws: NotationError.malformed(phrase)) { try DurationNotation.read(text) }
  }

  @Test(
    arguments: [
      (Duration.zero, "0s"), (.milliseconds(250), "250ms"), (.milliseconds(1500), "1s500ms"),
      (.seconds(60), "1m"),
      (.seconds(5400), "1h30m"), (.seconds(90_061), "1d1h1m1s"), (.microseconds(1500), "1500us"),
      (.nanoseconds(1_000_000_001), "1s1ns"), (.seconds(-5), "0s"),
    ] as [(Duration, String)])
  func arePrintedSoThatTheyAreReadAgain(duration: Duration, text: String) throws {
    #expect(DurationNotation.write(duration) == text)
    #expect(try DurationNotation.read(text) == max(duration, .zero))
  }

  @Test(
    arguments: [
      (Duration.zero, "0s"), (.milliseconds(900), "0s"), (.seconds(9), "9s"), (.seconds(200), "3m20s"),
      (.seconds(180), "3m"), (.seconds(3600), "1h"), (.seconds(3661), "1h1m"), (.seconds(187_200), "2d4h"),
    ] as [(Duration, String)])
  func arePrintedToTheirLeadingUnits(duration: Duration, text: String) {
    #expect(DurationNotation.approximate(duration) == text)
  }
}
