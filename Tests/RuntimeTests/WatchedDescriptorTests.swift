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
      defer { watch.end() }
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
      defer { watch.end() }
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
      defer { watch.end() }
      pair.fill()
      loop.post { _ in pair.send(1) }
      try await watch.wait(for: [.readable, .writable], until: nil)
      #expect(watch.isReady(for: .readable))
    }
  }

  @Test func wakesWhenThePeerHasGone() async throws {
    try await onLoop { loop in
      var pair: [Int32] = [0, 0]
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
      let (ours, theirs) = (pair[0], pair[1])
      let watch = try WatchedDescriptor(ours, on: loop)
      loop.post { _ in close(theirs) }
      try await watch.wait(for: .readable, until: nil)
      #expect(watch.isReady(for: .readable))
      watch.end()
      close(ours)
    }
  }

  @Test func givesUpAtTheDeadline() async throws {
    let (pair, time) = (try Pair(), ManualTime())
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          let watch = try WatchedDescriptor(pair.ours, on: loop)
          defer { watch.end() }
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
          defer { watch.end() }
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

  @Test func watchesANewSocketUnderTheSameNumber() async throws {
    try await onLoop { loop in
      var number: Int32 = -1
      for round in 0..<3 {
        let pair = try Pair()
        let watched = round == 0 ? pair.ours : number
        if round > 0 { #expect(dup2(pair.ours, number) == number) }
        number = round == 0 ? dup(pair.ours) : number
        let watch = try WatchedDescriptor(round == 0 ? number : watched, on: loop)
        loop.post { _ in pair.send(1) }
        try await watch.wait(for: .readable, until: nil)
        #expect(pair.take(2) == 1)
        watch.end()
        watch.end()
      }
      close(number)
    }
  }
}
