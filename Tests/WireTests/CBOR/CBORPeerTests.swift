// Python's cbor2, a peer that shares no code with ours, over many random values, both ways: one process a test.

import Bytes
import Peers
import Testing
import Wire

@Suite("CBOR: Python's cbor2 agrees") struct CBORPeerTests {
  @Test("what we write, cbor2 reads, and what it writes again is the same value")
  func peerReadsOurs() throws {
    var random = SeededGenerator(seed: 8949)
    let values = (0..<1000).map { _ in CBORValue.random(depth: 4, using: &random) }
    let lines = try values.map { try cborHex($0.encoded()) }
    let answers = try runPeer(
      """
      for line in sys.stdin:
          value = cbor2.loads(bytes.fromhex(line))
          print(cbor2.dumps(value).hex(), cbor2.dumps(value, canonical=True).hex())
      """, input: lines)
    try #require(answers.count == values.count)
    for (value, answer) in zip(values, answers) {
      let encodings = answer.split(separator: " ").map { bytes(cbor: String($0)) }
      #expect(try CBORValue(decoding: encodings[0]) == value)
      // cbor2's canonical form is the length-first one.
      let canonical = try cborHex(value.encoded(.deterministicLengthFirst))
      #expect(canonical == cborHex(encodings[1]))
      let strict = CBORReadingOptions(
        allowsIndefiniteLength: false, requiresPreferredSerialization: true, keyOrder: .lengthFirst)
      #expect(try CBORValue(decoding: encodings[1], options: strict) == value)
    }
  }

  @Test("what cbor2 writes, we read, and write again as it would")
  func weReadPeers() throws {
    let answers = try runPeer(
      """
      import random, struct
      random.seed(8949)

      def text():
          return ''.join(random.choice('ab\\u00fc\\u6c34\\U00010151') for _ in range(random.choice([0, 1, 5, 23, 24, 300])))

      def integer():
          return random.choice([-1, 1]) * random.getrandbits(random.choice([1, 5, 8, 16, 32, 63, 64, 80])) - random.getrandbits(1)

      def key():
          return random.choice([text, integer, lambda: random.randbytes(random.choice([0, 1, 30]))])()

      def value(depth):
          kind = random.randrange(9 if depth else 7)
          if kind == 0: return integer()
          if kind == 1: return text()
          if kind == 2: return random.randbytes(random.choice([0, 3, 23, 24, 256]))
          if kind == 3: return random.choice([None, True, False, cbor2.undefined, cbor2.CBORSimpleValue(random.choice([0, 19, 32, 255]))])
          if kind == 4: return random.choice([0.0, -0.0, 1.5, 32752.0, 5.960464477539063e-08, 3.4028234663852886e+38, float('inf')])
          if kind == 5: return struct.unpack('>d', random.randbytes(8))[0]
          if kind == 6: return cbor2.CBORTag(random.randrange(60000, 1 << 40), value(depth - 1) if depth else 0)
          if kind == 7: return [value(depth - 1) for _ in range(random.randrange(5))]
          return {key(): value(depth - 1) for _ in range(random.choice([0, 1, 3, 30]))}

      for _ in range(1000):
          item = value(3)
          print(cbor2.dumps(item).hex(), cbor2.dumps(item, canonical=True).hex())
      """, input: [])
    try #require(answers.count == 1000)
    for answer in answers {
      let encodings = answer.split(separator: " ").map { bytes(cbor: String($0)) }
      let value = try CBORValue(decoding: encodings[0])
      let canonical = try cborHex(value.encoded(.deterministicLengthFirst))
      #expect(canonical == cborHex(encodings[1]))
      #expect(try CBORDecoder().decode(CBORValue.self, from: encodings[0]) == value)
      #expect(try CBOREncoder(options: .deterministicLengthFirst).encode(value) == encodings[1])
    }
  }

  @Test("cbor2 reads every example of appendix A, as we do")
  func peerReadsExamples() throws {
    let answers = try runPeer(
      """
      for line in sys.stdin:
          cbor2.loads(bytes.fromhex(line))
          print('read')
      """, input: CBORVector.appendixA.map(\.hex))
    #expect(answers == CBORVector.appendixA.map { _ in "read" })
  }

  /// Runs a script with the input's lines, and returns the lines it printed.
  private func runPeer(_ script: String, input: [String]) throws -> [String] {
    let printed = try ForeignProgram.python(
      "import sys, cbor2\n" + script, input: input.joined(separator: "\n") + "\n")
    return printed.split(separator: "\n").map(String.init)
  }
}

extension CBORValue {
  /// A value that Python can hold without loss: no key is a bool or a float (which equal integers there), and
  /// no tag is one that cbor2 makes an object of.
  static func random(depth: Int, using random: inout SeededGenerator) -> CBORValue {
    switch Int.random(in: 0..<(depth == 0 ? 7 : 10), using: &random) {
    case 0, 1: return randomKey(using: &random)
    case 2: return [.null, .undefined, true, false][Int.random(in: 0..<4, using: &random)]
    case 3:
      let number = UInt8.random(in: .min ... .max, using: &random)
      return CBORSimple(number).map { .simple($0) } ?? .null
    case 4:
      let number = Double(bitPattern: .random(in: .min ... .max, using: &random))
      // cbor2's canonical form has one NaN.
      return .float(number.isNaN ? .nan : number)
    // Below 32768, from where on cbor2's canonical form takes single precision for what half holds.
    case 5: return .float(Double(Float16(bitPattern: .random(in: 0..<0x7800, using: &random))))
    case 6: return .float(Double(Float(bitPattern: .random(in: 0...0x7f80_0000, using: &random))))
    case 7:
      return .tagged(.random(in: 60_000 ... .max, using: &random), .random(depth: depth - 1, using: &random))
    case 8:
      let count = Int.random(in: 0..<6, using: &random)
      return .array((0..<count).map { _ in .random(depth: depth - 1, using: &random) })
    default:
      var map = CBORMap()
      for _ in 0..<[0, 1, 4, 30][Int.random(in: 0..<4, using: &random)] {
        map[randomKey(using: &random)] = .random(depth: depth - 1, using: &random)
      }
      return .map(map)
    }
  }

  private static func randomKey(using random: inout SeededGenerator) -> CBORValue {
    let argument =
      UInt64.random(in: .min ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
    let length = [0, 1, 8, 23, 24, 256][Int.random(in: 0..<6, using: &random)]
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return .unsigned(argument)
    case 1: return .negative(argument)
    case 2: return .bytes(ByteBuffer((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }))
    default:
      let letters: [Character] = ["a", "z", "\u{fc}", "\u{6c34}", "\u{10151}"]
      return .text(String((0..<length).map { _ in letters[Int.random(in: 0..<5, using: &random)] }))
    }
  }
}
