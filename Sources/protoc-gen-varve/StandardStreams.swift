import Bytes
import Glibc

/// A system call on a standard stream failed.
struct StreamError: Error, CustomStringConvertible {
  let operation: String
  let code: Int32

  var description: String { "\(operation) failed: \(String(cString: strerror(code)))" }
}

/// Standard input and output, whole.
enum StandardStreams {
  /// Everything up to the end of standard input.
  static func readAll() throws(StreamError) -> ByteBuffer {
    var input = ByteBuffer(capacity: 1 << 16)
    while true {
      var count = 0
      _ = input.withWritableBytes(minimum: 1 << 16) { room in
        count = uninterrupted { read(STDIN_FILENO, room.baseAddress, room.count) }
        return max(0, count)
      }
      if count < 0 { throw StreamError(operation: "reading standard input", code: errno) }
      if count == 0 { return input }
    }
  }

  /// Writes all of `output` to standard output, or another descriptor.
  static func writeAll(_ output: ByteBuffer, to descriptor: Int32 = STDOUT_FILENO) throws(StreamError) {
    var rest = output
    while !rest.isEmpty {
      let count = rest.withReadableBytes { bytes in
        uninterrupted { write(descriptor, bytes.baseAddress, bytes.count) }
      }
      if count < 0 { throw StreamError(operation: "writing to descriptor \(descriptor)", code: errno) }
      rest.consume(count)
    }
  }

  /// Repeats a call as long as a signal interrupts it.
  private static func uninterrupted(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}
