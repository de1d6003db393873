import Bytes
import Files
import Glibc
import Log
import LogTools
import Records
import Runtime
import Synchronization

/// Any bytes as the last segment of a partition, behind a sealed one: verifying, repairing and opening must take
/// them, and no whole batch before the damage may be lost. The first byte says how much is known of the partition
/// and how it is repaired.
let segmentFuzz = FuzzTarget(name: "segment") { bytes in
  guard let choice = bytes.first else { return }
  let content = ByteBuffer(copying: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
  do {
    try checkSegment(content, salvages: choice & 1 == 1, isSealed: choice & 2 == 2, knowsEnd: choice & 4 == 4)
  } catch {
    law(false, "\(error)")
  }
}

private func checkSegment(
  _ content: ByteBuffer, salvages: Bool, isSealed: Bool, knowsEnd: Bool
) throws {
  let files = SegmentPreparation.shared.files.copy()
  let directory = SegmentPreparation.directory
  let base = SegmentPreparation.records
  let path = directory / SegmentFileName.name(base, .log)
  try files.replace(atomically: path, with: content)
  if isSealed {
    try files.replace(
      atomically: directory / SegmentFileName.name(base + 10_000, .log), with: ByteBuffer())
  }
  if !knowsEnd { try files.remove(directory / SegmentDirectory.durableEndName) }

  let whole = wholeBatches(content, from: base)
  let inspector = try SegmentPreparation.inspector(files)
  let report = try PartitionVerification(inspector).run()
  law(report.records >= Int(base), "verification lost the segment before")
  var options = PartitionRepair.Options()
  options.salvage = salvages
  let plan = try PartitionRepair(inspector, options: options, time: ManualTime()).run()
  law(plan.extent.end.value >= base, "a repair lost the segment before")
  let after = try PartitionVerification(inspector).run()
  law(!after.isDamaged, "a repair left damage: \(after.findings)")
  law(
    try PartitionRepair(inspector, options: options, time: ManualTime()).run().isEmpty,
    "a second repair had something to do")

  // Opening may cut a tail that was never durable, but no whole batch before the first damage.
  let end = try SegmentPreparation.openAndClose(files)
  law(end >= whole, "whole batches up to \(whole), but the log ends at \(end)")
  let last = try PartitionVerification(inspector).run()
  law(last.findings.allSatisfy { $0.severity == .acceptedGap }, "opening left \(last.findings)")
}

/// Where the whole batches with offsets that go on from each other end.
private func wholeBatches(_ content: ByteBuffer, from base: Int64) -> Int64 {
  var scanner = BatchScanner(expectedOffset: base, batchBytesMaximum: RecordLimits.batchBytesMaximum)
  var rest = content
  var end = base
  while !rest.isEmpty,
    case .batch(let header, let count) = rest.withReadableBytes({ scanner.next($0, atEnd: true) })
  {
    let batch = RecordBatch(trusted: header, bytes: rest.split(count))
    // A batch whose checksum is right and whose records are not is damage too.
    do throws(RecordError) { _ = try batch.records() } catch { return end }
    if header.baseOffset != end { return end }
    end = header.nextOffset
  }
  return end
}

/// A log with one topic and one sealed segment in it, made once.
private struct SegmentPreparation: Sendable {
  let files: SimulatedFiles

  static let path: FilePath = "/log"
  static let directory: FilePath = "/log/t-0"
  static let records: Int64 = 3
  static let pool: BlockingPool = {
    do throws(ThreadError) {
      return try BlockingPool(name: "fuzz", threads: 1, queueLimit: 16)
    } catch {
      preconditionFailure("no thread for the pool: \(error)")
    }
  }()

  static let shared = SegmentPreparation()

  init() {
    let files = SimulatedFiles()
    self.files = files
    do {
      try Self.wait {
        let log = try await Self.open(files)
        let partition = try await log.createTopic(TopicName("t")).partitions[0]
        for index in 0..<Self.records {
          try await partition.append(Record(key: nil, value: ByteBuffer("\(index)"), headers: []))
        }
        try await log.close()
      }
      try files.remove(Self.directory / SegmentDirectory.cleanShutdownName)
    } catch {
      law(false, "the log could not be prepared: \(error)")
    }
  }

  static func open(_ files: SimulatedFiles) async throws -> EventLog {
    try await EventLog.open(EventLog.Configuration(path: path), files: files, pool: pool)
  }

  static func inspector(_ files: SimulatedFiles) throws -> PartitionInspector {
    try LogDirectory(path: path, files: files).partition(PartitionID(TopicName("t"), 0))
  }

  /// Opens the log, sees that the partition can be written, closes it, and says where it ends.
  static func openAndClose(_ files: SimulatedFiles) throws -> Int64 {
    let end = Locked<Int64>(0)
    try wait {
      let log = try await open(files)
      let partition = try log.partition(PartitionID(TopicName("t"), 0))
      law(partition.standing == .open, "a repaired partition is \(partition.standing)")
      let last = partition.extent().end.value
      end.withLock { $0 = last }
      try await log.close()
    }
    return end.withLock { $0 }
  }

  /// Runs a task to its end on this thread's time.
  private static func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
    let semaphore = ThreadSemaphore()
    let failure = Locked<(any Error)?>(nil)
    Task.detached {
      do { try await body() } catch { failure.withLock { $0 = error } }
      semaphore.signal()
    }
    semaphore.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
