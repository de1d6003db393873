// One seed of the crash test on a simulated disk: a log is used, the power goes at a random call, the disk
// keeps a random part of what was not synced, the log is opened again and must keep the laws; several lives long.

import Bytes
import Files
import Log
import Records
import Runtime
import Wire

/// A crash test that follows from its seed.
///
/// The log's own threads race with its callers, so one seed gives the same plan of work and crash, not always
/// the same order of calls. The laws hold in any order; a failure prints the calls that were made.
struct SimulatedRun {
  let seed: UInt64
  private let random: SeededRandom
  private let model: CrashModel
  private let settings: TopicSettings
  private let ledger = Locked(Ledger())
  private let topic: TopicName
  private let pool: BlockingPool

  init(seed: UInt64, pool: BlockingPool) throws {
    self.seed = seed
    self.pool = pool
    random = SeededRandom(seed: seed)
    topic = try TopicName("events")
    model = [.hostile, .tornAnywhere, .journaled][Int(random.next(below: 3))]
    settings = Self.settings(random)
  }

  private static func settings(_ random: SeededRandom) -> TopicSettings {
    var settings = TopicSettings()
    settings.segmentBytes = 4096 << Int(random.next(below: 3))
    settings.recordBytesMaximum = 1024
    settings.batchBytesMaximum = 4096
    settings.queueBytesMaximum = 4096 << Int(random.next(below: 4))
    settings.flushBytes = 4096 << Int(random.next(below: 4))
    settings.compression = Compression.allCases[Int(random.next(below: 3))]
    settings.preallocation = TopicSettings.Preallocation.allCases[Int(random.next(below: 3))]
    return settings
  }

  /// Lives through a few crashes.
  func run() async throws {
    var files = SimulatedFiles(seed: seed, model: model)
    var idempotent = IdempotentProducer(id: Int64(seed % 1000))
    var extras = ExtraTopics()
    var consumer = CommittedPosition()
    let lives = 1 + Int(random.next(below: 3))
    for life in 0..<lives {
      files.faults.turnOff(afterChanges: changesUntilCut())
      let before = files
      do {
        try await live(life, on: files, &idempotent, &extras, &consumer)
        files = crash(files)
        files = try await crashWhileOpening(files, times: Int(random.next(below: 4)) - 1)
        try await check(files, &idempotent, extras, &consumer)
        files = crash(files)
      } catch {
        throw Violation(
          "seed \(seed), life \(life), \(model), \(settings.compression), \(settings.preallocation), "
            + "segments of \(settings.segmentBytes) bytes: \(error)\nthe calls before the crash:\n\(before.faults.transcript())\nand after it:\n"
            + files.faults.transcript())
      }
    }
  }

  private func changesUntilCut() -> Int {
    // As often early as late: opening and creating are a handful of calls, a life some hundred.
    let scale = 4 << Int(random.next(below: 9))
    return Int(random.next(below: UInt64(scale)))
  }

  private func crash(_ files: SimulatedFiles) -> SimulatedFiles {
    switch random.next(below: 8) {
    case 0: files.afterCrash(.nothing)
    case 1: files.afterCrash(.everything)
    default: files.afterCrash(.random(seed: random.next()))
    }
  }

  /// Cuts the power while the log recovers, again and again.
  private func crashWhileOpening(_ files: SimulatedFiles, times: Int) async throws -> SimulatedFiles {
    var files = files
    for _ in 0..<max(0, times) {
      files.faults.turnOff(afterChanges: Int(random.next(below: 24)))
      do throws(LogError) {
        let log = try await open(files)
        _ = await close(log)
      } catch {
        try expectCut(error, files)
      }
      files = crash(files)
    }
    return files
  }

  private func open(_ files: SimulatedFiles) async throws(LogError) -> EventLog {
    try await EventLog.open(EventLog.Configuration(path: "/data/log"), files: files, pool: pool)
  }

  private func close(_ log: EventLog) async -> LogError? {
    do throws(LogError) { try await log.close() } catch { return error }
    return nil
  }

  /// While the power is on nothing may fail.
  private func expectCut(_ error: (any Error)?, _ files: SimulatedFiles) throws {
    if let error, !files.faults.isOff { throw error }
  }

  // MARK: A life

  private func live(
    _ life: Int, on files: SimulatedFiles, _ idempotent: inout IdempotentProducer,
    _ extras: inout ExtraTopics, _ consumer: inout CommittedPosition
  ) async throws {
    let log: EventLog
    do throws(LogError) { log = try await open(files) } catch { return try expectCut(error, files) }
    var failure: LogError?
    do throws(LogError) {
      let partition: Partition
      if log.topics.contains(where: { $0.name == topic }) {
        partition = try log.topic(topic).partitions[0]
      } else {
        partition = try await log.createTopic(topic, settings).partitions[0]
      }
      failure = await work(life, partition, &idempotent)
      if failure == nil { try await extras.change(log, random) }
      if failure == nil { try await consumer.commit(log, partition, random) }
      if failure == nil { failure = await work(life + 100, partition, &idempotent) }
    } catch {
      failure = error
    }
    if failure == nil || files.faults.isOff, let error = await close(log) { failure = failure ?? error }
    try expectCut(failure, files)
  }

  /// Several producers at once, and one who reads what is durable.
  private func work(
    _ life: Int, _ partition: Partition, _ idempotent: inout IdempotentProducer
  ) async -> LogError? {
    let workloads = (0...random.next(below: 4)).map { index in
      Workload(
        producer: "g\(life)p\(index)", random: SeededRandom(seed: random.next()), ledger: ledger,
        appends: Int(random.next(below: 40)), fillerMaximum: Int(random.next(below: 400)))
    }
    let reader = Task { await follow(partition) }
    let before = idempotent
    let (appends, own) = (Int(random.next(below: 12)), SeededRandom(seed: random.next()))
    let (failure, after) = await withTaskGroup(of: (LogError?, IdempotentProducer?).self) { group in
      for workload in workloads { group.addTask { (await workload.run(on: partition), nil) } }
      group.addTask {
        var producer = before
        let failure = await producer.run(on: partition, appends: appends, own, ledger)
        return (failure, producer)
      }
      var outcome: (LogError?, IdempotentProducer) = (nil, before)
      for await (failure, producer) in group {
        outcome = (outcome.0 ?? failure, producer ?? outcome.1)
      }
      return outcome
    }
    idempotent = after
    reader.cancel()
    await reader.value
    return failure
  }

  private func follow(_ partition: Partition) async {
    do throws(LogError) {
      var subscription = try await partition.subscribe(from: .beginning)
      while true {
        let end = try await subscription.next().header.nextOffset
        ledger.withLock { $0.noteDurable(end: end) }
      }
    } catch {
      // The power went, or it was told to stop. What it saw is in the ledger.
    }
  }

  // MARK: After a crash

  private func check(
    _ files: SimulatedFiles, _ idempotent: inout IdempotentProducer, _ extras: ExtraTopics,
    _ consumer: inout CommittedPosition
  ) async throws {
    let log = try await open(files)
    do {
      try extras.check(log)
      if log.topics.contains(where: { $0.name == topic }) {
        let partition = try log.topic(topic).partitions[0]
        try settle(partition)
        try consumer.check(log, partition)
        try await idempotent.sendAgain(on: partition, ledger)
        let name = AppendName(producer: "after\(random.next())", number: 0)
        let records = Workload.records(name, count: 3, fillerMaximum: 20, random)
        let receipt = try await partition.append(records)
        ledger.withLock { $0.note(name, count: 3, .durable(receipt.first.value)) }
        try settle(partition)
      } else {
        try ledger.withLock { ledger throws(Violation) in try ledger.settle(with: []) }
      }
    } catch {
      _ = await close(log)
      throw error
    }
    try await log.close()
    // Closed cleanly, it opens the same without looking.
    let again = try await open(files)
    do {
      if again.topics.contains(where: { $0.name == topic }) {
        try settle(try again.topic(topic).partitions[0])
      }
    } catch {
      _ = await close(again)
      throw error
    }
    try await again.close()
  }

  private func settle(_ partition: Partition) throws {
    if partition.standing != .open { throw Violation("it opened as \(partition.standing)") }
    var found: [StoredRecord] = []
    var reader = try partition.reader(from: .beginning)
    while let batch = try reader.next() { found += try batch.records() }
    let end = partition.extent().end.value
    if end != Int64(found.count) { throw Violation("\(found.count) records up to the end \(end)") }
    try ledger.withLock { ledger throws(Violation) in try ledger.settle(with: found) }
  }
}

/// Topics that come and go beside the one with the records.
struct ExtraTopics {
  /// What is known of each: there, gone, or (nil) not known.
  private var known: [TopicName: Bool?] = [:]

  mutating func change(_ log: EventLog, _ random: SeededRandom) async throws(LogError) {
    for _ in 0..<random.next(below: 4) {
      let name = try TopicName("extra-\(random.next(below: 3))")
      if log.topics.contains(where: { $0.name == name }) {
        known[name] = .some(nil)
        try await log.deleteTopic(name)
        known[name] = false
      } else {
        known[name] = .some(nil)
        try await log.createTopic(name)
        known[name] = true
      }
    }
  }

  func check(_ log: EventLog) throws {
    for case (let name, let isThere?) in known {
      let isFound = log.topics.contains { $0.name == name }
      if isFound != isThere {
        throw Violation("topic \(name) was \(isThere ? "made and is gone" : "deleted and is there")")
      }
    }
  }
}

/// The position of a consumer.
struct CommittedPosition {
  private var acknowledged: LogOffset?
  private var attempted: LogOffset?

  mutating func commit(
    _ log: EventLog, _ partition: Partition, _ random: SeededRandom
  ) async throws(LogError) {
    let name = try ConsumerName("reader")
    for _ in 0..<random.next(below: 3) {
      let position = LogOffset(Int64(random.next(below: UInt64(partition.extent().end.value + 1))))
      attempted = position
      try await log.commit(name, partition.id, position: position)
      acknowledged = position
    }
  }

  mutating func check(_ log: EventLog, _ partition: Partition) throws {
    let found = log.position(of: try ConsumerName("reader"), in: partition.id)?.position
    if found != acknowledged && found != attempted {
      func text(_ position: LogOffset?) -> String { position?.description ?? "no position" }
      throw Violation("a consumer was at \(text(acknowledged)), and is at \(text(found))")
    }
    (acknowledged, attempted) = (found, found)
  }
}
