// Accepting on a loop. A listener that runs out of descriptors or memory pauses instead of spinning, and
// one that is not asked to accept leaves connections to the kernel's backlog.

import CLinux
import Glibc

/// A listening socket on an event loop, used by one task.
public struct Listener: ~Copyable {
  /// How long accepting pauses when the process or the machine has run out of something.
  public static let pauseWhenExhausted = Duration.milliseconds(50)

  /// The loop that accepts.
  public let loop: EventLoop
  private let socket: ListeningSocket
  private let generation: UInt32

  /// Watches `socket` from this loop. On the loop only.
  public init(_ socket: ListeningSocket, on loop: EventLoop) throws(NetworkError) {
    generation = try loop.openDescriptor(socket.descriptor, ready: .read, listens: true)
    self.loop = loop
    self.socket = socket
  }

  deinit {
    let (socket, generation) = (socket, generation)
    if loop.isCurrent {
      loop.forgetDescriptor(socket.descriptor, generation: generation)
    } else {
      // The socket stays open until the loop has let go of it. A loop that has ended watches nothing.
      loop.post { $0.forgetDescriptor(socket.descriptor, generation: generation) }
    }
  }

  private var descriptor: Int32 { socket.descriptor }

  /// Where it listens.
  public var address: SocketAddress { socket.address }

  /// The next connection, on this loop.
  public func accept(until deadline: MonotonicInstant? = nil) async throws(NetworkError) -> Connection {
    while true {
      try await ready(until: deadline)
      if let (descriptor, _) = try await take() { return try Connection(adopting: descriptor, on: loop) }
    }
  }

  /// Waits until a connection seems to be there, without taking it.
  func ready(until deadline: MonotonicInstant? = nil) async throws(NetworkError) {
    if loop.takeReady(descriptor, .read) { return }
    switch await loop.wait(descriptor, .read, until: deadline, yieldsToDraining: false) {
    case .ready: return
    case .timedOut: throw .timedOut
    case .cancelled: throw .cancelled
    case .draining: throw .draining
    }
  }

  /// Takes a connection out of the backlog; nil when there is none after all.
  func take() async throws(NetworkError) -> (descriptor: Int32, peer: SocketAddress)? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let accepted = clinux_accept(descriptor, &storage, &length)
    if accepted >= 0 {
      let peer = Socket(owning: accepted)
      let address = SocketAddress(storage, length: length) ?? .unnamed
      do throws(SystemError) {
        try peer.setNoDelay(address)
      } catch {
        // The peer has hung up already.
        return nil
      }
      return (peer.release(), address)
    }
    switch errno {
    case EAGAIN:
      loop.core.pointee.descriptors[descriptor].pointee.ready.remove(.read)
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      // The connection stays in the backlog. Trying again at once would fail at once.
      do {
        try await loop.sleep(for: Self.pauseWhenExhausted)
      } catch {
        throw .cancelled
      }
    case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
      EOPNOTSUPP, ENETUNREACH:
      // The connection died before we took it, or the network did: the next one may be well.
      break
    default:
      throw .system(.last("accept4"))
    }
    return nil
  }
}
