// The kernel's form of an address: sockaddr_in, sockaddr_in6 and sockaddr_un, in both directions.

import Glibc

extension SocketAddress {
  /// AF_INET, AF_INET6 or AF_UNIX.
  var family: Int32 {
    switch self {
    case .ip(.v4, _): AF_INET
    case .ip(.v6, _): AF_INET6
    case .unix, .unnamed: AF_UNIX
    }
  }

  /// Calls `body` with the kernel's form.
  func withKernelForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    let length = withUnsafeMutableBytes(of: &storage) { write(to: $0) }
    return withUnsafeBytes(of: &storage) { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("storage has an address") }
      return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
    }
  }

  private func write(to bytes: UnsafeMutableRawBufferPointer) -> Int {
    switch self {
    case .ip(.v4(let bits), let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = bits.bigEndian
      bytes.storeBytes(of: address, as: sockaddr_in.self)
      return MemoryLayout<sockaddr_in>.size
    case .ip(.v6(let high, let low, let scope), let port):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = IPAddress.v6(high, low, scope: scope).inAddress
      address.sin6_scope_id = scope
      bytes.storeBytes(of: address, as: sockaddr_in6.self)
      return MemoryLayout<sockaddr_in6>.size
    case .unix(let path):
      precondition(Self.isValid(path: path), "a socket's path has 1 to 107 bytes")
      bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
      let offset = MemoryLayout<sa_family_t>.size
      for (index, byte) in path.utf8.enumerated() { bytes[offset + index] = byte }
      // Abstract names begin with a NUL and are as long as they are; paths end with one.
      if path.hasPrefix("@") {
        bytes[offset] = 0
        return offset + path.utf8.count
      }
      return offset + path.utf8.count + 1
    case .unnamed:
      preconditionFailure("the unnamed end of a socket cannot be listened on or connected to")
    }
  }

  /// The address in the first `length` bytes of what a system call filled in; nil for a foreign family.
  init?(_ storage: sockaddr_storage, length: socklen_t) {
    let parsed: SocketAddress? = withUnsafeBytes(of: storage) { bytes in
      switch Int32(storage.ss_family) {
      case AF_INET:
        let address = bytes.load(as: sockaddr_in.self)
        return .ip(.v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
      case AF_INET6:
        let address = bytes.load(as: sockaddr_in6.self)
        return .ip(
          IPAddress(address.sin6_addr, scope: address.sin6_scope_id),
          port: UInt16(bigEndian: address.sin6_port))
      case AF_UNIX:
        let offset = MemoryLayout<sa_family_t>.size
        var name = bytes[offset..<max(offset, min(Int(length), bytes.count))]
        guard let first = name.first else { return .unnamed }
        if first == 0 {
          return .unix(path: "@" + String(decoding: name.dropFirst(), as: UTF8.self))
        }
        if let end = name.firstIndex(of: 0) { name = name[..<end] }
        return .unix(path: String(decoding: name, as: UTF8.self))
      default:
        return nil
      }
    }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The address that `call` (getsockname, getpeername) fills in.
  static func of(
    _ descriptor: Int32,
    _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      return call(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return result == 0 ? SocketAddress(storage, length: length) : nil
  }
}
