// Entity tags, dates and conditions: the tables and sentences of RFC 9110 sections 5.6.7, 8.8 and 13.

import HTTP
import Testing

@Suite("Conditional requests") struct ConditionTests {
  static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
  static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
  static let after = "Sun, 06 Nov 1994 08:49:38 GMT"
  static let now: Int64 = 1_760_000_000

  static let state = HTTPValidators(
    entityTag: EntityTag("a"), lastModified: 784_111_777, isLastModifiedStrong: true)

  static func request(_ method: HTTPMethod, _ fields: [(StaticString, String)]) -> HTTPRequestHead {
    var all = HTTPFields()
    for (name, value) in fields { all.append(name, value) }
    return HTTPRequestHead(method, "/", authority: "a", fields: all)
  }

  @Test(
    "Each condition alone",
    arguments: [
      ("If-Match", "\"a\"", .hold, .hold), ("If-Match", "\"b\"", .failed, .failed),
      ("If-Match", "\"b\", \"a\"", .hold, .hold), ("If-Match", "*", .hold, .hold),
      // If-Match compares strongly: a weak tag names nothing to it.
      ("If-Match", "W/\"a\"", .failed, .failed), ("If-Match", "a", .failed, .failed),
      ("If-None-Match", "\"a\"", .notModified, .failed), ("If-None-Match", "\"b\"", .hold, .hold),
      // If-None-Match compares weakly.
      ("If-None-Match", "W/\"a\"", .notModified, .failed), ("If-None-Match", "*", .notModified, .failed),
      ("If-None-Match", "\"b\" , W/\"c\",\"a\"", .notModified, .failed),
      // What is not understood costs bytes when reading, and must not cost data when writing.
      ("If-None-Match", "a", .hold, .failed), ("If-None-Match", "\"b\", a", .hold, .failed),
      ("If-Modified-Since", date, .notModified, .hold), ("If-Modified-Since", after, .notModified, .hold),
      ("If-Modified-Since", before, .hold, .hold), ("If-Modified-Since", "yesterday", .hold, .hold),
      ("If-Unmodified-Since", date, .hold, .hold), ("If-Unmodified-Since", after, .hold, .hold),
      ("If-Unmodified-Since", before, .failed, .failed), ("If-Unmodified-Since", "never", .hold, .hold),
    ] as [(String, String, HTTPConditions, HTTPConditions)])
  func single(name: String, value: String, get: HTTPConditions, put: HTTPConditions) throws {
    var fields = HTTPFields()
    fields.append(try #require(HTTPFieldName(name)), value)
    func outcome(_ method: HTTPMethod) -> HTTPConditions {
      let request = HTTPRequestHead(method, "/", authority: "a", fields: fields)
      return HTTPConditions(request, Self.state, now: Self.now)
    }
    #expect(outcome(.get) == get)
    #expect(outcome(.head) == get)
    #expect(outcome(.put) == put)
    #expect(outcome(.options) == .hold)
  }

  @Test func conditionsAreJudgedInTheirOrder() {
    func outcome(_ method: HTTPMethod, _ fields: [(StaticString, String)]) -> HTTPConditions {
      HTTPConditions(Self.request(method, fields), Self.state, now: Self.now)
    }
    // If-Match makes If-Unmodified-Since void.
    #expect(outcome(.get, [("If-Match", "\"a\""), ("If-Unmodified-Since", Self.before)]) == .hold)
    // If-None-Match makes If-Modified-Since void.
    #expect(outcome(.get, [("If-None-Match", "\"b\""), ("If-Modified-Since", Self.after)]) == .hold)
    #expect(outcome(.get, [("If-None-Match", "\"a\""), ("If-Modified-Since", Self.before)]) == .notModified)
    // A failed If-Match is the end; one that holds is not.
    #expect(outcome(.get, [("If-None-Match", "\"a\""), ("If-Match", "\"b\"")]) == .failed)
    #expect(outcome(.get, [("If-None-Match", "\"a\""), ("If-Match", "\"a\"")]) == .notModified)
    #expect(
      outcome(.get, [("If-Unmodified-Since", Self.date), ("If-Modified-Since", Self.date)]) == .notModified)
    // Lists may come in several fields; dates may not, and count for nothing then.
    #expect(outcome(.get, [("If-None-Match", "\"b\""), ("If-None-Match", "\"a\"")]) == .notModified)
    #expect(
      outcome(.get, [("If-Unmodified-Since", Self.before), ("If-Unmodified-Since", Self.before)]) == .hold)
  }

  @Test func whatIsNotThereMatchesNothing() {
    func outcome(_ name: StaticString, _ value: String) -> HTTPConditions {
      HTTPConditions(Self.request(.put, [(name, value)]), nil, now: Self.now)
    }
    #expect(outcome("If-Match", "*") == .failed)
    #expect(outcome("If-Match", "\"a\"") == .failed)
    #expect(outcome("If-None-Match", "*") == .hold)
    #expect(outcome("If-None-Match", "\"a\"") == .hold)
    #expect(outcome("If-Unmodified-Since", Self.before) == .hold)
    // A state without validators exists all the same.
    let bare = HTTPConditions(Self.request(.put, [("If-Match", "*")]), HTTPValidators(), now: Self.now)
    #expect(bare == .hold)
  }

  @Test(
    "If-Range lets the range count only for the same state",
    arguments: [
      ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), (date, true), (before, false), (after, false),
      ("nonsense", false), ("", false),
    ])
  func ifRange(value: String, counts: Bool) {
    let request = Self.request(.get, [("If-Range", value)])
    #expect(HTTPConditions.rangeCounts(request, Self.state, now: Self.now) == counts)
    // A date that may stand for two states is no strong validator.
    var weak = Self.state
    weak.isLastModifiedStrong = false
    weak.entityTag = EntityTag("a", isWeak: true)
    #expect(!HTTPConditions.rangeCounts(request, weak, now: Self.now))
  }

  @Test func withoutIfRangeTheRangeCounts() {
    #expect(HTTPConditions.rangeCounts(Self.request(.get, []), Self.state, now: Self.now))
    let twice = Self.request(.get, [("If-Range", "\"a\""), ("If-Range", "\"a\"")])
    #expect(!HTTPConditions.rangeCounts(twice, Self.state, now: Self.now))
  }

  @Test(
    "Tags compare as in the table of section 8.8.3.2",
    arguments: [
      ("W/\"1\"", "W/\"1\"", false, true), ("W/\"1\"", "W/\"2\"", false, false),
      ("W/\"1\"", "\"1\"", false, true), ("\"1\"", "\"1\"", true, true),
    ])
  func tags(left: String, right: String, strongly: Bool, weakly: Bool) throws {
    let (a, b) = (try #require(EntityTag(parsing: left)), try #require(EntityTag(parsing: right)))
    #expect(a.matchesStrongly(b) == strongly)
    #expect(a.matchesWeakly(b) == weakly)
    #expect(a.description == left)
  }

  @Test(
    "What is no tag is none",
    arguments: [
      "", "a", "\"", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/a", "\"a b\"", "\"a\" ", "\"a\"\"", "\"\u{7f}\"",
    ]
  )
  func noTags(text: String) { #expect(EntityTag(parsing: text) == nil) }

  @Test func aTagMayBeEmptyAndHoldAnythingVisible() {
    #expect(EntityTag(parsing: "\"\"")?.opaque == "")
    #expect(EntityTag(parsing: "\"!#,;é\\\"")?.opaque == "!#,;é\\")
    #expect(EntityTag(fileSize: 255, modifiedNanoseconds: 16).description == "\"10-ff\"")
  }

  @Test(
    "Dates are read in three forms",
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
      ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
      ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800), ("Wed Nov 16 08:49:37 1994", 784_975_777),
      // From 2025 on, 75 is fifty years ahead at most, and 76 long past.
      ("Tuesday, 01-Jan-75 00:00:00 GMT", 3_313_526_400), ("Thursday, 01-Jan-76 00:00:00 GMT", 189_302_400),
    ] as [(String, Int64)])
  func dates(text: String, seconds: Int64) {
    #expect(HTTPDate.parse(text, now: Self.now) == seconds)
  }

  @Test func whatIsWrittenIsReadBack() {
    for seconds in stride(from: Int64(-62_135_596_800), through: 253_402_300_799, by: 86_399 * 9973) {
      #expect(HTTPDate.parse(HTTPDate.text(seconds: seconds), now: Self.now) == seconds)
    }
  }

  @Test(
    "What is no date is none",
    arguments: [
      "", "now", "784111777", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 +0000", "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Mon, 29 Feb 2100 00:00:00 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94",
      "Son, 06 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 0000 00:00:00 GMT",
    ])
  func noDates(text: String) { #expect(HTTPDate.parse(text, now: Self.now) == nil) }
}
