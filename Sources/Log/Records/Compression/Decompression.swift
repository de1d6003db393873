// Decompression of what others wrote: any valid frames, never more output than the limit the caller sets. Besides,
// LZ4 may take some 8 MiB to work in and Zstandard the window its frame asks for, which has a limit of its own.

import Bytes
import CLz4
import CZstd

/// The way back from compressed records.
enum Decompression {
  /// The records of a batch whose compressed bytes are `source`.
  static func records(
    _ compression: Compression, _ source: UnsafeRawBufferPointer, bytesMaximum: Int
  ) throws(RecordError) -> ByteBuffer {
    switch compression {
    case .none:
      if source.count > bytesMaximum { throw .decompressedTooLarge(bytesMaximum: bytesMaximum) }
      return ByteBuffer(copying: source)
    case .lz4:
      let frames = try Lz4Frames()
      return try drain(source, bytesMaximum: bytesMaximum) { room, input throws(RecordError) in
        try frames.step(into: room, from: input)
      }
    case .zstd:
      let frames = try ZstdFrames()
      if let whole = try frames.whole(source, bytesMaximum: bytesMaximum) { return whole }
      return try drain(source, bytesMaximum: bytesMaximum) { room, input throws(RecordError) in
        try frames.step(into: room, from: input)
      }
    }
  }

  /// What one call into a library did.
  struct Step {
    let read: Int
    let written: Int
    let endsFrame: Bool
  }

  /// Runs `step` until every byte was read and the last frame has ended.
  private static func drain(
    _ source: UnsafeRawBufferPointer, bytesMaximum: Int,
    _ step: (UnsafeMutableRawBufferPointer, UnsafeRawBufferPointer) throws(RecordError) -> Step
  ) throws(RecordError) -> ByteBuffer {
    // One byte more than allowed, so that "exactly full" and "too much" can be told apart.
    let limit = Swift.min(bytesMaximum, Int.max - 1) + 1
    var output = ByteBuffer(capacity: Swift.min(limit, Swift.max(source.count * 4, 4096)))
    var position = 0
    var isFrameOpen = false
    while position < source.count || isFrameOpen {
      let left = limit - output.count
      let wanted = Swift.min(left, Swift.max(output.count, 4096))
      let input = UnsafeRawBufferPointer(rebasing: source[position...])
      var isStuck = false
      try output.withWritableBytes(minimum: wanted) { room throws(RecordError) in
        let done = try step(UnsafeMutableRawBufferPointer(rebasing: room.prefix(left)), input)
        position += done.read
        isFrameOpen = !done.endsFrame
        isStuck = done.read == 0 && done.written == 0
        return done.written
      }
      if output.count > bytesMaximum { throw .decompressedTooLarge(bytesMaximum: bytesMaximum) }
      if isStuck && (isFrameOpen || position < source.count) {
        throw .compressionFailed("the compressed records end in the middle")
      }
    }
    return output
  }
}

/// An LZ4 decompressor: frames one after another.
private final class Lz4Frames {
  private var context: OpaquePointer?

  init() throws(RecordError) {
    try CompressionContext.checkLz4(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION)))
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  func step(
    into room: UnsafeMutableRawBufferPointer, from input: UnsafeRawBufferPointer
  ) throws(RecordError) -> Decompression.Step {
    var written = room.count
    var read = input.count
    let left = try CompressionContext.checkLz4(
      LZ4F_decompress(context, room.baseAddress, &written, input.baseAddress, &read, nil))
    return Decompression.Step(read: read, written: written, endsFrame: left == 0)
  }
}

/// A Zstandard decompressor: frames one after another.
private final class ZstdFrames {
  private let context: OpaquePointer

  init() throws(RecordError) {
    guard let made = ZSTD_createDCtx() else { throw .compressionFailed("zstd: no memory") }
    context = made
    try CompressionContext.checkZstd(
      ZSTD_DCtx_setParameter(made, ZSTD_d_windowLogMax, RecordLimits.zstdWindowLogMaximum))
  }

  deinit { ZSTD_freeDCtx(context) }

  /// The content when `source` is one frame that says how much it holds, as most are; nil when it is not.
  /// Such a frame needs no window of its own: the output is the window.
  func whole(_ source: UnsafeRawBufferPointer, bytesMaximum: Int) throws(RecordError) -> ByteBuffer? {
    guard ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count,
      let count = Int(exactly: ZSTD_getFrameContentSize(source.baseAddress, source.count))
    else { return nil }  // unknown and refused sizes are the two largest numbers, which no Int holds
    if count > bytesMaximum { throw .decompressedTooLarge(bytesMaximum: bytesMaximum) }
    var output = ByteBuffer(capacity: count)
    try output.withWritableBytes(minimum: count) { room throws(RecordError) in
      try CompressionContext.checkZstd(
        ZSTD_decompressDCtx(context, room.baseAddress, count, source.baseAddress, source.count))
    }
    return output
  }

  func step(
    into room: UnsafeMutableRawBufferPointer, from input: UnsafeRawBufferPointer
  ) throws(RecordError) -> Decompression.Step {
    var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    let left = try CompressionContext.checkZstd(ZSTD_decompressStream(context, &output, &source))
    return Decompression.Step(read: source.pos, written: output.pos, endsFrame: left == 0)
  }
}
