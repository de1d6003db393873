// What another process's log says no with, as the error that a log at hand would have thrown.

import GRPC
import GRPCServices
import Log
import LogProtocol
import Wire

extension LogError {
  /// The error of a call that was refused, or did not come through.
  init(_ status: GRPCStatus) {
    if status.code == .cancelled && Task.isCancelled {
      self = .cancelled
      return
    }
    if let told = Self.told(by: status) {
      self = told
    } else if status.code == .unauthenticated || status.code == .permissionDenied {
      self = .notAllowed(status.message)
    } else {
      self = .remote(status.description)
    }
  }

  private static func told(by status: GRPCStatus) -> LogError? {
    let refusal: Varve_Log_V1_LogRefusal
    do throws(ProtobufError) {
      guard let detail = try status.detail(Varve_Log_V1_LogRefusal.self) else { return nil }
      refusal = detail
    } catch {
      // What the details say besides is for programs that know better; the message stands.
      return nil
    }
    let partition: PartitionID
    do throws(LogError) {
      let name = refusal.topic.isEmpty ? TopicName.metadata : try TopicName(reading: refusal.topic)
      guard refusal.partition < PartitionID.partitionsMaximum else { return nil }
      partition = PartitionID(name, Int(refusal.partition))
    } catch {
      return nil
    }
    let extent = LogExtent(refusal.extent)
    switch refusal.reason {
    case .unknownTopic: return .unknownTopic(partition.topic)
    case .unknownPartition: return .unknownPartition(partition)
    case .topicExists: return .topicExists(partition.topic)
    case .offsetOutOfRange:
      return .offsetOutOfRange(
        partition, requested: LogOffset(refusal.offset), first: extent.first, end: extent.end)
    case .conflict: return .conflict(partition, expectedNext: LogOffset(refusal.offset), next: extent.end)
    case .unspecified, .unknownConsumer, .notWritable, .closed, .UNRECOGNIZED: return nil
    }
  }
}

extension GRPCStatus {
  /// Whether the same question may be answered a little later, or by the node after its restart.
  var mayPass: Bool {
    switch code {
    case .unavailable, .deadlineExceeded: true
    // A server that is cut while it answers may say no more than that it stops.
    case .cancelled: !Task.isCancelled
    default: false
    }
  }
}
