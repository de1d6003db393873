// Requests without an end, and the same again and again: each is stopped after a bounded number of bytes.

import Foundation
import Testing

@Suite("What has no end") struct EndlessTests {
  /// Something that goes on for as long as the server lets it.
  struct Endlessness: Sendable, CustomTestStringConvertible {
    /// How it ends.
    enum End: Sendable {
      case status(Int)
      /// GOAWAY with ENHANCE_YOUR_CALM.
      case calmed
    }

    let testDescription: String
    let beginning: [UInt8]
    /// One more of it, by its number.
    let more: @Sendable (UInt32) -> [UInt8]
    let end: End

    init(_ name: String, _ beginning: String, _ more: String, _ status: Int) {
      testDescription = name
      self.beginning = Array(beginning.utf8)
      let more = Array(more.utf8)
      self.more = { _ in more }
      end = .status(status)
    }

    init(_ name: String, http2 beginning: [UInt8], _ more: @escaping @Sendable (UInt32) -> [UInt8]) {
      testDescription = name
      self.beginning = Frames.preface + Frames.frame(.settings, on: 0) + beginning
      self.more = more
      end = .calmed
    }
  }

  private static let post = "POST /inflate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
  private static let x100 = String(repeating: "x", count: 100)

  static let all = [
    Endlessness("a request line", "GET /", x100, 414),
    Endlessness("fields", "GET / HTTP/1.1\r\nHost: a\r\n", "X-Field: \(x100)\r\n", 431),
    Endlessness("a field", "GET / HTTP/1.1\r\nHost: a\r\nX: ", x100, 431),
    Endlessness("empty lines before a request", "", "\r\n", 400),
    Endlessness("a chunk's extensions", post + "5", ";x=\(x100)", 400),
    Endlessness("extensions of many chunks", post, "1;x=\(x100)\r\nx\r\n", 400),
    Endlessness("trailers", post + "0\r\n", "X-Field: \(x100)\r\n", 431),
    Endlessness("a body", post, "64\r\n\(x100)\r\n", 413),
    Endlessness("CONTINUATION", http2: Frames.headers(1, Frames.get("/"), flags: 0)) { number in
      Frames.frame(.continuation, on: 1, Frames.literals([("x-\(number)", x100)]))
    },
    Endlessness("empty CONTINUATION", http2: Frames.headers(1, Frames.get("/"), flags: 0)) { _ in
      Frames.frame(.continuation, on: 1)
    },
    Endlessness("rapid reset", http2: []) { number in
      Frames.headers(2 * number + 1, Frames.get("/endless"))
        + Frames.frame(.reset, on: 2 * number + 1, Frames.number(8))
    },
    Endlessness("PING", http2: []) { _ in Frames.frame(.ping, on: 0, [UInt8](repeating: 7, count: 8)) },
    Endlessness("SETTINGS", http2: []) { _ in Frames.frame(.settings, on: 0) },
    Endlessness("empty DATA", http2: Frames.headers(1, Frames.call("Chat"), flags: Frames.endHeaders)) { _ in
      Frames.frame(.data, on: 1)
    },
    Endlessness("PRIORITY", http2: []) { number in
      Frames.frame(.priority, on: 2 * number + 1, [0, 0, 0, 0, 9])
    },
  ]

  /// Far more than any limit lets through, with what the kernel's buffers take in besides.
  private static let bytesMaximum = 64 << 20

  @Test("is ended, and others are served", .timeLimit(.minutes(2)), arguments: all)
  func endless(_ endlessness: Endlessness) async throws {
    try await AbusedServer.with { server in
      let before = try server.residentBytes()
      for _ in 0..<3 {
        let caller = try Caller(server.port, from: 2)
        try #require(caller.send(endlessness.beginning))
        // In pieces of some kilobytes, and reading meanwhile: a server that is told to wait need not stop.
        var (number, sent, answer, isOpen) = (UInt32(0), 0, [UInt8](), true)
        while isOpen && sent < Self.bytesMaximum {
          var piece: [UInt8] = []
          while piece.count < 8192 {
            piece += endlessness.more(number)
            number += 1
          }
          sent += piece.count
          if let more = caller.glance() { answer += more } else { isOpen = false }
          if isOpen { isOpen = caller.send(piece) }
        }
        #expect(sent < Self.bytesMaximum)
        if isOpen {
          answer += try caller.receiveToEnd()
        } else {
          while let more = caller.glance(), !more.isEmpty { answer += more }
        }
        switch endlessness.end {
        case .status(let status):
          #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "))
        case .calmed:
          #expect(Frames.goAway(in: answer) == 11)
        }
        try server.expectService()
      }
      try server.expectGrowth(since: before, atMost: 8 << 20)
      try server.waitUntilAlone()
    }
  }
}
