// A connected socket on its loop: the descriptor, and the calls that move bytes, each of which suspends
// only when the kernel would block. `ConnectionReader` and `ConnectionWriter` share one; the socket closes
// when both are gone.

import Bytes
import CLinux
import Glibc

/// A connected socket, watched by one loop.
///
/// `@unchecked Sendable`: it holds only constants. What changes is in the loop's slot for the descriptor,
/// which is touched only on the loop; each call checks that, and a drop elsewhere is posted there.
final class SocketStream: @unchecked Sendable {
  let loop: EventLoop
  let descriptor: Int32
  let generation: UInt32

  /// Takes over a connected, non-blocking descriptor; closes it when that fails.
  init(adopting descriptor: Int32, on loop: EventLoop, ready: DescriptorSlot.Readiness) throws(NetworkError) {
    self.loop = loop
    self.descriptor = descriptor
    do throws(NetworkError) {
      generation = try loop.openDescriptor(descriptor, ready: ready)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  deinit { loop.release(descriptor, generation: generation) }

  /// Waits until the socket is ready in `direction`; at once when it is known to be.
  @inline(__always)
  func ready(
    _ direction: Direction, until deadline: MonotonicInstant?, yieldsToDraining: Bool = false
  ) async throws(NetworkError) {
    if loop.takeReady(descriptor, direction) { return }
    switch await loop.wait(descriptor, direction, until: deadline, yieldsToDraining: yieldsToDraining) {
    case .ready: return
    case .timedOut: throw .timedOut
    case .cancelled: throw .cancelled
    case .draining: throw .draining
    }
  }

  /// Records that a call found nothing more to do in `direction`: the next one waits for an event.
  @inline(__always)
  func exhausted(_ direction: Direction) {
    loop.core.pointee.descriptors[descriptor].pointee.ready.remove(.of(direction))
  }

  /// Whether the peer has sent its last byte, though some may be unread.
  @inline(__always)
  var peerHasFinished: Bool {
    loop.core.pointee.descriptors[descriptor].pointee.ready.contains(.peerFinished)
  }

  var isDraining: Bool { loop.core.pointee.descriptors[descriptor].pointee.isDraining }

  /// What a failed send or recv means: nil to wait and try again.
  func failure(_ operation: StaticString) -> NetworkError? {
    switch errno {
    case EAGAIN, EINTR: nil
    case ECONNRESET, EPIPE, ENOTCONN, ESHUTDOWN: .closed
    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN: .closed
    default: .system(.last(operation))
    }
  }

  /// Ends both directions; whoever waits is woken by the kernel's event.
  func abort() {
    // It fails only when the connection is gone already.
    _ = shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Sets a socket option whose value is an int.
  func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(NetworkError) {
    var value = value
    guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw .system(.last("setsockopt"))
    }
  }
}
