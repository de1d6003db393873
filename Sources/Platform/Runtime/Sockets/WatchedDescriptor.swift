// A descriptor that a C library opened, reads, writes and closes, and that a task waits for between the
// library's calls. The library does not say how far it read, so nothing is remembered between two waits:
// each asks the kernel first, and sleeps only when the kernel says that there is nothing.

import Glibc

/// A descriptor that somebody else owns, watched by one loop until the last reference is dropped.
///
/// What is watched is a duplicate: its owner may close the descriptor at any time, also unseen inside a call of the
/// library, and the kernel may give its number to something else. What is behind it stays open as long as the watch.
///
/// The edge that epoll reports is enough to sleep on, because a wait asks poll(2) before it: what came before the
/// question is in its answer, and what comes after it is a new edge. Used on the loop only, dropped anywhere.
///
/// `@unchecked Sendable`: it holds only constants; what changes is in the loop's slot, which is touched on the loop.
public final class WatchedDescriptor: @unchecked Sendable {
  /// What a wait may be for.
  public struct Interest: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// The set with these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// There is something to read, or the peer has finished.
    public static let readable = Interest(rawValue: 1)
    /// There is room to write.
    public static let writable = Interest(rawValue: 2)
  }

  /// The loop that watches it.
  public let loop: EventLoop
  private let duplicate: Int32
  private let generation: UInt32

  /// Begins to watch what is behind `descriptor`.
  public init(_ descriptor: Int32, on loop: EventLoop) throws(NetworkError) {
    self.loop = loop
    duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else { throw .system(.last("fcntl")) }
    do throws(NetworkError) {
      generation = try loop.openDescriptor(duplicate, ready: [])
    } catch {
      Glibc.close(duplicate)
      throw error
    }
  }

  deinit { loop.release(duplicate, generation: generation) }

  /// Waits until the descriptor is ready for one of `interests` or broken, at once when it is already.
  ///
  /// Throws `.timedOut` or `.cancelled`.
  public func wait(for interests: Interest, until deadline: MonotonicInstant?) async throws(NetworkError) {
    precondition(loop.isCurrent, "a descriptor is waited for on its loop")
    precondition(!interests.isEmpty, "a wait is for something")
    let slot = loop.core.pointee.descriptors[duplicate]
    if slot.pointee.isStopped { throw .cancelled }
    slot.pointee.ready = []
    if isReady(for: interests) {
      // A library that always has more to read must not keep the loop to itself.
      if loop.core.pointee.readyCallsLeft > 0 {
        loop.core.pointee.readyCallsLeft -= 1
      } else {
        await loop.yield()
      }
      return
    }
    let outcome = await loop.wait(
      duplicate, interests.contains(.readable) ? .read : .write, until: deadline, yieldsToDraining: false,
      endsOnWrite: interests.contains(.writable))
    switch outcome {
    case .ready: return
    case .timedOut: throw .timedOut
    case .cancelled: throw .cancelled
    case .draining: throw .draining
    }
  }

  /// Whether the kernel says now that the descriptor is ready for one of `interests`, or broken.
  public func isReady(for interests: Interest) -> Bool {
    var question = pollfd(fd: duplicate, events: 0, revents: 0)
    if interests.contains(.readable) { question.events |= Int16(POLLIN) }
    if interests.contains(.writable) { question.events |= Int16(POLLOUT) }
    // An interrupted call is not an answer; a wait that goes on after it finds out at the next edge.
    while true {
      let count = poll(&question, 1, 0)
      if count >= 0 { return count > 0 }
      precondition(errno == EINTR || errno == ENOMEM, "poll failed on a descriptor that is open")
    }
  }
}
