// A list of questions with known answers, and which of them were answered wrongly.

import Bytes
import Crypto

/// What was asked so far.
struct Answers {
  private(set) var count = 0
  private(set) var wrong: [String] = []

  mutating func check(_ question: String, _ answer: [UInt8], is expected: String) {
    check(question, Self.text(answer), equals: expected.lowercased())
  }

  mutating func check(_ question: String, _ answer: RawSpan, is expected: String) {
    check(question, answer.withUnsafeBytes { [UInt8]($0) }, is: expected)
  }

  mutating func check(_ question: String, _ answer: SecretBytes, is expected: String) {
    check(question, answer.withUnsafeBytes { [UInt8]($0) }, is: expected)
  }

  mutating func check<Value: Equatable>(_ question: String, _ answer: Value, equals expected: Value) {
    count += 1
    if answer != expected { wrong.append("\(question): \(answer); expected \(expected)") }
  }

  mutating func check(_ question: String, _ answer: Bool) { check(question, answer, equals: true) }

  private static func text(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The bytes that `digits`, hex, stand for.
func hex(_ digits: String) -> [UInt8] {
  precondition(digits.utf8.count % 2 == 0, "odd number of hex digits")
  return stride(from: 0, to: digits.utf8.count, by: 2).map { offset in
    let start = digits.index(digits.startIndex, offsetBy: offset)
    guard let byte = UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) else {
      preconditionFailure("not hex: \(digits)")
    }
    return byte
  }
}
