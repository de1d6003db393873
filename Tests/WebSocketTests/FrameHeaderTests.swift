// Frame headers against RFC 6455 section 5.2: what may be sent is written as the RFC says, everything else is
// refused for the right reason and as early as the bytes allow.

import Bytes
import Testing

@testable import WebSocket

@Suite("Frame header") struct FrameHeaderTests {
  /// What a sender may not do.
  struct Malformed: CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var sender = WebSocketRole.client
    var allowsCompression = false
    var violation: ProtocolViolation
    var testDescription: String { name }
  }

  static let malformed: [Malformed] = {
    var table = [
      Malformed(name: "RSV1 without an extension", bytes: [0xc1], violation: .reservedBit),
      Malformed(name: "RSV2", bytes: [0xa1], violation: .reservedBit),
      Malformed(name: "RSV3", bytes: [0x91], violation: .reservedBit),
      Malformed(
        name: "RSV2 beside compression", bytes: [0xe1], allowsCompression: true, violation: .reservedBit),
      Malformed(
        name: "RSV1 on a continuation", bytes: [0xc0], allowsCompression: true, violation: .reservedBit),
      Malformed(name: "RSV1 on a ping", bytes: [0xc9], allowsCompression: true, violation: .reservedBit),
      Malformed(name: "RSV1 on a close", bytes: [0xc8], allowsCompression: true, violation: .reservedBit),
      Malformed(name: "fragmented close", bytes: [0x08], violation: .fragmentedControl),
      Malformed(name: "fragmented ping", bytes: [0x09], violation: .fragmentedControl),
      Malformed(name: "fragmented pong", bytes: [0x0a], violation: .fragmentedControl),
      Malformed(name: "ping of 126 bytes", bytes: [0x89, 0xfe], violation: .longControl),
      Malformed(name: "close with a length of 8 bytes", bytes: [0x88, 0xff], violation: .longControl),
      Malformed(name: "client unmasked", bytes: [0x81, 0x05], violation: .unmasked),
      Malformed(name: "client unmasked and empty", bytes: [0x82, 0x00], violation: .unmasked),
      Malformed(name: "server masked", bytes: [0x81, 0x85], sender: .server, violation: .masked),
      Malformed(
        name: "125 in two bytes", bytes: [0x82, 126, 0, 125], sender: .server, violation: .lengthNotMinimal),
      Malformed(
        name: "0 in two bytes", bytes: [0x82, 126, 0, 0], sender: .server, violation: .lengthNotMinimal),
      Malformed(
        name: "65535 in eight bytes", bytes: [0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], sender: .server,
        violation: .lengthNotMinimal),
      Malformed(
        name: "0 in eight bytes", bytes: [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0], sender: .server,
        violation: .lengthNotMinimal),
      Malformed(
        name: "the highest bit of the length", bytes: [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], sender: .server,
        violation: .lengthOverflow),
    ]
    for opcode: UInt8 in [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] {
      table.append(
        Malformed(name: "opcode \(opcode)", bytes: [0x80 | opcode], violation: .reservedOpcode))
      table.append(
        Malformed(name: "opcode \(opcode), not final", bytes: [opcode], violation: .reservedOpcode))
    }
    return table
  }()

  @Test(arguments: malformed) func refuses(_ malformed: Malformed) {
    // The key, if there is one, follows: with or without it the header is refused.
    for bytes in [malformed.bytes, malformed.bytes + [1, 2, 3, 4]] {
      #expect(throws: WebSocketError.violation(malformed.violation)) {
        try bytes.withUnsafeBytes {
          try FrameHeader.parse($0, from: malformed.sender, allowsCompression: malformed.allowsCompression)
        }
      }
    }
  }

  @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 40], [WebSocketRole.server, .client])
  func readsWhatItWrites(count: Int, sender: WebSocketRole) throws {
    for opcode in Opcode.allCases where !opcode.isControl || count <= 125 {
      let header = FrameHeader(
        isFinal: true, isCompressed: opcode == .text, opcode: opcode, payloadCount: count,
        maskKey: sender == .client ? MaskKey(littleEndian: 0x0403_0201) : nil)
      var buffer = ByteBuffer()
      header.write(to: &buffer)
      #expect(buffer.count == header.count)
      let bytes = [UInt8](buffer)
      for cut in 0..<bytes.count {
        let early = try bytes[..<cut].withUnsafeBytes {
          try FrameHeader.parse($0, from: sender, allowsCompression: true)
        }
        #expect(early == nil, "\(cut) bytes are no header")
      }
      let found = try bytes.withUnsafeBytes {
        try FrameHeader.parse($0, from: sender, allowsCompression: true)
      }
      #expect(found?.header == header)
      #expect(found?.count == bytes.count)
    }
  }

  /// The examples of RFC 6455 section 5.7.
  @Test func writesTheExamples() {
    var server = FrameEncoder(role: .server)
    var buffer = ByteBuffer()
    server.append(.text, ByteBuffer("Hello"), to: &buffer)
    #expect([UInt8](buffer) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
    buffer.clear()
    server.append(.text, ByteBuffer("Hel"), isFinal: false, to: &buffer)
    server.append(.continuation, ByteBuffer("lo"), to: &buffer)
    #expect([UInt8](buffer) == [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f])
    var client = FrameEncoder(role: .client, random: FixedKey([0x37, 0xfa, 0x21, 0x3d]))
    buffer.clear()
    client.append(.text, ByteBuffer("Hello"), to: &buffer)
    #expect([UInt8](buffer) == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    buffer.clear()
    client.append(.pong, ByteBuffer("Hello"), to: &buffer)
    #expect([UInt8](buffer) == [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    buffer.clear()
    server.append(.binary, ByteBuffer(repeatElement(7, count: 256)), to: &buffer)
    #expect([UInt8](buffer).prefix(4) == [0x82, 0x7e, 0x01, 0x00])
    buffer.clear()
    server.append(.binary, ByteBuffer(repeatElement(7, count: 65_536)), to: &buffer)
    #expect([UInt8](buffer).prefix(10) == [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0])
  }

  @Test func masksAtEveryOffsetAndLength() {
    let key: [UInt8] = [0x11, 0x22, 0x44, 0x88]
    let maskKey = MaskKey(littleEndian: 0x8844_2211)
    for length in 0..<40 {
      for offset in 0..<9 {
        let plain = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
        var masked = plain
        masked.withUnsafeMutableBytes { maskKey.apply(to: $0, offset: offset) }
        let expected = plain.enumerated().map { $1 ^ key[(offset + $0) % 4] }
        #expect(masked == expected)
      }
    }
  }

  @Test func aClientNeverMasksTwiceWithOneKey() {
    var client = FrameEncoder(role: .client)
    var keys: Set<[UInt8]> = []
    for _ in 0..<1000 {
      var buffer = ByteBuffer()
      client.append(.binary, ByteBuffer(), to: &buffer)
      keys.insert(Array([UInt8](buffer)[2...]))
    }
    // Two alike among a thousand of 2^32 are a matter of one in ten thousand; three would be a fault.
    #expect(keys.count >= 998)
  }
}
