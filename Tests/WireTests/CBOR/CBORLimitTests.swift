// What a peer cannot make us do: nest, claim or hold more than the limits; and the stricter options.

import Bytes
import Testing
import Wire

@Suite("CBOR: limits and strictness") struct CBORLimitTests {
  /// What decoding a value throws.
  private func error(_ hex: String, _ options: CBORReadingOptions) -> CBORError? {
    do throws(CBORError) {
      _ = try CBORValue(decoding: bytes(cbor: hex), options: options)
      return nil
    } catch {
      return error
    }
  }

  private func limited(_ change: (inout CBORLimits) -> Void) -> CBORReadingOptions {
    var options = CBORReadingOptions()
    change(&options.limits)
    return options
  }

  @Test(
    "a claim of more than the message can hold is refused before anything is allocated",
    arguments: [
      "9b7fffffffffffffff", "9bffffffffffffffff", "bb7fffffffffffffff", "bbffffffffffffffff",
      "bb8000000000000000", "5b7fffffffffffffff", "7bffffffffffffffff", "9a000fffff", "ba000fffff",
      "5a00ffffff",
      "9a7fffffff00", "bb400000000000000000",
    ])
  func hugeClaims(_ hex: String) {
    // Nothing but the message itself sets the bound: with every limit off, the answer is still no.
    var limits = CBORLimits()
    limits.stringBytesMaximum = .max
    limits.containerCountMaximum = .max
    limits.itemsMaximum = .max
    for options in [CBORReadingOptions(), CBORReadingOptions(limits: limits)] {
      switch error(hex, options) {
      case .truncated, .stringTooLong, .containerTooLarge: break
      case let other: Issue.record("\(hex): \(String(describing: other))")
      }
    }
  }

  @Test("depth counts containers and tags")
  func depth() {
    let options = limited { $0.depthMaximum = 3 }
    #expect(error("81818100", options) == nil)
    #expect(error("8181818100", options) == .depthExceeded(maximum: 3, at: 3))
    #expect(error("c1c1c100", options) == nil)
    #expect(error("c1c1c1c100", options) == .depthExceeded(maximum: 3, at: 3))
    #expect(error("81c181c100", options) == .depthExceeded(maximum: 3, at: 3))
    #expect(error("a100a100a100a10000", options) == .depthExceeded(maximum: 3, at: 6))
    // What was left counts no more: siblings are as deep as their parent allows.
    #expect(error("84818100c1c100c18100818100", options) == nil)
    #expect(error("9f9f9fffc1009fffffff", options) == nil)
    #expect(error("00", limited { $0.depthMaximum = 0 }) == nil)
    #expect(error("80", limited { $0.depthMaximum = 0 }) == .depthExceeded(maximum: 0, at: 0))
  }

  @Test(
    "a message nested as deep as it is long is refused, by every way of reading",
    arguments: [
      "81", "9f", "c1", "a1", "bf", "a100", "d81f",
    ])
  func deepNesting(_ level: String) {
    var message = ByteBuffer()
    for _ in 0..<100_000 { message.append(bytes(cbor: level)) }
    func isDepth(_ error: (any Error)?) -> Bool {
      if case .depthExceeded? = error as? CBORError { true } else { false }
    }
    var options = CBORReadingOptions()
    options.limits.depthMaximum = CBORLimits.deepest
    #expect { try CBORValue(decoding: message, options: options) } throws: { isDepth($0) }
    #expect {
      var reader = try CBORReader(message, options: options)
      try reader.skip()
    } throws: { isDepth($0) }
    #expect(throws: DecodingError.self) {
      try CBORDecoder(options: options).decode(CBORValue.self, from: message)
    }
  }

  @Test("strings, containers, items and messages have limits")
  func sizes() {
    #expect(error("43010203", limited { $0.stringBytesMaximum = 3 }) == nil)
    #expect(
      error("4401020304", limited { $0.stringBytesMaximum = 3 })
        == .stringTooLong(count: 4, maximum: 3, at: 0))
    #expect(
      error("7f 62 6161 62 6161 ff", limited { $0.stringBytesMaximum = 3 })
        == .stringTooLong(count: 4, maximum: 3, at: 0))
    #expect(error("820102", limited { $0.containerCountMaximum = 2 }) == nil)
    #expect(
      error("83010203", limited { $0.containerCountMaximum = 2 })
        == .containerTooLarge(count: 3, maximum: 2, at: 0))
    #expect(
      error("a201020304", limited { $0.containerCountMaximum = 1 })
        == .containerTooLarge(count: 2, maximum: 1, at: 0))
    #expect(error("820102", limited { $0.itemsMaximum = 3 }) == nil)
    #expect(error("83010203", limited { $0.itemsMaximum = 3 }) == .tooManyItems(maximum: 3, at: 0))
    #expect(error("9f010203ff", limited { $0.itemsMaximum = 3 }) == .tooManyItems(maximum: 3, at: 3))
    #expect(error("5f404040ff", limited { $0.itemsMaximum = 3 }) == .tooManyItems(maximum: 3, at: 3))
    #expect(error("c1c1c100", limited { $0.itemsMaximum = 3 }) == .tooManyItems(maximum: 3, at: 3))
    #expect(error("820102", limited { $0.messageBytesMaximum = 2 }) == .messageTooLarge(count: 3, maximum: 2))
  }

  @Test("an indefinite-length container has the same limit as a definite one")
  func indefiniteContainers() {
    #expect(
      error("9f010203ff", limited { $0.containerCountMaximum = 2 })
        == .containerTooLarge(count: 3, maximum: 2, at: 3))
    #expect(error("9f0102ff", limited { $0.containerCountMaximum = 2 }) == nil)
    #expect(
      error("bf01020304ff", limited { $0.containerCountMaximum = 1 })
        == .containerTooLarge(count: 2, maximum: 1, at: 3))
    #expect(error("bf0102ff", limited { $0.containerCountMaximum = 1 }) == nil)
  }

  @Test(
    "indefinite lengths can be refused", arguments: ["9fff", "bfff", "5fff", "7fff", "819fff", "a1007fff"])
  func refusesIndefinite(_ hex: String) {
    let at = hex.hasPrefix("81") ? 1 : hex.hasPrefix("a1") ? 2 : 0
    #expect(error(hex, CBORReadingOptions(allowsIndefiniteLength: false)) == .indefiniteRefused(at: at))
  }

  @Test(
    "a longer form than needed can be refused",
    arguments: [
      "1800", "1817", "190018", "1900ff", "1a00000000", "1a0000ffff", "1b00000000ffffffff", "3817", "5800",
      "590001ff", "7800", "9800", "b800", "d81700", "d9001700", "fa3fc00000", "fb3ff8000000000000",
      "fb3ff0000020000000", "fa7fc00000", "fb7ff8000000000000", "fa00000000", "fa33800000",
      "c240", "c24100", "c248ffffffffffffffff", "c24900ffffffffffffffff", "c348ffffffffffffffff",
    ])
  func refusesLongForms(_ hex: String) {
    let options = CBORReadingOptions(requiresPreferredSerialization: true)
    if case .notPreferred = error(hex, options) {
    } else {
      Issue.record("\(hex) was not refused as a long form")
    }
    #expect(error(hex, CBORReadingOptions()) == nil)
  }

  @Test(
    "the shortest form is accepted where it is required",
    arguments: [
      "1818", "190100", "1a00010000", "1b0000000100000000", "3818",
      "5818" + String(repeating: "00", count: 24),
      "fa3f800001", "fb3ff0000000000001", "f90001", "f97e01", "fa7fc00001", "fb7ff8000000000001", "f820",
      "c249ffffffffffffffffff", "fa33000000",
    ])
  func acceptsShortForms(_ hex: String) {
    #expect(error(hex, CBORReadingOptions(requiresPreferredSerialization: true)) == nil)
  }

  @Test("tags can be refused, all or all but some")
  func tags() {
    #expect(error("c100", CBORReadingOptions(tags: .only([1]))) == nil)
    #expect(error("c200", CBORReadingOptions(tags: .only([1]))) == .tagRefused(2, at: 0))
    #expect(error("81c1c200", CBORReadingOptions(tags: .only([1]))) == .tagRefused(2, at: 2))
    #expect(error("dbffffffffffffffff00", CBORReadingOptions(tags: .only([]))) == .tagRefused(.max, at: 0))
    #expect(error("dbffffffffffffffff00", CBORReadingOptions()) == nil)
  }
}
