// One connection to a server, with all the liberties that a client has: whatever bytes, half-closing, not reading.

import Crowd
import Foundation
import Testing

/// A client that blocks. It closes with the last reference to it.
final class Caller {
  /// Nothing takes as long that is not stuck.
  private static let patienceSeconds = 60

  let descriptor: Int32

  /// Connects from 127.0.0.`host`.
  init(_ port: UInt16, from host: UInt8 = 1) throws {
    descriptor = try Crowd.connect(port, from: host)
    var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  /// Sends what the server takes.
  ///
  /// - Returns: whether it took all of it.
  @discardableResult func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
        return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Says that nothing more will come.
  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What comes next; empty at the end, or after a reset.
  func receive() throws -> [UInt8] {
    var (result, code) = (0, Int32(0))
    let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { room, count in
      result = recv(descriptor, room.baseAddress, room.count, 0)
      code = errno
      count = max(0, result)
    }
    if result < 0 && code == EAGAIN { throw CrowdFailure("the server neither answers nor closes") }
    return piece
  }

  /// Everything up to the end.
  func receiveToEnd() throws -> [UInt8] {
    var all: [UInt8] = []
    while case let piece = try receive(), !piece.isEmpty { all += piece }
    return all
  }

  /// What is there at the moment without waiting; nil when the server has closed.
  func glance() -> [UInt8]? {
    var (result, code) = (0, Int32(0))
    let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { room, count in
      result = recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
      code = errno
      count = max(0, result)
    }
    if result > 0 { return piece }
    return result < 0 && code == EAGAIN ? [] : nil
  }

  /// Sends `text` and returns everything up to the end.
  func ask(_ text: String) throws -> String {
    send(text)
    return String(decoding: try receiveToEnd(), as: UTF8.self)
  }
}
