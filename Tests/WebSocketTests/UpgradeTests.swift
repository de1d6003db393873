// What the HTTP server says to requests for a WebSocket, good and bad, as it stands on the wire.

import Bytes
import Foundation
import Runtime
import Testing

@testable import WebSocket
@testable import websocket_probe

@Suite("Upgrading an exchange") struct UpgradeTests {
  static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  static let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
  static let version = "Sec-WebSocket-Version: 13\r\n"

  /// What a client sends behind Host, what it is answered, and fields that are in the answer.
  static let refusals: [(method: String, fields: String, status: Int, expected: [String])] = [
    ("GET", "", 426, ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]),
    ("GET", upgrade + key, 426, ["Sec-WebSocket-Version: 13"]),
    ("GET", upgrade + version, 400, []),
    ("GET", upgrade + version + key + "Origin: https://elsewhere.example\r\n", 403, []),
    ("GET", upgrade + version + key + "Sec-WebSocket-Extensions: ;\r\n", 400, []),
    ("POST", upgrade + version + key + "Content-Length: 2\r\n\r\nhi", 405, ["Allow: GET"]),
    ("GET", upgrade + version + key + "Content-Length: 2\r\n\r\nhi", 400, []),
  ]

  @Test(arguments: refusals.indices) func refusesAndGoesOn(_ index: Int) async throws {
    let (method, fields, status, expected) = Self.refusals[index]
    try await withServer({ $0.handshake.allowsOrigin = { $0 == nil } }) { loop, address, _, closures in
      var connection = try await loop.connect(to: address)
      let end = fields.contains("\r\n\r\n") ? "" : "\r\n"
      connection.output.append("\(method) / HTTP/1.1\r\nHost: test\r\n\(fields)\(end)")
      try await connection.flush()
      let answer = try await Self.head(&connection)
      #expect(answer.first == "HTTP/1.1 \(status)")
      for field in expected { #expect(answer.contains(field), "\(answer)") }
      // What a client has got wrong it may try again on the same connection.
      let length = try #require(answer.first { $0.hasPrefix("Content-Length: ") }?.split(separator: " ").last)
      let body = try #require(Int(length))
      while connection.input.count < body { try #require(try await connection.receive() > 0) }
      connection.input.consume(body)
      connection.output.append("GET / HTTP/1.1\r\nHost: test\r\n" + Self.upgrade + Self.version + Self.key)
      connection.output.append("\r\n")
      try await connection.flush()
      #expect(try await Self.head(&connection).first == "HTTP/1.1 101")
      #expect(closures.count == 0)
    }
  }

  @Test func acceptsAsTheStandardSays() async throws {
    try await withServer { loop, address, _, _ in
      var connection = try await loop.connect(to: address)
      connection.output.append("GET / HTTP/1.1\r\nHost: test\r\n" + Self.upgrade + Self.version + Self.key)
      connection.output.append("\r\n")
      try await connection.flush()
      let answer = try await Self.head(&connection)
      let stable = answer.filter { !$0.hasPrefix("Date: ") && !$0.hasPrefix("X-Request-Id: ") }
      #expect(
        stable == [
          "HTTP/1.1 101", "Upgrade: websocket", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "Connection: Upgrade",
        ])
    }
  }

  /// The lines of the next answer's head; of the first, the version and the status.
  private static func head(_ connection: inout Connection) async throws -> [String] {
    while true {
      let text = connection.input.withReadableBytes { String(decoding: $0, as: UTF8.self) }
      if let end = text.range(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound]
        connection.input.consume(text[..<end.upperBound].utf8.count)
        var lines = head.split(separator: "\r\n").map(String.init)
        lines[0] = String(lines[0].prefix(12))
        return lines
      }
      try #require(try await connection.receive() > 0)
    }
  }
}
