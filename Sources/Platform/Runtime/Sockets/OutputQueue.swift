// What a connection has yet to send: bytes written one after another into a staging buffer, with whole
// buffers spliced in between, which are sent from where they are. The queue knows what goes out in which
// order; it does not send.

package import Bytes
package import Glibc

/// Bytes on their way out, in order.
package struct OutputQueue {
  /// A buffer that goes out after `stagedBefore` more bytes of the staging buffer.
  private struct Splice {
    var stagedBefore: Int
    var buffer: ByteBuffer
  }

  /// Where small pieces are written. Only append to it.
  package var staging = ByteBuffer()
  private var splices: ContiguousArray<Splice> = []
  /// Splices before this one are sent.
  private var firstSplice = 0
  /// Bytes in splices, and staged bytes that belong before one of them.
  private var splicedBytes = 0
  private var stagedBeforeSplices = 0

  /// The most buffers that go out in one call.
  package static let vectorsMaximum = 64

  /// An empty queue.
  package init() {}

  /// How many bytes are waiting.
  package var count: Int { staging.count + splicedBytes }

  /// Whether everything waiting is in `staging`.
  package var isContiguous: Bool { firstSplice == splices.count }

  /// Puts `buffer` behind everything written so far, without copying it.
  package mutating func splice(_ buffer: ByteBuffer) {
    guard !buffer.isEmpty else { return }
    precondition(staging.count >= stagedBeforeSplices, "the output buffer is only ever appended to")
    let staged = staging.count - stagedBeforeSplices
    splices.append(Splice(stagedBefore: staged, buffer: buffer))
    stagedBeforeSplices += staged
    splicedBytes += buffer.count
  }

  /// Calls `body` with the first pieces, in order.
  package func withVectors<Result>(_ body: (UnsafeBufferPointer<iovec>) -> Result) -> Result {
    precondition(staging.count >= stagedBeforeSplices, "the output buffer is only ever appended to")
    return withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.vectorsMaximum) { vectors in
      var used = 0
      func add(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 && used < Self.vectorsMaximum else { return }
        vectors.initializeElement(
          at: used,
          to: iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
        used += 1
      }
      return staging.withReadableBytes { staged in
        var offset = 0
        for splice in splices[firstSplice...] where used < Self.vectorsMaximum {
          add(UnsafeRawBufferPointer(rebasing: staged[offset..<offset + splice.stagedBefore]))
          offset += splice.stagedBefore
          // The pointer outlives this call's closure but not the splice, which holds the storage.
          splice.buffer.withReadableBytes { add($0) }
        }
        if used < Self.vectorsMaximum { add(UnsafeRawBufferPointer(rebasing: staged[offset...])) }
        return body(UnsafeBufferPointer(rebasing: vectors[0..<used]))
      }
    }
  }

  /// Drops the first `sent` bytes.
  package mutating func consume(_ sent: Int) {
    precondition(sent <= count, "more was sent than was waiting")
    if isContiguous { return staging.consume(sent) }
    var left = sent
    while firstSplice < splices.count {
      let staged = min(left, splices[firstSplice].stagedBefore)
      staging.consume(staged)
      splices[firstSplice].stagedBefore -= staged
      stagedBeforeSplices -= staged
      left -= staged
      guard splices[firstSplice].stagedBefore == 0 else { return }
      let part = min(left, splices[firstSplice].buffer.count)
      splices[firstSplice].buffer.consume(part)
      splicedBytes -= part
      left -= part
      guard splices[firstSplice].buffer.isEmpty else { return }
      // Let go of the storage now, not when the last splice is sent.
      splices[firstSplice].buffer = ByteBuffer()
      firstSplice += 1
    }
    splices.removeAll(keepingCapacity: splices.count <= Self.vectorsMaximum)
    firstSplice = 0
    staging.consume(left)
  }
}
