// Content codings: there and back in pieces of every size, what is malformed, and what would grow too large.

import Bytes
import HTTP
import Testing

@Suite("Content codings") struct CodingTests {
  static let coded: [ContentCoding] = [.gzip, .deflate, .zstd]

  static func sample(_ count: Int) -> ByteBuffer {
    // Compresses to about half: words from a small generator.
    var (state, buffer) = (UInt64(42), ByteBuffer(capacity: count))
    while buffer.count < count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      buffer.append(UInt8(truncatingIfNeeded: 0x61 + (state >> 60)))
    }
    return buffer
  }

  static func decode(
    _ coding: ContentCoding, _ body: ByteBuffer, piece: Int = .max, step: Int = 64 << 10, limit: Int = 1 << 20
  ) throws(HTTPError) -> ByteBuffer {
    let decoder = try ContentDecoder(coding, bytesMaximum: limit)
    var (input, output, offset) = (ByteBuffer(), ByteBuffer(), 0)
    while offset < body.count {
      let count = min(piece, body.count - offset)
      input.append(body.slice(from: offset, count: count))
      offset += count
      var before = output.count
      while try decoder.decode(&input, into: &output, upTo: step) {
        #expect(output.count - before <= step)
        before = output.count
      }
    }
    try decoder.finish()
    return output
  }

  @Test(
    "What is coded comes back, in pieces of any size", arguments: ContentCoding.allCases, [0, 1, 100, 70_000])
  func thereAndBack(coding: ContentCoding, size: Int) throws {
    let body = Self.sample(size)
    let encoder = try ContentEncoder(coding)
    var pieces = ByteBuffer()
    for start in stride(from: 0, to: size, by: 997) {
      try encoder.encode(body.slice(from: start, count: min(997, size - start)), into: &pieces)
    }
    try encoder.finish(into: &pieces)
    let whole = try ContentEncoder.encode(body, as: coding)
    if size == 70_000 && coding != .identity { #expect(whole.count < size * 3 / 4) }
    for coded in [pieces, whole] {
      for (piece, step) in [(Int.max, 64 << 10), (1, 64 << 10), (1000, 7), (.max, 1)] {
        #expect(try Self.decode(coding, coded, piece: piece, step: step) == body)
      }
    }
  }

  @Test("What was flushed can be decoded before the end", arguments: coded)
  func flushing(coding: ContentCoding) throws {
    let encoder = try ContentEncoder(coding)
    let decoder = try ContentDecoder(coding, bytesMaximum: 100)
    var (wire, output) = (ByteBuffer(), ByteBuffer())
    for word in ["one ", "two ", "three"] {
      try encoder.encode(ByteBuffer(word), into: &wire)
      try encoder.flush(into: &wire)
      while try decoder.decode(&wire, into: &output) {}
      #expect(String(validating: output)?.hasSuffix(word) == true)
    }
    #expect { try decoder.finish() } throws: { ($0 as? HTTPError)?.code == "malformed_coding" }
    try encoder.finish(into: &wire)
    while try decoder.decode(&wire, into: &output) {}
    try decoder.finish()
    #expect(String(validating: output) == "one two three")
  }

  @Test("A small body cannot grow over the limit", arguments: coded)
  func bombs(coding: ContentCoding) throws {
    let bomb = try ContentEncoder.encode(ByteBuffer(repeatElement(0, count: 50_000)), as: coding, level: 9)
    #expect(bomb.count < 500)
    #expect(try Self.decode(coding, bomb, limit: 50_000).count == 50_000)
    #expect(try Self.decode(coding, bomb, limit: .max).count == 50_000)
    for limit in [0, 1, 49_999] {
      for step in [1 << 20, 100] {
        #expect { try Self.decode(coding, bomb, step: step, limit: limit) } throws: {
          ($0 as? HTTPError)?.status == 413
        }
      }
    }
  }

  @Test("Half a body is none", arguments: coded)
  func truncated(coding: ContentCoding) throws {
    let whole = try ContentEncoder.encode(Self.sample(300), as: coding)
    for count in 1..<whole.count {
      #expect { try Self.decode(coding, whole.slice(from: 0, count: count)) } throws: {
        ($0 as? HTTPError)?.code == "malformed_coding"
      }
    }
  }

  @Test("What is not so coded is refused", arguments: coded)
  func malformed(coding: ContentCoding) throws {
    let whole = try ContentEncoder.encode(Self.sample(300), as: coding)
    var broken: [ByteBuffer] = [ByteBuffer("nonsense"), ByteBuffer(repeatElement(0, count: 40))]
    // A wrong checksum, where there is one; something behind the end.
    if coding != .zstd {
      var bytes = [UInt8](whole)
      bytes[bytes.count - (coding == .gzip ? 5 : 1)] ^= 1
      broken.append(ByteBuffer(bytes))
    }
    broken.append(ByteBuffer([UInt8](whole) + [1, 2, 3, 4]))
    for other in Self.coded where other != coding {
      broken.append(try ContentEncoder.encode(whole, as: other))
    }
    for body in broken {
      for piece in [Int.max, 1] {
        #expect(throws: HTTPError.self) { try Self.decode(coding, body, piece: piece) }
      }
    }
  }

  @Test func severalMembersAreOneBody() throws {
    for coding in [ContentCoding.gzip, .zstd] {
      var two = try ContentEncoder.encode(ByteBuffer("one "), as: coding)
      two.append(try ContentEncoder.encode(ByteBuffer("two"), as: coding))
      for piece in [Int.max, 1] {
        #expect(String(validating: try Self.decode(coding, two, piece: piece)) == "one two")
      }
    }
    var two = try ContentEncoder.encode(ByteBuffer("one "), as: .deflate)
    two.append(try ContentEncoder.encode(ByteBuffer("two"), as: .deflate))
    #expect { try Self.decode(.deflate, two) } throws: { ($0 as? HTTPError)?.code == "malformed_coding" }
  }

  @Test(
    "What came before the first version of zstd is refused, however it is cut",
    arguments: 0x22...0x27 as ClosedRange<UInt8>, [1, Int.max])
  func zstdOfOldIsRefused(version: UInt8, piece: Int) {
    // A frame of version 0.7 without content; the others differ in the first byte.
    var frame = ByteBuffer()
    frame.append(contentsOf: [version, 0xb5, 0x2f, 0xfd, 0x01, 0x28, 0x00, 0x00, 0x00])
    #expect(throws: HTTPError.self) { try Self.decode(.zstd, frame, piece: piece) }
  }

  @Test func skippableZstdFramesHoldNothing() throws {
    var body = ByteBuffer()
    body.append(contentsOf: [0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 0xff, 0xff])
    body.append(try ContentEncoder.encode(Self.sample(10), as: .zstd))
    for piece in [1, 3, Int.max] {
      #expect(try Self.decode(.zstd, body, piece: piece) == Self.sample(10))
    }
  }

  @Test func aLargeZstdWindowIsRefused() {
    // A frame header that asks for a window of 16 MiB and no content size.
    let header: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, UInt8(14 << 3), 0x01, 0x00, 0x00]
    #expect { try Self.decode(.zstd, ByteBuffer(header)) } throws: {
      ($0 as? HTTPError)?.code == "malformed_coding"
    }
    // 8 MiB is allowed: an empty last block follows.
    let allowed: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, UInt8(13 << 3), 0x01, 0x00, 0x00]
    #expect(throws: Never.self) { try Self.decode(.zstd, ByteBuffer(allowed)) }
  }
}
