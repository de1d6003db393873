// How records come into a partition.

import Bytes
public import Records
import Runtime

extension Partition {
  /// Appends records as one batch that is there whole or not at all, and returns their offsets once they are
  /// as far as the options ask.
  ///
  /// - Parameters:
  ///   - records: at least one; together they must fit the topic's largest batch.
  ///   - options: how far they must have come, what must be true, and who appends.
  @discardableResult
  public func append(
    _ records: [Record], _ options: AppendOptions = .durable
  ) async throws(LogError) -> AppendReceipt {
    while true {
      let outcome: AppendOutcome
      switch options.durability {
      case .durable:
        outcome = await suspend { (waiter: Waiter<AppendOutcome>) in
          let attempt = records.withUnsafeBufferPointer { self.attempt($0, options, waiter: waiter) }
          if let immediate = settle(attempt) { waiter.resume(returning: immediate) }
        }
      case .written:
        let attempt = records.withUnsafeBufferPointer { self.attempt($0, options, waiter: nil) }
        outcome = settle(attempt) ?? .room
      }
      switch outcome {
      case .appended(let receipt): return receipt
      case .failed(let error): throw error
      case .room: try await awaitRoom(options)
      case .needsKeys: try await loadKeys()
      }
    }
  }

  /// Appends one record.
  @discardableResult
  public func append(
    _ record: Record, _ options: AppendOptions = .durable
  ) async throws(LogError) -> AppendReceipt {
    if options.durability == .written && options.conditions.isEmpty {
      let attempt = withUnsafePointer(to: record) { pointer in
        self.attempt(UnsafeBufferPointer(start: pointer, count: 1), options, waiter: nil)
      }
      if case .appended(let receipt) = settle(attempt) { return receipt }
    }
    return try await append([record], options)
  }

  /// Appends records that need only be written, without waiting for anything.
  ///
  /// - Returns: their offsets; nil when the queue is full.
  public func appendWritten(_ records: [Record]) throws(LogError) -> AppendReceipt? {
    let attempt = records.withUnsafeBufferPointer { self.attempt($0, .written, waiter: nil) }
    switch settle(attempt) {
    case .appended(let receipt): return receipt
    case .failed(let error): throw error
    case .room, .needsKeys, nil: return nil
    }
  }

  /// Returns once everything that was appended before is durable.
  public func sync() async throws(LogError) {
    let outcome: AppendOutcome = await suspend { (waiter: Waiter<AppendOutcome>) in
      let now = shared.time.monotonic
      let attempt = queue.withLock { $0.barrier(waiter, now: now) }
      if let immediate = settle(attempt) { waiter.resume(returning: immediate) }
    }
    if case .failed(let error) = outcome { throw error }
  }

  // MARK: Attempts

  @inline(__always)
  private func attempt(
    _ records: UnsafeBufferPointer<Record>, _ options: AppendOptions, waiter: Waiter<AppendOutcome>?
  ) -> AppendQueue.Attempt {
    let wall = shared.time.wall.milliseconds
    let now = shared.time.monotonic
    return queue.withLock { $0.append(records, options, waiter: waiter, wall: wall, now: now) }
  }

  /// Tells the writer if need be, and says what the caller is to be told now; nil: its waiter is in the queue.
  @inline(__always)
  private func settle(_ attempt: AppendQueue.Attempt) -> AppendOutcome? {
    switch attempt {
    case .accepted(let receipt, let isPending, let schedule):
      if schedule { tellWriter() }
      return isPending ? nil : .appended(receipt)
    case .noRoom: return .room
    case .needsKeys: return .needsKeys
    case .refused(let error): return .failed(error)
    }
  }

  // MARK: Waiting for room

  private func awaitRoom(_ options: AppendOptions) async throws(LogError) {
    if options.whenFull == .refuse {
      throw .overloaded(id, queuedBytesMaximum: settings.queueBytesMaximum)
    }
    let place = RoomPlace()
    let outcome: AppendOutcome = await withTaskCancellationHandler {
      await suspend { (waiter: Waiter<AppendOutcome>) in
        let request = queue.withLock { queue -> AppendQueue.RoomRequest in
          if place.isAbandoned { return .refused(.cancelled) }
          let request = queue.awaitRoom(waiter)
          if case .waiting(let ticket) = request { place.ticket = ticket }
          return request
        }
        switch request {
        case .refused(let error): waiter.resume(returning: .failed(error))
        case .waiting: tellWriter()
        }
      }
    } onCancel: {
      let waiter = queue.withLock { queue in
        place.isAbandoned = true
        return place.ticket.flatMap { queue.abandonRoom($0) }
      }
      waiter?.resume(returning: .failed(.cancelled))
    }
    if case .failed(let error) = outcome { throw error }
  }

  /// Where a caller stands in the line for room.
  ///
  /// `@unchecked Sendable`: both fields are only touched under the queue's lock.
  private final class RoomPlace: @unchecked Sendable {
    var ticket: UInt64?
    var isAbandoned = false
  }
}
