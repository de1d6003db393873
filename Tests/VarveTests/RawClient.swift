// A blocking TCP client that sends exactly the bytes a test wants and reads what comes back: no client library
// that would tidy a malformed request up.

import Foundation
import Glibc

struct ClientFailure: Error, CustomStringConvertible {
  let description: String
  init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// One connection to 127.0.0.1.
final class RawClient {
  struct Response {
    let status: Int
    let head: String
    let body: String
  }

  private let socket: Int32
  private var pending = Data()

  init(port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw ClientFailure("socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      let failure = ClientFailure("connect to port \(port)")
      close(socket)
      throw failure
    }
    // A server that never answers must fail the test, not hang it.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(socket) }

  func send(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let sent = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { throw ClientFailure("send") }
      bytes = bytes.dropFirst(sent)
    }
  }

  /// Reads one response; nil when the server closed without one.
  func receive(bodyless: Bool = false) throws -> Response? {
    let separator = Data("\r\n\r\n".utf8)
    while pending.range(of: separator) == nil {
      if try !fill() { return nil }
    }
    guard let end = pending.range(of: separator) else { return nil }
    let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
    pending = Data(pending[end.upperBound...])
    let lines = head.split(separator: "\r\n")
    let lengthLine = lines.first { $0.lowercased().hasPrefix("content-length:") }
    let length = bodyless ? 0 : lengthLine.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    while pending.count < length {
      if try !fill() { throw ClientFailure("the body was cut short") }
    }
    let body = String(decoding: pending.prefix(length), as: UTF8.self)
    pending = Data(pending.dropFirst(length))
    let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    return Response(status: status, head: head, body: body)
  }

  /// Waits until the server closes; returns what it still sent.
  func receiveToEnd() throws -> String {
    while try fill() {}
    return String(decoding: pending, as: UTF8.self)
  }

  private func fill() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let got = recv(socket, &chunk, chunk.count, 0)
    if got < 0 && errno == ECONNRESET { return false }
    guard got >= 0 else { throw ClientFailure("recv") }
    pending.append(contentsOf: chunk[..<got])
    return got > 0
  }
}
