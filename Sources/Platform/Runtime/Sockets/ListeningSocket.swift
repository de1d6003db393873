// Binding: a socket that listens, before any loop accepts from it. The care is in Unix sockets, whose file
// outlives a process that is killed: a dead one is replaced, a live one is respected.

import Glibc

/// A bound socket that listens. It closes, and removes its file, when it is let go.
public final class ListeningSocket: Sendable {
  /// How to listen.
  public struct Options: Sendable {
    /// How many connections the kernel completes ahead of us.
    public var backlog: Int32 = 1024
    /// Whether several sockets may share the address, the kernel spreading connections over them (TCP only).
    public var sharesPort = false
    /// Whether a version 6 address takes no version 4 connections.
    public var isVersion6Only = false
    /// Permission bits of a Unix socket's file.
    public var mode: UInt32 = 0o660

    /// The defaults.
    public init() {}
  }

  let descriptor: Int32
  /// Where it listens, with the port that the kernel chose.
  public let address: SocketAddress
  /// Which file to remove: only if it is still ours.
  private let file: FileIdentity?

  private struct FileIdentity: Sendable {
    let path: String
    let device: UInt
    let inode: UInt

    /// What stands at `path` now; nil when nothing can be seen there.
    init?(_ path: String) {
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      (self.path, device, inode) = (path, UInt(status.st_dev), UInt(status.st_ino))
    }
  }

  /// Binds and listens.
  public init(_ address: SocketAddress, _ options: Options = Options()) throws(NetworkError) {
    do throws(SystemError) {
      let socket = try Self.bound(to: address, options)
      guard listen(socket.descriptor, options.backlog) == 0 else { throw .last("listen") }
      let actual = SocketAddress.of(socket.descriptor, getsockname) ?? address
      var file: FileIdentity?
      if case .unix(let path) = address, !path.hasPrefix("@") { file = FileIdentity(path) }
      self.address = actual
      self.file = file
      descriptor = socket.release()
    } catch {
      throw error.code == EADDRINUSE ? .addressInUse(address) : .cannotListen(address, error)
    }
  }

  deinit {
    // While the socket is open its inode is not used again, so equal numbers mean our file.
    if let file, let now = FileIdentity(file.path), now.inode == file.inode, now.device == file.device {
      unlink(file.path)
    }
    close(descriptor)
  }

  private static func bound(
    to address: SocketAddress, _ options: Options
  ) throws(SystemError) -> Socket {
    let socket = try Socket(family: address.family)
    switch address {
    case .ip(let ip, _):
      try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
      if options.sharesPort { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
      if case .v6 = ip {
        try socket.set(Int32(IPPROTO_IPV6), Int32(IPV6_V6ONLY), options.isVersion6Only ? 1 : 0)
      }
      try bind(socket, address)
    case .unix(let path) where !path.hasPrefix("@"):
      try bindFile(socket, address, path)
      // Nobody can connect before listen, so nobody slips in before the mode is set.
      guard chmod(path, options.mode) == 0 else {
        let error = SystemError.last("chmod")
        unlink(path)
        throw error
      }
    case .unix, .unnamed:
      try bind(socket, address)
    }
    return socket
  }

  private static func bind(_ socket: borrowing Socket, _ address: SocketAddress) throws(SystemError) {
    let descriptor = socket.descriptor
    let result = address.withKernelForm { Glibc.bind(descriptor, $0, $1) }
    guard result == 0 else { throw .last("bind") }
  }

  /// Binds a Unix socket to a path, replacing what a dead process left there.
  private static func bindFile(
    _ socket: borrowing Socket, _ address: SocketAddress, _ path: String
  ) throws(SystemError) {
    do throws(SystemError) {
      return try bind(socket, address)
    } catch {
      guard error.code == EADDRINUSE, try isDeadSocket(path, address) else { throw error }
    }
    guard unlink(path) == 0 || errno == ENOENT else { throw .last("unlink") }
    try bind(socket, address)
  }

  /// Whether the file is a socket that nobody listens on. Anything else there is not ours to remove.
  private static func isDeadSocket(_ path: String, _ address: SocketAddress) throws(SystemError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else { return errno == ENOENT }
    guard status.st_mode & S_IFMT == S_IFSOCK else { return false }
    let probe = try Socket(family: AF_UNIX)
    let descriptor = probe.descriptor
    let result = address.withKernelForm { connect(descriptor, $0, $1) }
    // A full backlog (EAGAIN) is a sign of life too.
    return result != 0 && errno == ECONNREFUSED
  }
}
