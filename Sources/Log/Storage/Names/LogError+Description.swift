// What the log's errors say to people.

import Files
import Records
import Runtime

extension LogError: CustomStringConvertible {
  /// One line that names what was refused, and what would be accepted.
  public var description: String {
    switch self {
    case .invalidTopicName, .invalidSetting, .topicExists, .unknownTopic, .unknownPartition, .internalTopic,
      .unknownConsumer, .invalidConsumerName:
      nameDescription
    case .noRecords, .keyRequired, .recordTooLarge, .batchTooLarge, .overloaded, .cancelled, .conflict,
      .keyConflict, .tooManyKeys, .producerFenced, .sequenceGap, .sequenceTooOld:
      appendDescription
    case .stopped(let partition, let cause):
      "\(partition) takes no more appends, because one could not be made durable: \(cause)"
    case .damaged(let damage): damage.description
    case .readOnly(let partition): "\(partition) was opened for reading only"
    case .closed: "the log is closed"
    case .remote(let reason), .notAllowed(let reason): reason
    case .offsetOutOfRange(let partition, let requested, let first, let end):
      "offset \(requested) of \(partition) is not there: it holds \(first) up to, not including, \(end)"
    case .record(let partition, let offset, let error): "\(partition) at offset \(offset): \(error)"
    case .file(let error): error.description
    case .malformedFile(let path, let reason): "\(path) \(reason)"
    case .notRun(let error): "not begun: \(error)"
    case .thread(.cannotStart(let name, let number)):
      "the thread \(name) cannot be started (error \(number)): too many threads or too little memory"
    }
  }

  private var nameDescription: String {
    switch self {
    case .invalidTopicName(let text, let reason): "\"\(text)\" cannot name a topic: \(reason)"
    case .invalidSetting(let topic, let key, let reason): "topic \(topic), setting \(key): \(reason)"
    case .topicExists(let name): "there is a topic \(name) already"
    case .unknownTopic(let name): "there is no topic \(name)"
    case .unknownPartition(let partition):
      "topic \(partition.topic) has no partition \(partition.index)"
    case .internalTopic(let name): "\(name) is kept by the log itself and cannot be changed by hand"
    case .unknownConsumer(let name): "there is no consumer \(name)"
    case .invalidConsumerName(let text, let reason): "\"\(text)\" cannot name a consumer: \(reason)"
    default: ""
    }
  }

  private var appendDescription: String {
    switch self {
    case .noRecords: "an append needs at least one record"
    case .keyRequired(let partition):
      "\(partition) is compacted by key and takes no record without one"
    case .recordTooLarge(let bytes, let maximum):
      "a record of \(bytes) bytes is larger than the \(maximum) that the topic takes"
    case .batchTooLarge(let bytes, let maximum):
      "records of together \(bytes) bytes are more than the \(maximum) that the topic takes in one append"
    case .overloaded(let partition, let maximum):
      "\(partition) has \(maximum) bytes waiting to be written and takes no more for now"
    case .cancelled: "cancelled while waiting for room; nothing was appended"
    case .conflict(let partition, let expected, let next):
      "\(partition) has gone on: decided at offset \(expected), the next is \(next)"
    case .keyConflict(let partition, let expected, let last):
      "\(partition): the last record of the key is at \(Self.text(last)), not at \(Self.text(expected))"
    case .tooManyKeys(let partition, let maximum):
      "\(partition) has more than \(maximum) keys, the most that conditions on a key can be checked for"
    case .producerFenced(let id, let epoch, let current):
      "producer \(id) with epoch \(epoch) was replaced by one with epoch \(current)"
    case .sequenceGap(let id, let expected, let got):
      "producer \(id) must go on with sequence \(expected), not \(got)"
    case .sequenceTooOld(let id, let sequence):
      "producer \(id) repeats sequence \(sequence), whose offsets are no longer known"
    default: ""
    }
  }

  private static func text(_ offset: LogOffset?) -> String { offset.map { "offset \($0)" } ?? "no offset" }
}
