// Prints records that several threads may read: whole records in blocks, up to a limit.

import Bytes
import CommandLine
import Log
import LogTools
import Records
import Runtime

/// Where the records of a command go.
final class RecordOutput: Sendable {
  private struct State: Sendable {
    var buffer = ByteBuffer()
    var left: Int?
  }

  /// How many bytes are gathered before they are written.
  private static let blockBytes = 64 << 10

  private let console: Console
  private let form: RecordForm
  private let filter: RecordFilter
  private let state: Locked<State>

  init(_ console: Console, form: RecordForm, filter: RecordFilter, limit: Int?) {
    self.console = console
    self.form = form
    self.filter = filter
    var state = State(left: limit)
    // A heading is for people; programs that cut columns do not want it.
    if form.kind == .line, console.outputTraits.isTerminal { state.buffer.append(RecordForm.heading) }
    self.state = Locked(state)
  }

  /// Prints what the reader gives until there is nothing more for now.
  ///
  /// - Returns: whether there is more to be read later.
  func drain(_ reader: inout RecordReader) throws -> Bool {
    do {
      while let record = try reader.next() {
        if try !take(record, reader.partition) { return false }
      }
    } catch let error as LogError {
      // What could be read is shown before what could not.
      try flush()
      throw error
    }
    try flush()
    return !reader.isFinished
  }

  /// Prints a record that passes the filter; false when that was the last one that was asked for.
  func take(_ record: StoredRecord, _ partition: PartitionID) throws(CommandLineError) -> Bool {
    if !filter.matches(record.record) { return true }
    return try state.withLock { state throws(CommandLineError) in
      if state.left == 0 { return false }
      form.append(record, of: partition, to: &state.buffer)
      if let left = state.left { state.left = left - 1 }
      let isLast = state.left == 0
      if state.buffer.count >= Self.blockBytes || isLast { try write(&state) }
      return !isLast
    }
  }

  /// Writes what was gathered.
  func flush() throws(CommandLineError) {
    try state.withLock { state throws(CommandLineError) in try write(&state) }
  }

  private func write(_ state: inout State) throws(CommandLineError) {
    if state.buffer.isEmpty { return }
    try console.write(state.buffer.readable)
    state.buffer.clear()
  }
}
