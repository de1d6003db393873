// Content codings applied, piece by piece.

public import Bytes
import CZlib
import CZstd

/// Codes one body. Used by one task at a time.
public final class ContentEncoder {
  private enum Engine {
    case identity
    case zlib(UnsafeMutablePointer<z_stream>)
    case zstd(OpaquePointer)
  }

  /// What is asked of the library behind a coding.
  private enum Wish {
    case more, flush, end
  }

  /// How the body is coded.
  public let coding: ContentCoding
  private let engine: Engine
  private var hasFinished = false

  /// An encoder of one body.
  ///
  /// - Parameters:
  ///   - coding: how to code it.
  ///   - level: how much effort to spend: 1 the least, 9 the most.
  /// - Throws: 503 without memory.
  public init(_ coding: ContentCoding, level: Int = 4) throws(HTTPError) {
    precondition((1...9).contains(level), "levels go from 1 to 9")
    self.coding = coding
    switch coding {
    case .identity: engine = .identity
    case .gzip: engine = .zlib(try Self.deflater(level, windowBits: 15 + 16))
    case .deflate: engine = .zlib(try Self.deflater(level, windowBits: 15))
    case .zstd:
      guard let context = ZSTD_createCCtx() else { throw Self.outOfMemory }
      let result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
      precondition(ZSTD_isError(result) == 0, "zstd has the levels 1 to 9")
      engine = .zstd(context)
    }
  }

  deinit {
    switch engine {
    case .identity: break
    case .zlib(let stream):
      deflateEnd(stream)
      stream.deallocate()
    case .zstd(let context): ZSTD_freeCCtx(context)
    }
  }

  private static func deflater(
    _ level: Int, windowBits: Int32
  ) throws(HTTPError) -> UnsafeMutablePointer<z_stream> {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard czlib_deflate_init(stream, Int32(level), windowBits, 8) == Z_OK else {
      stream.deallocate()
      throw outOfMemory
    }
    return stream
  }

  private static var outOfMemory: HTTPError { .unavailable("there is no memory to code the body") }

  /// Appends what of the coded body `piece` completes: often nothing.
  public func encode(_ piece: ByteBuffer, into output: inout ByteBuffer) throws(HTTPError) {
    try run(piece, .more, &output)
  }

  /// Appends everything that was held back, so that the other end can decode all that was encoded.
  public func flush(into output: inout ByteBuffer) throws(HTTPError) {
    try run(ByteBuffer(), .flush, &output)
  }

  /// Appends the end of the coded body.
  public func finish(into output: inout ByteBuffer) throws(HTTPError) {
    try run(ByteBuffer(), .end, &output)
    hasFinished = true
  }

  /// All of `body` coded.
  public static func encode(
    _ body: ByteBuffer, as coding: ContentCoding, level: Int = 4
  ) throws(HTTPError) -> ByteBuffer {
    let encoder = try ContentEncoder(coding, level: level)
    var output = ByteBuffer(capacity: body.count / 2 + 64)
    try encoder.encode(body, into: &output)
    try encoder.finish(into: &output)
    return output
  }

  private func run(_ piece: ByteBuffer, _ wish: Wish, _ output: inout ByteBuffer) throws(HTTPError) {
    precondition(!hasFinished, "the body has ended")
    switch engine {
    case .identity: output.append(piece)
    case .zlib(let stream): deflate(stream, piece, wish, &output)
    case .zstd(let context): try compress(context, piece, wish, &output)
    }
  }

  private func deflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ piece: ByteBuffer, _ wish: Wish, _ output: inout ByteBuffer
  ) {
    let flush =
      switch wish {
      case .more: Z_NO_FLUSH
      case .flush: Z_SYNC_FLUSH
      case .end: Z_FINISH
      }
    piece.withReadableBytes { source in
      var offset = 0
      repeat {
        let offered = min(source.count - offset, 1 << 30)
        stream.pointee.next_in = source.baseAddress.map {
          UnsafeMutablePointer(mutating: ($0 + offset).assumingMemoryBound(to: UInt8.self))
        }
        stream.pointee.avail_in = UInt32(offered)
        var result = Z_OK
        repeat {
          output.withWritableBytes(minimum: 4 << 10) { target in
            let size = min(target.count, 1 << 30)
            stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(size)
            result = CZlib.deflate(stream, flush)
            return size - Int(stream.pointee.avail_out)
          }
          precondition(result != Z_STREAM_ERROR, "deflate is fed in order")
        } while stream.pointee.avail_out == 0 && result != Z_STREAM_END
        offset += offered
      } while offset < source.count
    }
  }

  private func compress(
    _ context: OpaquePointer, _ piece: ByteBuffer, _ wish: Wish, _ output: inout ByteBuffer
  ) throws(HTTPError) {
    let directive =
      switch wish {
      case .more: ZSTD_e_continue
      case .flush: ZSTD_e_flush
      case .end: ZSTD_e_end
      }
    var (position, left) = (0, 1)
    while true {
      output.withWritableBytes(minimum: 4 << 10) { target in
        piece.withReadableBytes { source in
          var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
          var to = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          left = ZSTD_compressStream2(context, &to, &from, directive)
          position = from.pos
          return to.pos
        }
      }
      // The only thing that can fail is to find memory for its tables.
      guard ZSTD_isError(left) == 0 else { throw Self.outOfMemory }
      if position == piece.count && (wish == .more || left == 0) { return }
    }
  }
}
