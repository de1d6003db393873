// Waiting at the end of a partition for so long and no longer: for readers that have to say now and then that they are
// still there.

import Runtime

extension LogSubscription {
  /// Waits until there is more to read.
  ///
  /// - Returns: false when nothing has come in that time.
  /// - Throws: `LogError.cancelled` when the task is cancelled, `LogError.closed` when the log is closed and nothing
  ///   is left to be read.
  public func waitForMore(atMost patience: Duration) async throws(LogError) -> Bool {
    let (partition, offset, isolation) = (partition, reader.nextOffset, reader.options.isolation)
    let time = partition.shared.time
    let outcome: Result<Bool, LogError> = await withTaskGroup(of: Result<Bool, LogError>.self) { group in
      group.addTask {
        do throws(LogError) {
          try await partition.table.awaitRecords(from: offset, isolation)
          return .success(true)
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        do throws(CancellationError) { try await time.sleep(for: patience) } catch {
          return .failure(.cancelled)
        }
        return .success(false)
      }
      // Whichever comes first: a group of two has a first.
      let first = await group.next() ?? .success(false)
      group.cancelAll()
      return first
    }
    return try outcome.get()
  }
}
