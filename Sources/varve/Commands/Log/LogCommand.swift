// What the commands under `varve log` have in common: they stop at Ctrl-C, and what the log says no with becomes
// a message, a hint and an exit code.

import CommandLine
import Files
import Lifecycle
import Log
import Records
import Runtime

/// A command about a log.
protocol LogCommand: Command {
  /// Does it.
  func work(_ console: Console) async throws
}

extension LogCommand {
  func run(_ console: Console) async throws {
    // The process began as if it were a node, with the signals blocked.
    ProcessSignals.unblock()
    do {
      try await work(console)
    } catch let error as LogError {
      throw CommandFailure(error)
    } catch let error as FileError {
      throw CommandFailure(LogError.file(error))
    } catch let error as PoolError {
      throw CommandFailure(LogError.notRun(error))
    } catch let error as ThreadError {
      throw CommandFailure(LogError.thread(error))
    }
  }
}

extension CommandFailure {
  /// What somebody at a terminal is told of an error of the log.
  init(_ error: LogError) {
    self.init(Self.code(of: error), error.description, hint: Self.hint(for: error))
  }

  private static func code(of error: LogError) -> ExitCode {
    switch error {
    case .invalidTopicName, .invalidSetting, .invalidConsumerName, .internalTopic, .noRecords: .usage
    case .topicExists, .unknownTopic, .unknownPartition, .unknownConsumer, .recordTooLarge, .batchTooLarge,
      .conflict, .keyConflict, .producerFenced, .sequenceGap, .sequenceTooOld, .offsetOutOfRange, .damaged,
      .record, .malformedFile, .keyRequired:
      .data
    case .file(.locked), .remote, .overloaded, .cancelled, .notRun, .thread, .tooManyKeys: .temporary
    case .file(let error) where error.number == .accessDenied || error.number == .notPermitted: .permission
    case .notAllowed: .permission
    case .file, .stopped: .inputOutput
    case .readOnly, .closed: .internalError
    }
  }

  private static func hint(for error: LogError) -> String? {
    switch error {
    case .unknownTopic: "`varve log topic list` shows the topics, `varve log topic create` makes one"
    case .unknownPartition: "`varve log topic describe` shows the partitions"
    case .unknownConsumer: "`varve log consumers list` shows the consumers"
    case .file(.locked):
      "only one process may write a log: stop the node, or wait for the command; reading needs no lock"
    case .damaged(let damage): "`\(damage.repairCommand)` mends it, and moves aside what it cuts"
    default: nil
    }
  }
}
