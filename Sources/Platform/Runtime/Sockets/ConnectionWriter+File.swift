// Sending part of a file. Small pieces are read into the output beside what was written; larger ones go by
// sendfile, which copies nothing. Neither may stall the loop: a page that is not in memory is read by the
// pool first.

import Bytes
import CLinux
import Glibc

/// Part of an open file.
public struct FileRange: Hashable, Sendable {
  /// The open file; it must stay open while it is sent.
  public var descriptor: Int32
  /// Where the part begins.
  public var offset: Int64
  /// How long it is.
  public var count: Int

  /// `count` bytes at `offset` of the file open as `descriptor`.
  public init(descriptor: Int32, offset: Int64, count: Int) {
    precondition(offset >= 0 && count >= 0, "a part of a file has a place and a size")
    self.descriptor = descriptor
    self.offset = offset
    self.count = count
  }
}

extension ConnectionWriter {
  /// Up to this size a copy costs less than sendfile.
  static let inlineFileBytesMaximum = 16 << 10
  /// How much of a file is sent between two looks at whether its pages are in memory.
  static let fileChunkBytes = 512 << 10

  /// Sends what waits and then part of a file.
  ///
  /// - Throws: `.fileTruncated` when the file ends first. The peer then waits for bytes that will not come:
  ///   the connection is of no further use.
  public mutating func send(
    _ range: FileRange, until deadline: MonotonicInstant? = nil
  ) async throws(NetworkError) {
    if range.count <= Self.inlineFileBytesMaximum {
      prepareStaging()
      try await stream.loop.read(range, into: &queue.staging)
      return try await flush(until: deadline, more: false)
    }
    // Head and body share segments.
    try await flush(until: deadline, more: true)
    var (offset, left) = (range.offset, range.count)
    while left > 0 {
      let chunk = min(left, Self.fileChunkBytes)
      let part = FileRange(descriptor: range.descriptor, offset: offset, count: chunk)
      try await warm(part)
      let sent = try await sendChunk(part, until: deadline)
      offset += Int64(sent)
      left -= sent
      if sent < chunk { throw .fileTruncated(bytesMissing: left) }
    }
  }

  /// Sends `part`; the result is less than its count only when the file ends.
  private mutating func sendChunk(
    _ part: FileRange, until deadline: MonotonicInstant?
  ) async throws(NetworkError) -> Int {
    var done = 0
    while done < part.count {
      try await stream.ready(.write, until: deadline)
      let wanted = part.count - done
      let sent = clinux_sendfile(stream.descriptor, part.descriptor, Int(part.offset) + done, wanted)
      if sent == 0 { return done }
      if sent > 0 {
        done += sent
      } else {
        if let failure = stream.failure("sendfile") { throw failure }
        if errno == EAGAIN { stream.exhausted(.write) }
      }
    }
    return done
  }

  /// Sees to it that the first page of `part` is in memory, and that the others are on their way.
  private func warm(_ part: FileRange) async throws(NetworkError) {
    var byte: UInt8 = 0
    let probe = clinux_pread_cached(part.descriptor, &byte, 1, Int(part.offset))
    // The end of the file, and every error, are for sendfile to report.
    if probe >= 0 || (errno != EAGAIN && errno != EOPNOTSUPP) { return }
    do throws(PoolError) {
      try await stream.loop.pool.run(whenFull: .wait) {
        // Best effort: when it fails, sendfile says why or reads the page itself.
        _ = posix_fadvise(part.descriptor, Int(part.offset), part.count, POSIX_FADV_WILLNEED)
        var byte: UInt8 = 0
        _ = pread(part.descriptor, &byte, 1, Int(part.offset))
      }
    } catch {
      throw error == .cancelled ? .cancelled : .pool(error)
    }
  }
}
