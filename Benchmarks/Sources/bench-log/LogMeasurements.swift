// Our side of each part.

import CLogPeer
import Files
import Log
import Measure
import Records
import Runtime

extension TestedLog {
  /// Keeps one durable append of every producer outstanding for so many seconds, and says how many records a
  /// sync served on average.
  func appendDurably(
    producers: Int, recordBytes: Int, seconds: Double, disk: FilePath
  ) throws -> (run: AppendRun, batch: Double) {
    let (partition, loop) = (partition, group.loops[0])
    let (flushes, syncsBefore) = (FlushCount(disk.string), try syncs())
    let began = log_peer_now()
    let end = began + UInt64(seconds * 1e9)
    var latencies = try waiting(on: loop) {
      try await withThrowingTaskGroup(of: [UInt64].self) { tasks in
        for _ in 0..<producers {
          tasks.addTask(executorPreference: loop) {
            let record = Record.filled(recordBytes)
            var latencies: [UInt64] = []
            latencies.reserveCapacity(1 << 16)
            var before = log_peer_now()
            while before < end {
              try await partition.append(record)
              let after = log_peer_now()
              latencies.append(after - before)
              before = after
            }
            return latencies
          }
        }
        return try await tasks.reduce(into: []) { $0 += $1 }
      }
    }
    let elapsed = log_peer_now() - began
    let count = latencies.count
    let run = AppendRun(
      rate: Double(count) * 1e9 / Double(elapsed),
      latency: latencies.withUnsafeMutableBufferPointer { Percentiles($0) },
      perFlush: flushes.appendsPerFlush(UInt64(count), producers: producers))
    return (run, Double(count) / Double(max(1, try syncs() - syncsBefore)))
  }

  /// Appends records that need only be written, `batch` at once, and measures until the writer has written them.
  func appendCached(
    records: Int, recordBytes: Int, batch: Int
  ) throws -> (processorNanoseconds: UInt64, elapsedNanoseconds: UInt64) {
    let (partition, loop) = (partition, group.loops[0])
    let record = Record.filled(recordBytes)
    let (processor, elapsed) = (processCPUNanoseconds(), log_peer_now())
    try waiting(on: loop) {
      if batch == 1 {
        for _ in 0..<records { try await partition.append(record, .written) }
      } else {
        let several = [Record](repeating: record, count: batch)
        for _ in 0..<(records / batch) { try await partition.append(several, .written) }
      }
      while partition.extent(.written).end < partition.nextOffset {
        try await loop.sleep(for: .milliseconds(1))
      }
    }
    return (processCPUNanoseconds() - processor, log_peer_now() - elapsed)
  }

  /// Reads every batch from the first to the last, its checksum computed, and returns how many bytes they were.
  func read(blockBytes: Int) throws -> Int {
    var options = BatchReader.Options()
    options.blockBytes = blockBytes
    var reader = try partition.reader(from: .beginning, options: options)
    var bytes = 0
    while let batch = try reader.next() { bytes += batch.bytes.count }
    return bytes
  }

  /// Appends a record durably now and then, and measures from each call to when a subscriber on another loop has
  /// the record.
  func wakeSubscriber(events: Int, recordBytes: Int, pause: Duration) throws -> Percentiles {
    let partition = partition
    let ready = ThreadSemaphore()
    let (appender, reader) = (group.loops[0], group.loops[1])
    var latencies = try waiting(on: reader) {
      var subscription = try await partition.subscribe(from: .end)
      async let starts = appender.run {
        ready.wait()
        let record = Record.filled(recordBytes)
        var starts: [UInt64] = []
        for _ in 0..<events {
          try await appender.sleep(for: pause)
          starts.append(log_peer_now())
          try await partition.append(record)
        }
        return starts
      }
      ready.signal()
      var arrivals: [UInt64] = []
      while arrivals.count < events {
        let batch = try await subscription.next()
        arrivals.append(log_peer_now())
        precondition(batch.header.recordCount == 1, "two events at once: the rate is not slow")
      }
      return zip(arrivals, try await starts).map { $0 - $1 }
    }
    return latencies.withUnsafeMutableBufferPointer { Percentiles($0) }
  }
}
