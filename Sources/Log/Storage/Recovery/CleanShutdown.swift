// The file that a partition leaves when it is closed, and removes before it is written again. It says how the
// partition then was, so that the next opening need not look at the records. Lines of text, the last one the
// checksum of the others; one that does not fit what is on the disk is not believed.

import Bytes
public import Files
import Wire

/// How a partition was when it was closed.
public struct CleanShutdown: Hashable, Sendable {
  /// The first offset kept.
  public let firstOffset: Int64
  /// The offset of the next record.
  public let nextOffset: Int64
  /// How many segments there were.
  public let segments: Int
  /// Where the last one began.
  public let activeBase: Int64
  /// How many bytes it had.
  public let activeBytes: Int

  private static let title = "varve clean shutdown 1"
  /// More than the file ever has.
  static let bytesMaximum = 1024

  /// The file's text.
  var text: String {
    let body = """
      \(Self.title)
      first_offset \(firstOffset)
      next_offset \(nextOffset)
      segments \(segments)
      active_base \(activeBase)
      active_bytes \(activeBytes)

      """
    return body + "crc32c \(Self.checksum(body))\n"
  }

  init(firstOffset: Int64, nextOffset: Int64, segments: Int, activeBase: Int64, activeBytes: Int) {
    self.firstOffset = firstOffset
    self.nextOffset = nextOffset
    self.segments = segments
    self.activeBase = activeBase
    self.activeBytes = activeBytes
  }

  /// Reads what `text` gives; nil for anything else.
  init?(parsing bytes: ByteBuffer) {
    guard let text = String(validating: bytes) else { return nil }
    var numbers: [Int64] = []
    for line in text.split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = Int64(words[1]), number >= 0 else { return nil }
      numbers.append(number)
    }
    guard numbers.count == 6, let segments = Int(exactly: numbers[2]), let bytes = Int(exactly: numbers[4])
    else { return nil }
    self.init(
      firstOffset: numbers[0], nextOffset: numbers[1], segments: segments, activeBase: numbers[3],
      activeBytes: bytes)
    // The text has one form only, checksum included.
    if self.text != text { return nil }
  }

  /// The marker of a partition; nil when there is none that can be believed.
  public static func read(_ directory: SegmentDirectory) throws(FileError) -> CleanShutdown? {
    do {
      return CleanShutdown(
        parsing: try directory.files.contents(of: directory.cleanShutdown, bytesMaximum: bytesMaximum))
    } catch .fileTooLarge {
      return nil
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  func write(_ directory: SegmentDirectory) throws(FileError) {
    try directory.files.replace(atomically: directory.cleanShutdown, with: ByteBuffer(text))
  }

  /// Takes the marker of a partition away, if there is one. An earlier attempt may have failed halfway.
  static func remove(_ directory: SegmentDirectory) throws(FileError) {
    do {
      try directory.files.remove(directory.cleanShutdown)
    } catch {
      if !error.isNotFound { throw error }
    }
    try directory.files.syncDirectory(directory.path)
  }

  private static func checksum(_ body: String) -> UInt32 {
    ByteBuffer(body).withReadableBytes { CRC32C.checksum(of: $0) }
  }
}
