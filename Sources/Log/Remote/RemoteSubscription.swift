// A partition of another process's log, batch by batch. When the call is cut it is made again at the offset that comes next,
// so that nothing is missed and nothing comes twice.

import Bytes
import GRPC
public import Log
import LogProtocol
public import Records
import Runtime

/// A subscription to a partition that another process has.
public struct RemoteSubscription: Sendable {
  /// The first pause after a cut; it doubles with each in a row.
  private static let pauseMinimum = Duration.milliseconds(100)
  private static let pauseMaximum = Duration.seconds(10)

  private let client: Varve_Log_V1_LogServiceClient
  private let partition: PartitionID
  private let lossesMaximum: Int?
  /// The offset of the next batch, or inside it.
  public private(set) var nextOffset: LogOffset
  /// How far the partition reaches, as far as the node has said.
  public private(set) var knownEnd: LogOffset
  private var responses: GRPCReplies<Varve_Log_V1_ReadResponse>?
  private var waiting = ByteBuffer()
  private var losses = 0

  init(
    _ client: Varve_Log_V1_LogServiceClient, _ partition: PartitionID, from offset: LogOffset,
    lossesMaximum: Int?
  ) {
    self.client = client
    self.partition = partition
    self.lossesMaximum = lossesMaximum
    nextOffset = offset
    knownEnd = offset
  }

  /// The next batch; waits for it.
  ///
  /// - Throws: `.cancelled` when the task is, and what the node says that no other try would mend.
  public mutating func next() async throws(LogError) -> RecordBatch {
    while true {
      if let batch = try takeWaiting() { return batch }
      try await receive()
    }
  }

  /// The next batch; nil when the partition ends there, as the node says now.
  public mutating func nextIfAny() async throws(LogError) -> RecordBatch? {
    var hasHeard = false
    while true {
      if let batch = try takeWaiting() { return batch }
      // What was said of the end may be old.
      if hasHeard && nextOffset >= knownEnd { return nil }
      if nextOffset >= knownEnd { responses = nil }
      try await receive()
      hasHeard = true
    }
  }

  // MARK: Batches

  /// The first batch of those that have come and were not handed out.
  private mutating func takeWaiting() throws(LogError) -> RecordBatch? {
    while !waiting.isEmpty {
      let batch: RecordBatch
      do throws(RecordError) {
        let header = try waiting.withReadableBytes { bytes throws(RecordError) in
          try RecordBatchHeader(parsing: bytes)
        }
        guard header.totalBytes <= waiting.count else {
          throw .truncated(needed: header.totalBytes, got: waiting.count)
        }
        batch = try RecordBatch(validating: waiting.split(header.totalBytes))
      } catch {
        waiting = ByteBuffer()
        responses = nil
        throw .record(partition, nextOffset, error)
      }
      // A batch is given whole: one that was handed out before the call was cut comes again when the next begins inside.
      if batch.header.nextOffset <= nextOffset.value { continue }
      nextOffset = LogOffset(batch.header.nextOffset)
      return batch
    }
    return nil
  }

  // MARK: The call

  /// Hears from the node once.
  private mutating func receive() async throws(LogError) {
    do throws(GRPCStatus) {
      let call = try await open()
      guard let response = try await call.next() else {
        throw GRPCStatus(.unavailable, "the node ended the reading")
      }
      losses = 0
      waiting = response.batches
      knownEnd = max(knownEnd, LogOffset(max(0, response.extent.end)))
    } catch {
      responses = nil
      guard error.mayPass else { throw LogError(error) }
      losses += 1
      if let lossesMaximum, losses > lossesMaximum { throw LogError(error) }
      try await pause()
    }
  }

  private mutating func open() async throws(GRPCStatus) -> GRPCReplies<Varve_Log_V1_ReadResponse> {
    if let responses { return responses }
    var request = Varve_Log_V1_ReadRequest()
    request.topic = partition.topic.text
    request.partition = UInt32(partition.index)
    request.from = .offset(nextOffset.value)
    request.form = .batches
    var options = GRPCCallOptions()
    options.limits.receivedMessageBytesMaximum = RemoteLog.messageBytesMaximum
    let call = try await client.tail(request, options)
    responses = call
    return call
  }

  private func pause() async throws(LogError) {
    var pause = Self.pauseMinimum
    for _ in 1..<min(max(losses, 1), 16) where pause < Self.pauseMaximum { pause = pause * 2 }
    do throws(CancellationError) {
      try await SystemTime().sleep(for: min(pause, Self.pauseMaximum))
    } catch {
      throw .cancelled
    }
  }
}
