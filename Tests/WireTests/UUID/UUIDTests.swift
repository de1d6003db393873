import Bytes
import Testing
import Wire

@Suite("UUID") struct UUIDTests {
  private static let sample = UUID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)

  @Test func isWrittenInLowerCaseWithHyphens() {
    #expect(Self.sample.description == "01234567-89ab-cdef-fedc-ba9876543210")
    #expect(Self.sample.text(form: .compact) == "0123456789abcdeffedcba9876543210")
    #expect("\(UUID.zero)" == "00000000-0000-0000-0000-000000000000")
    #expect("\(UUID.max)" == "ffffffff-ffff-ffff-ffff-ffffffffffff")
    var buffer = ByteBuffer("id=")
    Self.sample.appendText(to: &buffer)
    Self.sample.appendText(to: &buffer, form: .compact)
    #expect(buffer == ByteBuffer("id=\(Self.sample)0123456789abcdeffedcba9876543210"))
  }

  @Test func readsBothFormsInEitherCase() throws {
    #expect(try UUID(parsing: "01234567-89ab-cdef-fedc-ba9876543210") == Self.sample)
    #expect(try UUID(parsing: "01234567-89AB-cDeF-FEDC-BA9876543210") == Self.sample)
    #expect(try UUID(parsing: "0123456789ABCDEFfedcba9876543210", form: .compact) == Self.sample)
    #expect(try UUID(parsing: ByteBuffer(Self.sample.description).readable) == Self.sample)
    #expect(UUID("01234567-89ab-cdef-fedc-ba9876543210") == Self.sample)
    #expect(UUID("01234567-89ab-cdef-fedc-ba987654321") == nil)
  }

  @Test(
    arguments: [
      ("", .hyphenated, .invalidLength(position: 0)),
      ("01234567-89ab-cdef-fedc-ba987654321", .hyphenated, .invalidLength(position: 35)),
      ("01234567-89ab-cdef-fedc-ba98765432100", .hyphenated, .invalidLength(position: 36)),
      ("0123456789abcdeffedcba9876543210", .hyphenated, .invalidCharacter(position: 8)),
      ("01234567-89ab-cdef-fedc-ba9876543210", .compact, .invalidCharacter(position: 8)),
      ("0123456789abcdeffedcba987654321", .compact, .invalidLength(position: 31)),
      ("{01234567-89ab-cdef-fedc-ba9876543210}", .hyphenated, .invalidCharacter(position: 0)),
      ("urn:uuid:01234567-89ab-cdef-fedc-ba9876543210", .hyphenated, .invalidCharacter(position: 0)),
      (" 1234567-89ab-cdef-fedc-ba9876543210", .hyphenated, .invalidCharacter(position: 0)),
      ("01234567-89ab-cdef-fedc-ba987654321g", .hyphenated, .invalidCharacter(position: 35)),
      ("01234567 89ab-cdef-fedc-ba9876543210", .hyphenated, .invalidCharacter(position: 8)),
      ("01234567-89ab-cdef-fedc-ba98765432é", .hyphenated, .invalidCharacter(position: 34)),
      ("0123456-789ab-cdef-fedc-ba9876543210", .hyphenated, .invalidCharacter(position: 7)),
    ] as [(String, UUID.Form, TextError)])
  func refuses(text: String, form: UUID.Form, error: TextError) {
    #expect(textError { () throws(TextError) in _ = try UUID(parsing: text, form: form) } == error)
    let bytes = ByteBuffer(text)
    #expect(textError { () throws(TextError) in _ = try UUID(parsing: bytes.readable, form: form) } == error)
  }

  @Test func isItsSixteenBytes() throws {
    var buffer = ByteBuffer()
    Self.sample.append(to: &buffer)
    #expect(
      [UInt8](buffer) == [
        0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
      ])
    #expect(UUID(bytes: buffer.readable) == Self.sample)
    // At an odd address too.
    #expect(UUID(bytes: ByteBuffer([0] + [UInt8](buffer)).slice(from: 1, count: 16).readable) == Self.sample)
    #expect(UUID(bytes: buffer.slice(from: 0, count: 15).readable) == nil)
    #expect(UUID(bytes: ByteBuffer(repeatElement(0, count: 17)).readable) == nil)
  }

  @Test func sortsByItsBytes() {
    let sorted = [
      UUID.zero, UUID(high: 0, low: 1), UUID(high: 0, low: .max), UUID(high: 1, low: 0),
      UUID(high: 1 << 63, low: 0), UUID.max,
    ]
    #expect(sorted.shuffled().sorted() == sorted)
    #expect(sorted.map(\.description).sorted() == sorted.map(\.description))
    #expect(Set(sorted + sorted).count == sorted.count)
  }

  @Test func version4TakesAllButSixBitsFromTheSource() {
    var random = SplitMix(seed: 1)
    var ones = (UInt64(0), UInt64(0))
    var zeros = (UInt64(0), UInt64(0))
    for _ in 0..<200 {
      let id = UUID(version4: &random)
      #expect(id.version == 4 && id.hasStandardVariant && id.unixMilliseconds == nil)
      ones = (ones.0 | id.high, ones.1 | id.low)
      zeros = (zeros.0 | ~id.high, zeros.1 | ~id.low)
    }
    // Every bit was seen both ways, but for the version and the variant.
    #expect(ones.0 & zeros.0 == ~0xf000 && ones.1 & zeros.1 == ~(3 << 62))
  }

  /// RFC 9562 appendix A.4: the name "www.example.com" in the namespace of domain names.
  @Test func version5IsCutFromTheDigest() throws {
    let digest = try Hex.decode("2ed6657de927468b55e12665a8aea6a22dee3e35")
    let id = UUID(version5Digest: digest.readable)
    #expect(id.description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    #expect(id.version == 5 && id.hasStandardVariant)
    #expect(UUID.domainNames.description == "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    #expect(UUID.urls.description == "6ba7b811-9dad-11d1-80b4-00c04fd430c8")
    #expect(UUID.objectIdentifiers.description == "6ba7b812-9dad-11d1-80b4-00c04fd430c8")
    #expect(UUID.distinguishedNames.description == "6ba7b814-9dad-11d1-80b4-00c04fd430c8")
  }

  // MARK: Version 7

  /// Hands out the words it was given, in turn.
  private struct Scripted: RandomNumberGenerator {
    var words: [UInt64]
    mutating func next() -> UInt64 { words.removeFirst() }
  }

  /// RFC 9562 appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F. Its random part begins with a set bit,
  /// which ours leaves clear to have room to count; hence 74C3.
  @Test func version7HasTheTimeInFront() {
    var generator = UUIDVersion7Generator()
    var random = Scripted(words: [0xcc3, 0x18c4_dc0c_0c07_398f << 2])
    let id = generator.next(unixMilliseconds: 0x017f_22e2_79b0, random: &random)
    #expect(id.description == "017f22e2-79b0-74c3-98c4-dc0c0c07398f")
    #expect(id.version == 7 && id.hasStandardVariant)
    #expect(id.unixMilliseconds == 1_645_557_742_000)
  }

  @Test func version7OnlyEverGrows() {
    var generator = UUIDVersion7Generator()
    var random = SplitMix(seed: 4)
    var last = UUID.zero
    var now: UInt64 = 1_700_000_000_000
    for step in 0..<20_000 {
      // The clock stands still, runs, and at times jumps back.
      now = step % 1000 == 999 ? now - 50 : now + (step % 10 == 0 ? 1 : 0)
      let id = generator.next(unixMilliseconds: now, random: &random)
      #expect(id > last)
      #expect(id.version == 7 && id.hasStandardVariant)
      #expect((id.unixMilliseconds ?? 0) >= now)
      last = id
    }
    #expect(generator.next(unixMilliseconds: now + 500, random: &random).unixMilliseconds == now + 500)
  }

  @Test func version7CountsAcrossTheVariantBits() {
    var generator = UUIDVersion7Generator()
    // The counter begins at the end of its lower half, and each step adds one.
    var random = Scripted(words: [.max, .max, 0])
    let first = generator.next(unixMilliseconds: 10, random: &random)
    #expect(first.description == "00000000-000a-77ff-bfff-ffffffffffff")
    let second = generator.next(unixMilliseconds: 10, random: &random)
    #expect(second.description == "00000000-000a-7800-8000-000000000000")
  }
}
