// Reading part of a file into memory without stalling the loop: what is in the page cache is copied at once,
// and the pool reads the rest.

package import Bytes
import CLinux
import Glibc

extension EventLoop {
  /// Appends a part of a file to `buffer`. On the loop only.
  ///
  /// - Throws: `.fileTruncated` when the file ends first.
  package func read(_ range: FileRange, into buffer: inout ByteBuffer) async throws(NetworkError) {
    guard range.count > 0 else { return }
    let (descriptor, offset, wanted) = (range.descriptor, range.offset, range.count)
    let got = buffer.withWritableBytes(minimum: wanted) { bytes in
      max(0, clinux_pread_cached(descriptor, bytes.baseAddress, wanted, Int(offset)))
    }
    if got == wanted { return }
    // A miss, a file system that cannot tell, or the end of the file: the pool finds out which.
    let rest = FileRange(descriptor: descriptor, offset: offset + Int64(got), count: wanted - got)
    let bytes = try await readOnPool(rest)
    if bytes.count < rest.count { throw .fileTruncated(bytesMissing: rest.count - bytes.count) }
    buffer.append(bytes)
  }

  private func readOnPool(_ range: FileRange) async throws(NetworkError) -> ByteBuffer {
    try await pool.perform(
      whenFull: .wait, refusal: { $0 == .cancelled ? NetworkError.cancelled : NetworkError.pool($0) }
    ) { () throws(NetworkError) in
      var buffer = ByteBuffer(capacity: range.count)
      while buffer.count < range.count {
        let (left, offset) = (range.count - buffer.count, range.offset + Int64(buffer.count))
        var failure: SystemError?
        let got = buffer.withWritableBytes(minimum: left) { bytes in
          let got = pread(range.descriptor, bytes.baseAddress, left, Int(offset))
          if got < 0 { failure = .last("pread") }
          return max(0, got)
        }
        if let failure {
          if failure.code == EINTR { continue }
          throw .system(failure)
        }
        if got == 0 { break }
      }
      return buffer
    }
  }
}
