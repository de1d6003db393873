// UTF-8 as it arrives: what the standard library takes is taken, whatever the cuts, and what can no longer be
// right is refused at that byte.

import Testing

@testable import WebSocket

@Suite("UTF-8 validation") struct UTF8ValidatorTests {
  /// Which byte is the first that makes the text wrong.
  static let wrong: [(bytes: [UInt8], at: Int)] = [
    ([0x80], 0), ([0xbf], 0), ([0xc0], 0), ([0xc1], 0), ([0xf5], 0), ([0xff], 0), ([0xfe], 0),
    ([0xe0, 0x80], 1), ([0xe0, 0x9f], 1), ([0xed, 0xa0], 1), ([0xed, 0xbf], 1), ([0xf0, 0x80], 1),
    ([0xf0, 0x8f], 1), ([0xf4, 0x90], 1), ([0xc2, 0x41], 1), ([0xe2, 0x82, 0x41], 2),
    ([0xf0, 0x9f, 0x98, 0xc0], 3), (Array("12345678".utf8) + [0xff], 8),
    (Array("κόσμε".utf8) + [0xf4, 0x90, 0x80, 0x80], 11), (Array("1234567".utf8) + [0xc3, 0x28], 8),
  ]

  @Test(arguments: wrong) func refusesAtTheFirstWrongByte(_ bytes: [UInt8], at: Int) {
    var validator = UTF8Validator()
    for (index, byte) in bytes.enumerated() where index <= at {
      let accepted = [byte].withUnsafeBytes { validator.accept($0) }
      #expect(accepted == (index < at), "byte \(index)")
    }
    var whole = UTF8Validator()
    let accepted = bytes.withUnsafeBytes { whole.accept($0) }
    #expect(!accepted)
  }

  @Test func takesEveryScalarWhateverTheCut() {
    var wrong: [(Unicode.Scalar, cut: Int)] = []
    for value in stride(from: UInt32(0), through: 0x10ffff, by: 97) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let bytes = Array("a\(Character(scalar))b".utf8)
      for cut in 0...bytes.count {
        var validator = UTF8Validator()
        let first = bytes[..<cut].withUnsafeBytes { validator.accept($0) }
        let isBoundary = String(validating: bytes[..<cut], as: UTF8.self) != nil
        if !first || validator.isComplete != isBoundary { wrong.append((scalar, cut)) }
        let second = bytes[cut...].withUnsafeBytes { validator.accept($0) }
        if !second || !validator.isComplete { wrong.append((scalar, cut)) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test func agreesWithTheStandardLibraryOnEveryPairOfBytes() {
    var disagreements: [[UInt8]] = []
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let bytes = [first, second]
        var validator = UTF8Validator()
        let accepted = bytes.withUnsafeBytes { validator.accept($0) } && validator.isComplete
        if accepted != (String(validating: bytes, as: UTF8.self) != nil) { disagreements.append(bytes) }
      }
    }
    #expect(disagreements.isEmpty)
  }
}
