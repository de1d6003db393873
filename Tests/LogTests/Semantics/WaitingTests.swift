// Who waits: for room, for durability, for records at the end; and what ends the waiting.

import Bytes
import Files
import Records
import Runtime
import Testing

@testable import Log

@Suite("Waiting")
struct WaitingTests {
  private static func name() throws -> TopicName { try TopicName("events") }

  /// A disk whose log files are as slow as the gate says: it holds the writer thread in a sync.
  private final class Gate: Sendable {
    private let semaphore = ThreadSemaphore()
    private let isShut = Locked(false)
    let files: SimulatedFiles
    let faulty: FaultyFiles

    init() {
      files = SimulatedFiles()
      let (semaphore, isShut) = (semaphore, isShut)
      faulty = FaultyFiles(
        wrapping: files, random: SeededRandom(seed: 1),
        delay: { _ in if isShut.withLock({ $0 }) { semaphore.wait() } })
      faulty.faults.add(FaultRule(.slow(.seconds(1)), on: [.syncData], of: .containing("/events-0/")))
    }

    func shut() { isShut.withLock { $0 = true } }

    func open() {
      isShut.withLock { $0 = false }
      for _ in 0..<64 { semaphore.signal() }
    }
  }

  private func smallQueue() -> TopicSettings {
    var settings = smallSegments(64 << 10)
    settings.queueBytesMaximum = 4096
    return settings
  }

  /// Shuts the gate with one append in it, and fills the queue behind.
  private func fill(_ partition: Partition, _ gate: Gate) async throws -> Task<LogOffset, any Error> {
    gate.shut()
    let held = Task { try await partition.append(Record("held")).first }
    await until {
      gate.faulty.faults.record.contains {
        $0.operation == .syncData && $0.path.string.contains("/events-0/")
      }
    }
    while try partition.appendWritten([Record(String(repeating: "f", count: 500))]) != nil {}
    return held
  }

  @Test("a full queue refuses who will not wait, and lets in who waits when there is room")
  func overload() async throws {
    let gate = Gate()
    try await LogFixture(gate.faulty).withLog { log in
      let partition = try await log.createTopic(Self.name(), smallQueue()).partitions[0]
      let held = try await fill(partition, gate)
      let full = LogError.overloaded(partition.id, queuedBytesMaximum: 4096)
      let large = Record(String(repeating: "l", count: 600))
      for durability in [Durability.durable, .written] {
        await #expect(throws: full) {
          try await partition.append(large, AppendOptions(durability: durability, whenFull: .refuse))
        }
      }
      let waiting = (0..<20).map { index in
        Task { try await partition.append(large, index % 2 == 0 ? .durable : .written).first }
      }
      let cancelled = Task { try await partition.append(large) }
      await Task.yield()
      cancelled.cancel()
      await #expect(throws: LogError.cancelled) { try await cancelled.value }
      gate.open()
      #expect(try await held.value == 0)
      var offsets: Set<LogOffset> = []
      for task in waiting { offsets.insert(try await task.value) }
      #expect(offsets.count == 20)
      try await partition.sync()
      let texts = try partition.contents().map(\.text)
      #expect(texts.count { $0.hasPrefix("l") } == 20, "and what was cancelled is not there")
    }
  }

  @Test("closing answers everybody who waits for room")
  func closingWithWaiters() async throws {
    let gate = Gate()
    let log = try await LogFixture(gate.faulty).open()
    let partition = try await log.createTopic(Self.name(), smallQueue()).partitions[0]
    let held = try await fill(partition, gate)
    let waiting = (0..<20).map { _ in
      Task { () -> LogError? in
        do throws(LogError) {
          try await partition.append(Record(String(repeating: "l", count: 600)))
          return nil
        } catch {
          return error
        }
      }
    }
    await Task.yield()
    let closing = Task { try await log.close() }
    await until { partition.standing != .open }
    gate.open()
    try await closing.value
    #expect(try await held.value == 0)
    for task in waiting {
      let error = await task.value
      #expect(error == nil || error == .closed)
    }
    await #expect(throws: LogError.closed) { try await partition.append(Record("late")) }
    await #expect(throws: LogError.closed) { try await partition.sync() }
  }

  @Test("a written record is seen by who reads what is written, and by others once it is durable")
  func visibility() async throws {
    let gate = Gate()
    try await LogFixture(gate.faulty).withLog { log in
      let partition = try await log.createTopic(Self.name(), smallQueue()).partitions[0]
      gate.shut()
      let durable = Task { try await partition.append(Record("one")) }
      await until { partition.extent(.written).end == 1 }
      #expect(partition.extent(.durable).end == 0)
      #expect(try partition.contents() == [])
      var options = BatchReader.Options()
      options.isolation = .written
      var reader = try partition.reader(from: .beginning, options: options)
      #expect(try reader.next()?.records().map(\.text) == ["one"])
      gate.open()
      _ = try await durable.value
      #expect(try partition.contents().map(\.text) == ["one"])
    }
  }

  @Test("thousands who wait at the end are all woken by one append")
  func manySubscribers() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(Self.name(), smallSegments()).partitions[0]
      try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<3000 {
          group.addTask {
            var subscription = try await partition.subscribe(from: .end)
            return try await subscription.next().records()[0].text
          }
        }
        await until { partition.table.waiting == 3000 }
        try await partition.append(Record("news"))
        var count = 0
        for try await text in group {
          count += 1
          if text != "news" { Issue.record("\(text)") }
        }
        #expect(count == 3000)
      }
    }
  }

  @Test("a subscription ends when its task is cancelled, the topic is deleted, or the log is closed")
  func subscriptionsEnd() async throws {
    let fixture = try LogFixture()
    let log = try await fixture.open()
    func subscriber(_ partition: Partition) -> Task<Void, any Error> {
      Task {
        var subscription = try await partition.subscribe(from: .end)
        _ = try await subscription.next()
      }
    }
    let partition = try await log.createTopic(Self.name(), smallSegments()).partitions[0]
    let doomed = try await log.createTopic(TopicName("doomed")).partitions[0]
    let (cancelled, deleted, closed) = (subscriber(partition), subscriber(doomed), subscriber(partition))
    await until { partition.table.waiting == 2 && doomed.table.waiting == 1 }
    cancelled.cancel()
    await #expect(throws: LogError.cancelled) { try await cancelled.value }
    try await log.deleteTopic(TopicName("doomed"))
    await #expect(throws: LogError.closed) { try await deleted.value }
    await #expect(throws: LogError.unknownTopic(try TopicName("doomed"))) {
      try await doomed.append(Record("late"))
    }
    try await log.close()
    await #expect(throws: LogError.closed) { try await closed.value }
  }

  @Test("a reader of what is written goes on after a failed sync took some of it back")
  func writtenReaderAfterRetraction() async throws {
    let files = SimulatedFiles()
    try await LogFixture(files).withLog { log in
      let partition = try await log.createTopic(Self.name(), smallSegments()).partitions[0]
      try await partition.append([Record("one"), Record("two")])
      var options = BatchReader.Options()
      options.isolation = .written
      var ahead = try partition.reader(from: .beginning, options: options)
      var behind = ahead
      #expect(try behind.next()?.header.nextOffset == 2)
      files.faults.add(FaultRule(.fail(.inputOutput), on: [.syncData], of: .suffix(".log"), at: .call(1)))
      await #expect(throws: LogError.self) {
        try await partition.append(Record(String(repeating: "x", count: 300)))
      }
      while try ahead.next() != nil {}
      #expect(ahead.nextOffset == 3)
      partition.wish { $0.reopen = true }
      await becomesOpen(partition)
      #expect(throws: LogError.offsetOutOfRange(partition.id, requested: 3, first: 0, end: 2)) {
        try ahead.next()
      }
      for index in 0..<20 { try await partition.append(Record("again \(index)")) }
      var texts: [String] = []
      while let batch = try behind.next() { texts += try batch.records().map(\.text) }
      #expect(texts == (0..<20).map { "again \($0)" })
      #expect(partition.standing == .open)
    }
  }

  @Test("a deletion that a crash interrupted after it was decided is finished by the next opening")
  func deletionIsFinished() async throws {
    let files = SimulatedFiles()
    try await LogFixture(files).withLog { log in
      try await log.createTopic(Self.name(), smallSegments()).partitions[0].append(Record("one"))
      try await log.createTopic(TopicName("events-2"))
      files.faults.add(FaultRule(.fail(.inputOutput), on: [.rename], of: .suffix("/events-0")))
      await #expect(throws: LogError.self) { try await log.deleteTopic(Self.name()) }
      files.faults.removeAll()
    }
    try await LogFixture(files).withLog { log in
      #expect(log.topics.map(\.name.text) == ["events-2"])
      let names = try files.list("/log").map(\.name)
      #expect(names.filter { $0.hasPrefix("events-") } == ["events-2-0"])
    }
  }

  @Test("reading from a time begins at the first record that is as late")
  func fromTime() async throws {
    try await LogFixture().withLog { log in
      let partition = try await log.createTopic(Self.name(), smallSegments()).partitions[0]
      // Times that mostly rise, and sometimes fall back.
      let times: [Int64] = (0..<200).map { (index: Int) -> Int64 in
        let back = index % 7 == 0 ? 35 : 0
        return Int64(1000 + index * 10 - back)
      }
      for (index, time) in times.enumerated() {
        try await partition.append(
          Record("\(index)" + String(repeating: ".", count: 100), timestamp: time), .written)
        if index % 3 == 0 { try await partition.sync() }
      }
      try await partition.sync()
      for wanted in stride(from: Int64(900), to: 3100, by: 7) {
        let expected = times.firstIndex { $0 >= wanted }.map { Int64($0) } ?? 200
        let reader = try partition.reader(from: .time(wanted))
        #expect(reader.nextOffset.value == expected, "time \(wanted)")
      }
    }
  }

  @Test("control batches are passed over, unless they are asked for")
  func controlBatches() async throws {
    let files = SimulatedFiles()
    let fixture = try LogFixture(files)
    let id = PartitionID(try Self.name(), 0)
    try await fixture.withLog { log in
      try await log.createTopic(id.topic, smallSegments()).partitions[0].append([
        Record("one"), Record("two"),
      ])
    }
    // Turn the only batch into a control batch, as another program's transactions leave them.
    let path: FilePath = "/log/events-0/00000000000000000000.log"
    let bytes = try files.contents(of: path, bytesMaximum: 4096)
    var header = try bytes.withReadableBytes { try RecordBatchHeader(parsing: $0) }
    header.attributes = BatchAttributes(rawValue: 0b10_0000)
    let changed = bytes.withReadableBytes { source in
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 8)
      defer { memory.deallocate() }
      memory.copyMemory(from: source)
      if let base = memory.baseAddress {
        BatchSealing.seal(&header, recordBytes: source.count - RecordBatchHeader.byteCount, at: base)
      }
      return ByteBuffer(memory)
    }
    try files.replace(atomically: path, with: changed)
    try await fixture.withLog { log in
      let partition = try log.partition(id)
      try await partition.append(Record("three"))
      #expect(try partition.contents().map(\.offset) == [2])
      var options = BatchReader.Options()
      options.controlBatches = true
      var reader = try partition.reader(from: .beginning, options: options)
      #expect(try reader.next()?.header.attributes.isControl == true)
      #expect(try reader.next()?.header.baseOffset == 2)
    }
  }
}
