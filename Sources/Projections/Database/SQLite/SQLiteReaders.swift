// The readers of a file: a few connections, each with a thread of its own, that callers take in turn. SQLite
// blocks its thread, so it never runs on a thread that serves connections.

import Runtime

/// A bounded pool of reading connections.
final class SQLiteReaders: Sendable {
  /// A connection and its thread.
  private struct Seat: Sendable {
    let loop: EventLoop
    let connection: SQLiteConnection
  }

  private typealias Turn = Waiter<Result<Int, DatabaseError>>

  /// A caller's number in the queue, once it has one.
  ///
  /// `@unchecked Sendable`: read and written under the lock of `state` only.
  private final class Ticket: @unchecked Sendable {
    var number: UInt64?
  }

  private struct State {
    /// The seats that nobody has.
    var free: [Int]
    /// Who waits, by number in order of arrival; a caller that gave up is no longer here.
    var waiting: [UInt64: Turn] = [:]
    var oldest: UInt64 = 0
    var nextNumber: UInt64 = 0
    var isClosing = false
    var isClosed = false
    var closers: [Waiter<Void>] = []

    /// The one that waits for the longest time.
    mutating func takeOldest() -> Turn? {
      while oldest < nextNumber {
        defer { oldest += 1 }
        if let turn = waiting.removeValue(forKey: oldest) { return turn }
      }
      return nil
    }
  }

  private let seats: [Seat]
  private let path: String
  private let queueMaximum: Int
  private let state: Locked<State>

  /// Opens the connections and starts their threads. The file's writer is there before.
  ///
  /// - Parameter pool: where the threads' loops send what is not SQLite's.
  init(path: String, settings: SQLiteSettings = SQLiteSettings(), pool: BlockingPool)
    async throws(DatabaseError)
  {
    precondition(settings.readers > 0 && settings.readersQueueMaximum >= 0, "a pool has a reader")
    var seats: [Seat] = []
    do throws(DatabaseError) {
      for index in 0..<settings.readers {
        let connection = try SQLiteConnection(path: path, mode: .reader, settings: settings)
        do throws(NetworkError) {
          seats.append(
            Seat(loop: try EventLoop.start(index: index, name: "reader", pool: pool), connection: connection))
        } catch {
          throw .cannotOpen(target: path, reason: "no thread for a reader: \(error)")
        }
      }
    } catch {
      for seat in seats { await seat.loop.shutdown() }
      throw error
    }
    self.seats = seats
    self.path = path
    queueMaximum = settings.readersQueueMaximum
    state = Locked(State(free: Array(seats.indices.reversed())))
  }

  deinit {
    precondition(
      state.withLock { $0.isClosed }, "readers are closed before they are let go: threads would stay")
  }

  /// How many callers wait for a reader, and how many readers are busy.
  var load: (waiting: Int, running: Int) {
    state.withLock { ($0.waiting.count, seats.count - $0.free.count) }
  }

  /// Runs `body` on a reader's thread, in a read transaction: it sees the file as it is when it begins. It
  /// must not ask these readers again and wait: they may all be taken by those who do the same.
  ///
  /// Cancelling the caller ends its wait for a reader with `.cancelled`; once `body` runs, it is told.
  func read<Output: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    let index = try await take()
    let seat = seats[index]
    let outcome: Result<Output, DatabaseError>
    do throws(DatabaseError) {
      outcome = .success(
        try await seat.loop.run { () async throws(DatabaseError) in
          try await Self.inTransaction(of: seat.connection, body)
        })
    } catch {
      outcome = .failure(error)
    }
    give(index)
    return try outcome.get()
  }

  private static func inTransaction<Output: Sendable>(
    of connection: SQLiteConnection,
    _ body: @Sendable (SQLiteConnection) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    try connection.begin(.read)
    let output: Output
    do throws(DatabaseError) {
      output = try await body(connection)
    } catch {
      try connection.rollback()
      throw error
    }
    try connection.commit()
    return output
  }

  // MARK: Turns

  /// Waits for a free seat.
  private func take() async throws(DatabaseError) -> Int {
    let ticket = Ticket()
    let outcome: Result<Int, DatabaseError> = await withTaskCancellationHandler {
      await suspend { waiter in
        if let answer = enter(waiter, ticket) { waiter.resume(returning: answer) }
      }
    } onCancel: {
      // A caller that has not entered yet finds itself cancelled when it does.
      let waiter = state.withLock { state in ticket.number.flatMap { state.waiting.removeValue(forKey: $0) } }
      waiter?.resume(returning: .failure(.cancelled))
    }
    return try outcome.get()
  }

  /// Gives a seat at once, or why there is none; nil when `waiter` stands in the queue.
  private func enter(_ waiter: Turn, _ ticket: Ticket) -> Result<Int, DatabaseError>? {
    state.withLock { state in
      if state.isClosing { return .failure(.closed) }
      if Task.isCancelled { return .failure(.cancelled) }
      if let seat = state.free.popLast() { return .success(seat) }
      guard state.waiting.count < queueMaximum else {
        return .failure(
          .overloaded(target: path, reason: "\(state.waiting.count) callers wait for a reader"))
      }
      ticket.number = state.nextNumber
      state.waiting[state.nextNumber] = waiter
      state.nextNumber += 1
      return nil
    }
  }

  /// Hands a seat on.
  private func give(_ seat: Int) {
    let (next, closers) = state.withLock { state -> (Turn?, [Waiter<Void>]) in
      if let next = state.takeOldest() { return (next, []) }
      state.free.append(seat)
      guard state.isClosing && state.free.count == seats.count else { return (nil, []) }
      defer { state.closers = [] }
      return (nil, state.closers)
    }
    next?.resume(returning: .success(seat))
    for closer in closers { closer.resume() }
  }

  /// Refuses who waits and who comes, lets what runs come to its end, and closes the connections.
  func close() async throws(DatabaseError) {
    let (isFirst, refused) = state.withLock { state -> (Bool, [Turn]) in
      defer { state.isClosing = true }
      var refused: [Turn] = []
      while let turn = state.takeOldest() { refused.append(turn) }
      return (!state.isClosing, refused)
    }
    for turn in refused { turn.resume(returning: .failure(.closed)) }
    guard isFirst else { return }
    await suspend { (waiter: Waiter<Void>) in
      let isIdle = state.withLock { state in
        let isIdle = state.free.count == seats.count
        if !isIdle { state.closers.append(waiter) }
        return isIdle
      }
      if isIdle { waiter.resume() }
    }
    for seat in seats { await seat.loop.shutdown() }
    state.withLock { $0.isClosed = true }
    var first: DatabaseError?
    for seat in seats {
      do throws(DatabaseError) { try seat.connection.close() } catch { first = first ?? error }
    }
    if let first { throw first }
  }
}
