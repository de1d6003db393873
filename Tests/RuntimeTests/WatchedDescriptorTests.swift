// Waiting for a descriptor that somebody else reads, as far as they like, and closes.

import Glibc
import Testing

@testable import Runtime

@Suite("Watching a descriptor that somebody else owns") struct WatchedDescriptorTests {
  /// Two connected sockets that close with it.
  final class Pair: Sendable {
    let ours: Int32
    let theirs: Int32

    init() throws {
      var pair: [Int32] = [0, 0]
      let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
      (ours, theirs) = (pair[0], pair[1])
    }

    deinit {
      close(ours)
      close(theirs)
    }

    /// The other end sends `count` bytes.
    func send(_ count: Int) { #expect(write(theirs, [UInt8](repeating: 7, count: count), count) == count) }

    /// This end reads up to `count` bytes.
    func take(_ count: Int) -> Int {
      var bytes = [UInt8](repeating: 0, count: count)
      return read(ours, &bytes, count)
    }

    /// This end writes until the kernel takes no more.
    func fill() {
      let page = [UInt8](repeating: 1, count: 1 << 16)
      while write(ours, page, page.count) > 0 {}
      #expect(errno == EAGAIN)
    }
  }

  @Test func waitsAgainForWhatWasLeftUnread() async throws {
    let pair = try Pair()
    try await onLoop { loop in
      let watch = try WatchedDescriptor(pair.ours, on: loop)
      pair.send(3)
      for left in [2, 1, 0] {
        try await watch.wait(for: .readable, until: nil)
        #expect(pair.take(1) == 1)
        #expect(watch.isReady(for: .readable) == (left > 0))
      }
      // Emptied: the next wait sleeps, and what is sent afterwards ends it.
      async let wait: Void = watch.wait(for: .readable, until: nil)
      loop.post { _ in pair.send(1) }
      try await wait
      #expect(pair.take(9) == 1)
    }
  }

  @Test(arguments: [WatchedDescriptor.Interest.writable, [.readable, .writable]])
  func wakesWhenThereIsRoomAgain(_ interests: WatchedDescriptor.Interest) async throws {
    let pair = try Pair()
    try await onLoop { loop in
      let watch = try WatchedDescriptor(pair.ours, on: loop)
      try await watch.wait(for: interests, until: nil)
      pair.fill()
      #expect(!watch.isReady(for: interests))
      loop.post { _ in
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        while read(pair.theirs, &bytes, bytes.count) > 0 {}
      }
      try await watch.wait(for: interests, until: nil)
      #expect(watch.isReady(for: .writable) && !watch.isReady(for: .readable))
    }
  }

  @Test func wakesForEitherOfTwo() async throws {
    let pair = try Pair()
    try await onLoop { loop in
      let watch = try WatchedDescriptor(pair.ours, on: loop)
      pair.fill()
      loop.post { _ in pair.send(1) }
      try await watch.wait(for: [.readable, .writable], until: nil)
      #expect(watch.isReady(for: .readable))
    }
  }

  @Test func wakesWhenThePeerHasGone() async throws {
    let pair = try Pair()
    try await onLoop { loop in
      let watch = try WatchedDescriptor(pair.ours, on: loop)
      loop.post { _ in shutdown(pair.theirs, Int32(SHUT_RDWR)) }
      try await watch.wait(for: .readable, until: nil)
      #expect(watch.isReady(for: .readable))
    }
  }

  @Test func givesUpAtTheDeadline() async throws {
    let (pair, time) = (try Pair(), ManualTime())
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          let watch = try WatchedDescriptor(pair.ours, on: loop)
          try await watch.wait(for: .readable, until: loop.deadline(in: .seconds(3)))
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      time.advance(by: .seconds(3))
      await #expect(throws: NetworkError.timedOut) { try await task.value }
    }
  }

  @Test func endsWhenItsTaskIsCancelled() async throws {
    let pair = try Pair()
    try await withLoops { group in
      let loop = group.next()
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          let watch = try WatchedDescriptor(pair.ours, on: loop)
          try await watch.wait(for: .readable, until: nil)
        }
      }
      await waitUntil { loop.statistics.sockets == 1 }
      task.cancel()
      await #expect(throws: NetworkError.cancelled) { try await task.value }
      await loop.run {}
      await waitUntil { loop.statistics.sockets == 0 }
    }
  }

  @Test func goesOnWhenItsOwnerHasClosedTheDescriptor() async throws {
    let (first, second) = (try Pair(), try Pair())
    try await onLoop { loop in
      let number = dup(first.ours)
      let old = try WatchedDescriptor(number, on: loop)
      // Another socket comes to stand under the number, and is watched as well.
      #expect(dup2(second.ours, number) == number)
      let new = try WatchedDescriptor(number, on: loop)
      close(number)
      loop.post { _ in second.send(1) }
      try await new.wait(for: .readable, until: nil)
      #expect(!old.isReady(for: .readable))
      loop.post { _ in first.send(1) }
      try await old.wait(for: .readable, until: nil)
      #expect(first.take(2) == 1 && second.take(2) == 1)
    }
  }

  @Test func cannotWatchWhatIsNotThere() async throws {
    try await onLoop { loop in
      #expect(throws: NetworkError.system(SystemError(code: EBADF, operation: "fcntl"))) {
        try WatchedDescriptor(-1, on: loop)
      }
      #expect(loop.statistics.sockets == 0)
    }
  }

  @Test func isDroppedAnywhere() async throws {
    let pair = try Pair()
    try await withLoops { group in
      let loop = group.next()
      // What the loop makes is the test's; here it is let go of, on the test's own thread.
      var watch: WatchedDescriptor? = try await loop.run { () async throws(NetworkError) in
        try WatchedDescriptor(pair.ours, on: loop)
      }
      #expect(watch?.loop === loop)
      watch = nil
      await waitUntil { loop.statistics.sockets == 0 }
    }
  }
}
