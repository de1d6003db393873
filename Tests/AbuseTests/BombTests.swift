// Little that becomes much: bodies, messages of WebSockets and messages of calls that grow when they are decompressed.
// Each is stopped at its limit, and never held whole.

import Bytes
import Foundation
import HTTP
import Testing

@Suite("What grows when it is decompressed") struct BombTests {
  private static let bombBytes = 64 << 20
  /// How much the server may need for several at a time. The limit on each is 1 MiB, or 4 MiB for calls.
  private static let growthMaximum = 40 << 20
  private static let atOnce = 8

  private static func bomb(_ coding: ContentCoding) throws -> [UInt8] {
    let encoder = try ContentEncoder(coding, level: 9)
    let (piece, count) = (ByteBuffer(repeatElement(0, count: 1 << 20)), bombBytes >> 20)
    var bomb = ByteBuffer()
    for _ in 0..<count { try encoder.encode(piece, into: &bomb) }
    try encoder.finish(into: &bomb)
    // It fits into the window of a stream.
    #expect(bomb.count < bombBytes / 500)
    return [UInt8](bomb)
  }

  @Test("Bodies are refused", .timeLimit(.minutes(2)), arguments: [ContentCoding.gzip, .deflate, .zstd])
  func bodies(coding: ContentCoding) async throws {
    let bomb = try Self.bomb(coding)
    try await AbusedServer.with { server in
      let before = try server.residentBytes()
      let callers = try (0..<Self.atOnce).map { _ in try Caller(server.port, from: 2) }
      for caller in callers {
        caller.send(
          "POST /inflate HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: \(coding.rawValue)\r\n"
            + "Content-Length: \(bomb.count)\r\n\r\n")
        caller.send(bomb)
      }
      for caller in callers {
        #expect(String(decoding: try caller.receiveToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 413 "))
      }
      try server.expectGrowth(since: before, atMost: Self.growthMaximum)
      try server.expectService()
    }
  }

  @Test(.timeLimit(.minutes(2))) func messagesOfWebSocketsEndTheConnection() async throws {
    // Without zlib's header and checksum it is what permessage-deflate sends, but for its end.
    let bomb = Array(try Self.bomb(.deflate).dropFirst(2).dropLast(4))
    try await AbusedServer.with { server in
      let before = try server.residentBytes()
      let callers = try (0..<Self.atOnce).map { _ in try Caller(server.port, from: 2) }
      for caller in callers {
        caller.send(
          "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
        let isShort = bomb.count <= Int(UInt16.max)
        let length = (0..<(isShort ? 2 : 8)).reversed().map {
          UInt8(truncatingIfNeeded: bomb.count >> (8 * $0))
        }
        // A final binary frame, compressed, masked by zeros.
        caller.send([0xc2, isShort ? 0xfe : 0xff] + length + [0, 0, 0, 0] + bomb)
      }
      for caller in callers {
        let answer = try caller.receiveToEnd()
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 101 "))
        // Close, with 1009: too big.
        let end = try #require(answer.lastIndex(of: 0x88))
        #expect(answer[end...].dropFirst(2).prefix(2).elementsEqual([0x03, 0xf1]))
      }
      try server.expectGrowth(since: before, atMost: Self.growthMaximum)
      try server.expectService()
    }
  }

  @Test(.timeLimit(.minutes(2))) func messagesOfCallsAreRefused() async throws {
    let bomb = try Self.bomb(.gzip)
    try await AbusedServer.with { server in
      let before = try server.residentBytes()
      let callers = try (0..<Self.atOnce).map { _ in try Caller(server.port, from: 2) }
      for caller in callers {
        let head = Frames.call("Unary") + [("grpc-encoding", "gzip")]
        let message = [1] + Frames.number(UInt32(bomb.count)) + bomb
        caller.send(
          Frames.preface + Frames.frame(.settings, on: 0) + Frames.headers(1, head, flags: Frames.endHeaders))
        for start in stride(from: 0, to: message.count, by: 16_000) {
          let piece = Array(message[start..<min(start + 16_000, message.count)])
          let isLast = start + 16_000 >= message.count
          caller.send(Frames.frame(.data, isLast ? Frames.endStream : 0, on: 1, piece))
        }
      }
      for caller in callers {
        var answer: [UInt8] = []
        while !Frames.read(answer).contains(where: { $0.kind == .headers }) {
          let piece = try caller.receive()
          try #require(!piece.isEmpty)
          answer += piece
        }
        // How the call ended is told in the only HEADERS; its values may be Huffman-coded, its shape is not: there is
        // no DATA.
        #expect(!Frames.read(answer).contains { $0.kind == .data })
      }
      try server.expectGrowth(since: before, atMost: Self.growthMaximum)
      try server.expectService()
      #expect(
        try server.metrics().contains(
          #"varve_grpc_calls_total{server="probe",method="/varve.testing.v1.Echo/Unary",code="RESOURCE_EXHAUSTED"} 8"#
        ))
    }
  }
}
