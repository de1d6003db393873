// What the callers of a log do in a crash test: a few producers at once, each in its own order, that append in
// every way there is, and write into the ledger what they were told.

import Bytes
import Log
import Records
import Runtime

/// One producer's work in one life of the log.
struct Workload: Sendable {
  let producer: String
  let random: SeededRandom
  let ledger: Locked<Ledger>
  /// How many appends.
  let appends: Int
  /// The largest filler of a record.
  let fillerMaximum: Int
  /// Called with each acknowledgement, after the ledger.
  var onAnswer: @Sendable (AppendName, Int, Ledger.Fate) -> Void = { _, _, _ in }

  /// Appends until it is done or the log says that it cannot; what it says is returned.
  func run(on partition: Partition) async -> LogError? {
    var lastOfKey: LogOffset?
    for number in 0..<appends {
      let name = AppendName(producer: producer, number: number)
      let records = records(name, count: random.next(below: 3) == 0 ? Int(1 + random.next(below: 6)) : 1)
      var options = AppendOptions()
      switch random.next(below: 12) {
      case 0..<4: options.durability = .written
      case 4: options.conditions = [.nextOffset(partition.nextOffset)]
      case 5 where number > 8: options.conditions = [.lastOffset(lastOfKey, ofKey: ByteBuffer(producer))]
      default: break
      }
      do throws(LogError) {
        let receipt = try await partition.append(records, options)
        lastOfKey = receipt.last
        let first = receipt.first.value
        note(name, records.count, options.durability == .durable ? .durable(first) : .written(first))
      } catch {
        switch error {
        case .conflict: note(name, records.count, .absent)
        default:
          note(name, records.count, .unknown)
          return error
        }
      }
      if random.next(below: 16) == 0 {
        let end = ledger.withLock { $0.givenEnd }
        do throws(LogError) { try await partition.sync() } catch { return error }
        ledger.withLock { $0.noteDurable(end: end) }
      }
    }
    return nil
  }

  private func note(_ name: AppendName, _ count: Int, _ fate: Ledger.Fate) {
    ledger.withLock { $0.note(name, count: count, fate) }
    onAnswer(name, count, fate)
  }

  private func records(_ name: AppendName, count: Int) -> [Record] {
    Self.records(name, count: count, fillerMaximum: fillerMaximum, random)
  }

  /// The records of an append, which say what they are.
  static func records(
    _ name: AppendName, count: Int, fillerMaximum: Int, _ random: SeededRandom
  ) -> [Record] {
    (0..<count).map { index in
      var text = RecordLabel(name, index: index, count: count).text
      let filler = Int(random.next(below: UInt64(fillerMaximum + 1)))
      if random.next(below: 2) == 0 {
        text += String(repeating: "x", count: filler)
      } else {
        for _ in 0..<filler { text.unicodeScalars.append(Unicode.Scalar(UInt8(97 + random.next(below: 26)))) }
      }
      return Record(key: ByteBuffer(name.producer), value: ByteBuffer(text))
    }
  }
}

/// A producer whose appends carry sequences, and who after a crash sends again what it does not know of.
struct IdempotentProducer: Sendable {
  let id: Int64
  private(set) var sent: [(name: AppendName, stamp: ProducerStamp, records: [Record])] = []
  private var nextSequence: Int32 = 0

  init(id: Int64) { self.id = id }

  private var producer: String { "i\(id)" }

  /// Appends until it is done or the log says that it cannot.
  mutating func run(
    on partition: Partition, appends: Int, _ random: SeededRandom, _ ledger: Locked<Ledger>
  ) async -> LogError? {
    for _ in 0..<appends {
      let name = AppendName(producer: producer, number: sent.count)
      let count = Int(1 + random.next(below: 4))
      let records = Workload.records(name, count: count, fillerMaximum: 60, random)
      let stamp = ProducerStamp(id: id, sequence: nextSequence)
      sent.append((name, stamp, records))
      nextSequence += Int32(count)
      let durability: Durability = random.next(below: 3) == 0 ? .written : .durable
      do throws(LogError) {
        let receipt = try await partition.append(
          records, AppendOptions(durability: durability, producer: stamp))
        let first = receipt.first.value
        ledger.withLock {
          $0.note(name, count: count, durability == .durable ? .durable(first) : .written(first))
        }
      } catch {
        ledger.withLock { $0.note(name, count: count, .unknown) }
        return error
      }
    }
    return nil
  }

  /// After a crash: sends the last append that is there, and those that are not, once more. The first must get
  /// its old offset, the others new ones.
  func sendAgain(on partition: Partition, _ ledger: Locked<Ledger>) async throws {
    let fates = ledger.withLock { $0.appends }
    func place(_ name: AppendName) -> Int64? {
      if case .durable(let first)? = fates[name]?.fate { return first }
      return nil
    }
    let start = sent.lastIndex { place($0.name) != nil } ?? 0
    for (name, stamp, records) in sent[start...] {
      let receipt = try await partition.append(records, AppendOptions(producer: stamp))
      if let first = place(name) {
        if !receipt.isDuplicate || receipt.first.value != first {
          throw Violation("\(name) is at \(first), and sending it again gave \(receipt)")
        }
      } else {
        if receipt.isDuplicate { throw Violation("\(name) is not there, and was called a duplicate") }
        ledger.withLock { $0.note(name, count: records.count, .durable(receipt.first.value)) }
      }
    }
  }
}
