// The queue of a partition without a partition: events in, answers out.

import Bytes
import Records
import Runtime
import Testing

@testable import Log

@Suite("The append queue")
struct AppendQueueTests {
  private static let now = MonotonicInstant(nanoseconds: 1_000_000_000)

  private func queue(_ change: (inout TopicSettings) -> Void = { _ in }) throws -> AppendQueue {
    var settings = smallSegments(64 << 10)
    settings.queueBytesMaximum = 4096
    change(&settings)
    return AppendQueue(
      PartitionID(try TopicName("events"), 0), settings: settings, nextOffset: 100,
      producers: ProducerTable(entriesMaximum: 100), leaderEpoch: 3)
  }

  private func append(
    _ queue: inout AppendQueue, _ records: [Record], _ options: AppendOptions = .written,
    at now: MonotonicInstant = now
  ) -> String {
    let attempt = records.withUnsafeBufferPointer {
      queue.append($0, options, waiter: nil, wall: 1234, now: now)
    }
    return Self.text(attempt)
  }

  private static func text(_ attempt: AppendQueue.Attempt) -> String {
    switch attempt {
    case .accepted(let receipt, let isPending, let schedule):
      "\(receipt.first)+\(receipt.count)\(receipt.isDuplicate ? " again" : "")"
        + "\(isPending ? " pending" : "")\(schedule ? " tell" : "")"
    case .noRoom: "no room"
    case .needsKeys: "needs keys"
    case .refused(let error): "refused: \(error)"
    }
  }

  @Test("offsets are given in order, and the writer is told once")
  func order() throws {
    var queue = try queue()
    #expect(append(&queue, [Record("a")]) == "100+1 tell")
    #expect(append(&queue, [Record("b"), Record("c")]) == "101+2")
    #expect(append(&queue, [Record("d")]) == "103+1")
    #expect(queue.nextOffset == 104)
    // What was written waits for company, then not any longer.
    let due = Self.now.advanced(by: AppendQueue.writeDelay)
    #expect(queue.readiness(now: Self.now) == .at(due))
    #expect(append(&queue, [Record("e")]) == "104+1", "the writer comes by itself")
    #expect(queue.readiness(now: due) == .now)
    var spare = BatchArena(capacity: 1024)
    let load = queue.take(&spare)
    #expect(load.durableWaiters.isEmpty)
    #expect(spare.drafts.map { [$0.header.baseOffset, Int64($0.header.recordCount)] } == [[100, 5]])
    #expect(spare.drafts[0].header.leaderEpoch == 3 && spare.drafts[0].header.baseTimestamp == 1234)
    #expect(queue.readiness(now: due) == .nothing)
    #expect(append(&queue, [Record("f")]) == "105+1 tell")
  }

  @Test("many bytes are written at once")
  func urgency() throws {
    var queue = try queue { $0.queueBytesMaximum = 1 << 20 }
    let large = Record(String(repeating: "x", count: 1000))
    #expect(append(&queue, [large]) == "100+1 tell")
    _ = queue.readiness(now: Self.now)
    var told = 0
    while told == 0 { if append(&queue, [large]).hasSuffix("tell") { told = queue.arena.usedBytes } }
    #expect((AppendQueue.writeBytes..<AppendQueue.writeBytes + 1100).contains(told))
    #expect(queue.readiness(now: Self.now) == .now)
  }

  @Test(
    "room ends where the settings say, and comes back with the writer; an empty queue takes what fits a batch"
  )
  func room() throws {
    var queue = try queue { $0.queueBytesMaximum = 2048 }
    let record = Record(String(repeating: "x", count: 900))
    #expect(append(&queue, [record, record]) == "100+2 tell")
    #expect(append(&queue, [record]) == "no room")
    #expect(queue.nextOffset == 102)
    var spare = BatchArena(capacity: 64)
    #expect(queue.readiness(now: Self.now.advanced(by: AppendQueue.writeDelay)) == .now)
    _ = queue.take(&spare)
    #expect(append(&queue, [record]) == "102+1 tell")
  }

  @Test("stamped appends get batches of their own")
  func stamped() throws {
    var queue = try queue()
    func stamp(_ sequence: Int32) -> AppendOptions {
      AppendOptions(durability: .written, producer: ProducerStamp(id: 9, epoch: 2, sequence: sequence))
    }
    #expect(append(&queue, [Record("a")]) == "100+1 tell")
    #expect(append(&queue, [Record("b"), Record("c")], stamp(0)) == "101+2")
    #expect(append(&queue, [Record("d")]) == "103+1")
    #expect(append(&queue, [Record("b"), Record("c")], stamp(0)) == "101+2 again")
    #expect(
      append(&queue, [Record("e")], stamp(3)).hasPrefix("refused: producer 9 must go on with sequence 2"))
    #expect(append(&queue, [Record("e")], stamp(2)) == "104+1")
    let headers = queue.arena.drafts.map(\.header)
    #expect(headers.map(\.baseOffset) == [100, 101, 103, 104])
    #expect(headers.map(\.producerID) == [-1, 9, -1, 9])
    #expect(headers.map(\.baseSequence) == [-1, 0, -1, 2])
  }

  @Test("what was refused leaves nothing behind")
  func refusals() throws {
    var queue = try queue()
    let stamp = ProducerStamp(id: 9, sequence: 0)
    let conditions: [AppendCondition] = [.nextOffset(99)]
    #expect(
      append(&queue, [Record("a")], AppendOptions(conditions: conditions, producer: stamp))
        == "refused: events-0 has gone on: decided at offset 99, the next is 100")
    #expect(append(&queue, []) == "refused: an append needs at least one record")
    #expect(
      append(&queue, [Record(String(repeating: "x", count: 1500))], AppendOptions(producer: stamp))
        .hasPrefix("refused: a record of 1509 bytes"))
    #expect(
      append(&queue, [Record("a")], AppendOptions(conditions: [.lastOffset(nil, ofKey: ByteBuffer("k"))]))
        == "needs keys")
    #expect(queue.arena.isEmpty && queue.nextOffset == 100 && queue.producers.entries.isEmpty)
    queue.beginClosing()
    #expect(append(&queue, [Record("a")]) == "refused: the log is closed")
    queue.reopen(nextOffset: 50, producers: ProducerTable(entriesMaximum: 10))
    #expect(append(&queue, [Record("a")]) == "refused: the log is closed", "closing is for good")
  }

  @Test("who waits is handed over with the batches, or when the queue ends")
  func waiters() async throws {
    let queue = Locked(try queue())
    func outcome(_ text: String) -> Task<AppendOutcome, Never> {
      Task {
        await suspend { (waiter: Waiter<AppendOutcome>) in
          let attempt = [Record(text)].withUnsafeBufferPointer { records in
            queue.withLock { $0.append(records, .durable, waiter: waiter, wall: 0, now: Self.now) }
          }
          if !Self.text(attempt).contains("pending") { waiter.resume(returning: .needsKeys) }
        }
      }
    }
    let first = outcome("a")
    await until { queue.withLock { $0.readiness(now: Self.now) } == .now }
    let waiters = queue.withLock { queue in
      var spare = BatchArena(capacity: 64)
      return queue.take(&spare).durableWaiters
    }
    #expect(waiters.map(\.receipt) == [AppendReceipt(first: 100, count: 1)])
    for waiter in waiters { waiter.waiter.resume(returning: .appended(waiter.receipt)) }
    guard case .appended(AppendReceipt(first: 100, count: 1)) = await first.value else {
      Issue.record("not answered")
      return
    }
    let second = outcome("b")
    await until { queue.withLock { $0.readiness(now: Self.now) } == .now }
    let left = queue.withLock { $0.refuse(with: .closed).durableWaiters }
    for waiter in left { waiter.waiter.resume(returning: .failed(.closed)) }
    guard case .failed(.closed) = await second.value else {
      Issue.record("not refused")
      return
    }
  }

  @Test("who waits for room is called by ticket, given up by ticket, and refused by a queue that has ended")
  func roomLine() async throws {
    let queue = Locked(try queue())
    let tickets = Locked<[UInt64]>([])
    let tasks = (0..<2).map { _ in
      Task {
        await suspend { (waiter: Waiter<AppendOutcome>) in
          queue.withLock { queue in
            if case .waiting(let ticket) = queue.awaitRoom(waiter) { tickets.withLock { $0.append(ticket) } }
          }
        }
      }
    }
    await until { tickets.withLock { $0.count } == 2 }
    #expect(queue.withLock { $0.readiness(now: Self.now) } == .now)
    let line = tickets.withLock { $0 }
    #expect(Set(line).count == 2)
    let first = queue.withLock { $0.abandonRoom(line[0]) }
    #expect(first != nil)
    #expect(queue.withLock { $0.abandonRoom(line[0]) == nil })
    first?.resume(returning: .room)
    let rest = queue.withLock { $0.refuse(with: .closed).roomWaiters }
    #expect(rest.map(\.ticket) == [line[1]])
    for waiter in rest { waiter.waiter.resume(returning: .room) }
    for task in tasks { _ = await task.value }
    let late: AppendOutcome = await suspend { (waiter: Waiter<AppendOutcome>) in
      if case .refused(let error) = queue.withLock({ $0.awaitRoom(waiter) }) {
        waiter.resume(returning: .failed(error))
      }
    }
    guard case .failed(.closed) = late else {
      Issue.record("\(late)")
      return
    }
  }
}
