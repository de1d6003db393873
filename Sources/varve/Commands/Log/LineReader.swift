// Lines of a descriptor: standard input, or a file. Whatever has arrived is given at once, so that somebody who
// types sees the effect of each line, and a pipe is read in blocks.

import Bytes
import CommandLine
import Glibc

/// Reads lines.
struct LineReader {
  /// The longest line.
  static let lineBytesMaximum = 256 << 20
  private static let blockBytes = 64 << 10

  private let descriptor: Int32
  /// What errors call it.
  let name: String
  private var pending = ByteBuffer()
  /// Up to here `pending` is known to have no line break.
  private var searched = 0
  private var isAtEnd = false
  /// Whether the line given last ended without a line break.
  private(set) var isLastLineOpen = false

  /// Reads standard input.
  static func standardInput() -> LineReader { LineReader(STDIN_FILENO, "standard input") }

  /// Reads the file at `path`, or standard input when it is `-`.
  init(path: String) throws(CommandFailure) {
    if path == "-" {
      self = .standardInput()
      return
    }
    // Open until the process ends, which is when the command does.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure(.inputOutput, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    self.init(descriptor, path)
  }

  private init(_ descriptor: Int32, _ name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// The lines that have arrived, without their line breaks, at most `countMaximum`; waits for the first one.
  /// nil after the last. What follows the last line break is a line too.
  mutating func next(_ countMaximum: Int) throws(CommandFailure) -> [ByteBuffer]? {
    var lines: [ByteBuffer] = []
    while true {
      while lines.count < countMaximum, let line = takeLine() { lines.append(line) }
      if !lines.isEmpty { return lines }
      if isAtEnd {
        if pending.isEmpty { return nil }
        isLastLineOpen = true
        let last = pending
        pending = ByteBuffer()
        searched = 0
        return [last]
      }
      try readMore()
    }
  }

  private mutating func takeLine() -> ByteBuffer? {
    let end = pending.withReadableBytes { bytes in
      bytes[searched...].firstIndex(of: UInt8(ascii: "\n"))
    }
    guard let end else {
      searched = pending.count
      return nil
    }
    let line = pending.split(end)
    pending.consume(1)
    searched = 0
    return line
  }

  private mutating func readMore() throws(CommandFailure) {
    if pending.count > Self.lineBytesMaximum {
      throw CommandFailure(.data, "\(name) has a line of more than \(Self.lineBytesMaximum) bytes")
    }
    var failure: Int32 = 0
    let got = pending.withWritableBytes(minimum: Self.blockBytes) { room in
      while true {
        let count = read(descriptor, room.baseAddress, room.count)
        if count >= 0 { return count }
        if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          _ = poll(&ready, 1, -1)
        } else if errno != EINTR {
          failure = errno
          return 0
        }
      }
    }
    if failure != 0 {
      throw CommandFailure(.inputOutput, "\(name) cannot be read: \(String(cString: strerror(failure)))")
    }
    if got == 0 { isAtEnd = true }
  }
}
