// What the log says no with, as the status of a call: a code that callers act on, a message for people, and a LogRefusal
// for programs.

import Bytes
import GRPC
import GRPCServices
import Log
import LogProtocol

extension GRPCStatus {
  /// The status of a call that the log refused.
  init(_ error: LogError) {
    self.init(Self.code(of: error), error.description, details: [Varve_Log_V1_LogRefusal(error)])
  }

  private static func code(of error: LogError) -> GRPCCode {
    switch error {
    case .invalidTopicName, .invalidSetting, .invalidConsumerName, .noRecords, .keyRequired, .recordTooLarge,
      .batchTooLarge:
      .invalidArgument
    case .internalTopic, .notAllowed: .permissionDenied
    case .topicExists: .alreadyExists
    case .unknownTopic, .unknownPartition, .unknownConsumer: .notFound
    case .overloaded, .tooManyKeys, .notRun: .resourceExhausted
    case .cancelled: .cancelled
    case .conflict, .keyConflict, .producerFenced: .aborted
    case .sequenceGap, .sequenceTooOld, .readOnly: .failedPrecondition
    case .stopped, .closed, .remote: .unavailable
    case .offsetOutOfRange: .outOfRange
    case .damaged, .record, .malformedFile: .dataLoss
    case .file, .thread: .internal
    }
  }
}

extension Varve_Log_V1_LogRefusal {
  fileprivate init(_ error: LogError) {
    self.init()
    switch error {
    case .unknownTopic(let name):
      reason = .unknownTopic
      topic = name.text
    case .topicExists(let name):
      reason = .topicExists
      topic = name.text
    case .unknownPartition(let id): self.init(.unknownPartition, id)
    case .offsetOutOfRange(let id, let requested, let first, let end):
      self.init(.offsetOutOfRange, id)
      offset = requested.value
      extent = Varve_Log_V1_Extent(first: first, end: end)
    case .conflict(let id, let expected, let next):
      self.init(.conflict, id)
      offset = expected.value
      extent = Varve_Log_V1_Extent(first: .zero, end: next)
    case .unknownConsumer: reason = .unknownConsumer
    case .stopped(let id, _), .readOnly(let id): self.init(.notWritable, id)
    case .damaged(let damage): self.init(.notWritable, damage.partition)
    case .closed: reason = .closed
    default: break
    }
  }

  private init(_ reason: Reason, _ partition: PartitionID) {
    self.init()
    self.reason = reason
    topic = partition.topic.text
    self.partition = UInt32(partition.index)
  }
}

extension Varve_Log_V1_Extent {
  init(first: LogOffset, end: LogOffset) {
    self.init()
    self.first = first.value
    self.end = end.value
  }

  init(_ extent: LogExtent) { self.init(first: extent.first, end: extent.end) }
}

/// Has the log do something, and makes its no the call's status.
func refusing<Result>(_ body: () async throws(LogError) -> Result) async throws(GRPCStatus) -> Result {
  do throws(LogError) { return try await body() } catch { throw GRPCStatus(error) }
}
