// A socket before it belongs to a loop: made, bound or connecting. It closes itself unless it is handed on.

import Glibc

/// A descriptor that somebody owns.
struct Socket: ~Copyable {
  let descriptor: Int32

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  /// A new stream socket, non-blocking and closed on exec.
  init(family: Int32) throws(SystemError) {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw .last("socket") }
  }

  deinit { close(descriptor) }

  /// Gives the descriptor to a new owner.
  consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(SystemError) {
    var value = value
    guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw .last("setsockopt")
    }
  }

  /// Turns off the delay of small writes, where there is one.
  func setNoDelay(_ address: SocketAddress) throws(SystemError) {
    if case .ip = address { try set(Int32(IPPROTO_TCP), Int32(TCP_NODELAY), 1) }
  }
}
