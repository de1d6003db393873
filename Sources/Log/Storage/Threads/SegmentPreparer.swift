// Writes the next segment of a partition full of zeros before it is needed. Batches then overwrite blocks that
// the file has already, and their sync need not wait for the file system's journal. Allocating alone is not
// enough: turning allocated blocks into written ones is a change of metadata too.

import Bytes
import Files
import Runtime
import Telemetry

/// Makes one partition's next segment ready.
final class SegmentPreparer: Sendable {
  private enum State {
    case idle
    case preparing
    case ready(PreparedSegment)
    /// There was no room; the next roll tries again.
    case gaveUp
  }

  private let state = Locked(State.idle)
  private let keeper: LogKeeper
  private let time: any TimeSource
  private let logger: Logger

  init(keeper: LogKeeper, time: any TimeSource, logger: Logger) {
    self.keeper = keeper
    self.time = time
    self.logger = logger
  }

  /// Has a segment of `bytes` made ready, unless one is or will be.
  func prepare(bytes: Int, in directory: SegmentDirectory) {
    let isNew = state.withLock { state in
      guard case .idle = state else { return false }
      state = .preparing
      return true
    }
    if !isNew { return }
    keeper.submit { [self] in
      let prepared = make(bytes: bytes, in: directory)
      state.withLock { $0 = prepared.map { .ready($0) } ?? .gaveUp }
    }
  }

  /// The segment that is ready, if there is one.
  func take() -> PreparedSegment? {
    state.withLock { state in
      switch state {
      case .idle, .preparing: return nil
      case .gaveUp:
        state = .idle
        return nil
      case .ready(let prepared):
        state = .idle
        return prepared
      }
    }
  }

  private func make(bytes: Int, in directory: SegmentDirectory) -> PreparedSegment? {
    do throws(FileError) {
      let (file, path) = try directory.files.createTemporaryFile(
        in: directory.path, for: "segment", mode: .file)
      do throws(FileError) {
        try write(bytes, to: file)
        return PreparedSegment(path: path, bytes: bytes)
      } catch {
        try directory.files.remove(path)
        throw error
      }
    } catch {
      logger.debug(
        "no room was made ahead",
        ["partition": .string(directory.partition.description), "cause": .error(error)])
      return nil
    }
  }

  private func write(_ bytes: Int, to file: File) throws(FileError) {
    var zeros = ByteBuffer(capacity: Self.pieceBytes)
    zeros.append(repeating: 0, count: Self.pieceBytes)
    var written = 0
    while written < bytes && !keeper.isStopping {
      let piece = min(Self.pieceBytes, bytes - written)
      try file.write(zeros.slice(from: 0, count: piece), at: written)
      // On its way at once, but without a flush of the device, which the syncs of the active segment would feel.
      try file.startWriteBack(at: written, length: piece)
      written += piece
      if !time.isManual { keeper.pause(for: Self.pieceInterval) }
    }
    try file.sync()
    try file.close()
  }

  private static let pieceBytes = 256 << 10
  /// The disk belongs to the appends: room is made at no more than 256 MiB a second.
  private static let pieceInterval = Duration.milliseconds(1)
}
