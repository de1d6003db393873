// Readers that many callers share.

import Runtime
import Synchronization
import Testing

@testable import Database

@Suite("Readers of a SQLite file") struct SQLiteReadersTests {
  /// Something that a body waits for.
  final class Signal: Sendable {
    private let state = Locked<(isSet: Bool, waiters: [Waiter<Void>])>((false, []))

    func set() {
      let waiters = state.withLock { state in
        state.isSet = true
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume() }
    }

    func wait() async {
      await suspend { (waiter: Waiter<Void>) in
        let isSet = state.withLock { state in
          if !state.isSet { state.waiters.append(waiter) }
          return state.isSet
        }
        if isSet { waiter.resume() }
      }
    }
  }

  private static func countItems(_ readers: SQLiteReaders) async throws -> Int64 {
    try await readers.read { connection throws(DatabaseError) in
      try connection.integer("SELECT count(*) FROM items")
    }
  }

  private func withReaders(
    _ count: Int, queue: Int = 100, items: Int = 10,
    _ body: (SQLiteReaders, SQLiteConnection) async throws -> Void
  ) async throws {
    let fixture = try SQLiteFixture()
    let writer = try fixture.writer(withItems: items)
    let pool = try BlockingPool(name: "test", threads: 1, queueLimit: 8)
    var settings = SQLiteSettings()
    settings.readers = count
    settings.readersQueueMaximum = queue
    let readers = try await SQLiteReaders(path: fixture.path, settings: settings, pool: pool)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(readers, writer)) } catch { outcome = .failure(error) }
    try await readers.close()
    await pool.shutdown()
    try outcome.get()
  }

  private func name<Output>(of task: Task<Output, any Error>) async -> String? {
    do {
      _ = try await task.value
      return nil
    } catch {
      return (error as? DatabaseError)?.name ?? "\(error)"
    }
  }

  @Test("many callers read, each in a snapshot, on the readers' threads only")
  func manyCallers() async throws {
    try await withReaders(2) { readers, _ in
      let counts = try await withThrowingTaskGroup(of: (Int64, Bool).self) { group in
        for _ in 0..<60 {
          group.addTask {
            try await readers.read { connection throws(DatabaseError) in
              let before = try connection.integer("SELECT count(*) FROM items")
              await Task.yield()
              return (before, EventLoop.current != nil)
            }
          }
        }
        var counts: [(Int64, Bool)] = []
        for try await count in group { counts.append(count) }
        return counts
      }
      #expect(counts.count == 60 && counts.allSatisfy { $0.0 == 10 && $0.1 })
      #expect(readers.load == (0, 0))
    }
  }

  @Test("a body that suspends still sees the file as it was when it began")
  func snapshot() async throws {
    try await withReaders(1) { readers, writer in
      let (begun, goOn) = (Signal(), Signal())
      let task = Task {
        try await readers.read { connection throws(DatabaseError) in
          begun.set()
          await goOn.wait()
          return try connection.integer("SELECT count(*) FROM items")
        }
      }
      await begun.wait()
      try writer.run(script: "DELETE FROM items")
      goOn.set()
      #expect(try await task.value == 10)
      #expect(try await Self.countItems(readers) == 0)
    }
  }

  @Test("a body that throws ends its transaction, and its reader serves the next")
  func throwing() async throws {
    try await withReaders(1) { readers, _ in
      for _ in 0..<3 {
        await #expect(throws: DatabaseError.conflict(reason: "test")) {
          try await readers.read { _ throws(DatabaseError) in throw .conflict(reason: "test") }
        }
      }
      let count = try await Self.countItems(readers)
      #expect(count == 10)
    }
  }

  @Test("callers beyond the queue are refused, those in it are served in order of arrival")
  func order() async throws {
    try await withReaders(1, queue: 3) { readers, _ in
      let (begun, goOn) = (Signal(), Signal())
      let served = Locked<[Int]>([])
      let first = Task {
        try await readers.read { _ throws(DatabaseError) in
          begun.set()
          await goOn.wait()
        }
      }
      await begun.wait()
      var waiting: [Task<Void, any Error>] = []
      for number in 0..<3 {
        waiting.append(
          Task {
            try await readers.read { _ throws(DatabaseError) in served.withLock { $0.append(number) } }
          })
        while readers.load.waiting < number + 1 { await Task.yield() }
      }
      let refused = Task { try await readers.read { _ throws(DatabaseError) in } }
      #expect(await name(of: refused) == "overloaded")
      goOn.set()
      try await first.value
      for task in waiting { try await task.value }
      #expect(served.withLock { $0 } == [0, 1, 2])
    }
  }

  @Test("a caller that is cancelled while it waits leaves the queue, and its place to others")
  func cancellation() async throws {
    try await withReaders(1, queue: 1) { readers, _ in
      let (begun, goOn) = (Signal(), Signal())
      let first = Task {
        try await readers.read { _ throws(DatabaseError) in
          begun.set()
          await goOn.wait()
        }
      }
      await begun.wait()
      for _ in 0..<20 {
        let waiting = Task { try await readers.read { _ throws(DatabaseError) in } }
        while readers.load.waiting == 0 { await Task.yield() }
        waiting.cancel()
        #expect(await name(of: waiting) == "cancelled")
        #expect(readers.load == (0, 1))
      }
      let last = Task { try await Self.countItems(readers) }
      while readers.load.waiting == 0 { await Task.yield() }
      goOn.set()
      try await first.value
      #expect(try await last.value == 10)
    }
  }

  @Test("a caller that was cancelled before does not begin, and one that runs is told")
  func cancelledCallers() async throws {
    try await withReaders(1) { readers, _ in
      let (begun, goOn) = (Signal(), Signal())
      let running = Task {
        try await readers.read { _ throws(DatabaseError) in
          begun.set()
          await goOn.wait()
          return Task.isCancelled
        }
      }
      await begun.wait()
      running.cancel()
      goOn.set()
      let wasTold = try await running.value
      #expect(wasTold)
      let late = Task {
        while !Task.isCancelled { await Task.yield() }
        try await readers.read { _ throws(DatabaseError) in _ = Issue.record("it began") }
      }
      late.cancel()
      #expect(await name(of: late) == "cancelled")
    }
  }

  @Test("close refuses who waits and who comes, and lets what runs come to its end")
  func close() async throws {
    try await withReaders(1) { readers, _ in
      let (begun, goOn) = (Signal(), Signal())
      let running = Task {
        try await readers.read { connection throws(DatabaseError) in
          begun.set()
          await goOn.wait()
          return try connection.integer("SELECT count(*) FROM items")
        }
      }
      await begun.wait()
      let waiting = Task { try await readers.read { _ throws(DatabaseError) in } }
      while readers.load.waiting == 0 { await Task.yield() }
      let closing = Task { try await readers.close() }
      #expect(await name(of: waiting) == "closed")
      #expect(await name(of: Task { try await readers.read { _ throws(DatabaseError) in } }) == "closed")
      goOn.set()
      #expect(try await running.value == 10)
      try await closing.value
    }
  }

  @Test("readers of a file that is not there are not made")
  func noFile() async throws {
    let pool = try BlockingPool(name: "test", threads: 1, queueLimit: 8)
    let fixture = try SQLiteFixture()
    await #expect(throws: DatabaseError.self) { _ = try await SQLiteReaders(path: fixture.path, pool: pool) }
    await pool.shutdown()
  }
}
