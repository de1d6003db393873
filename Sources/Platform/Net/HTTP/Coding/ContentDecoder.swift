// Content codings undone, piece by piece. What comes out is limited as it comes: a small body that grows without end
// costs no more than the limit.

public import Bytes
import CZlib
import CZstd

/// Undoes the coding of one body. Used by one task at a time.
public final class ContentDecoder {
  /// How much comes out of one call at most, unless it is told otherwise.
  public static let stepBytes = 64 << 10
  /// The largest zstd window taken: 8 MiB, which RFC 9659 lets senders use.
  static let windowLogMaximum = 23

  private enum Engine {
    case identity
    case zlib(UnsafeMutablePointer<z_stream>, hasMembers: Bool)
    case zstd(OpaquePointer)
  }

  private let engine: Engine
  private let bytesMaximum: Int
  private var produced = 0
  /// Whether what came is whole: nothing at all, or up to the end of a member or frame.
  private var isWhole = true

  /// A decoder of one body.
  ///
  /// - Parameters:
  ///   - coding: how the body is coded.
  ///   - bytesMaximum: how many bytes may come out in all.
  /// - Throws: 503 without memory.
  public init(_ coding: ContentCoding, bytesMaximum: Int) throws(HTTPError) {
    self.bytesMaximum = bytesMaximum
    switch coding {
    case .identity: engine = .identity
    case .gzip: engine = .zlib(try Self.inflater(windowBits: 15 + 16), hasMembers: true)
    case .deflate: engine = .zlib(try Self.inflater(windowBits: 15), hasMembers: false)
    case .zstd:
      guard let context = ZSTD_createDCtx() else { throw Self.outOfMemory }
      let result = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.windowLogMaximum))
      precondition(ZSTD_isError(result) == 0, "a window of 8 MiB is within zstd's bounds")
      engine = .zstd(context)
    }
  }

  deinit {
    switch engine {
    case .identity: break
    case .zlib(let stream, _):
      inflateEnd(stream)
      stream.deallocate()
    case .zstd(let context): ZSTD_freeDCtx(context)
    }
  }

  private static func inflater(windowBits: Int32) throws(HTTPError) -> UnsafeMutablePointer<z_stream> {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard czlib_inflate_init(stream, windowBits) == Z_OK else {
      stream.deallocate()
      throw outOfMemory
    }
    return stream
  }

  private static var outOfMemory: HTTPError { .unavailable("there is no memory to decode the body") }

  private static var malformed: HTTPError {
    .badRequest(code: "malformed_coding", "the body is not coded as it says")
  }

  /// Decodes from the front of `input`, and takes off it what was used.
  ///
  /// - Parameters:
  ///   - input: what arrived.
  ///   - output: where what it stands for is appended.
  ///   - count: how much may be appended now.
  /// - Returns: whether there may be more to append before more arrives: call again when there is room for it.
  /// - Throws: 400 for what is not so coded, 413 when more comes out than may.
  public func decode(
    _ input: inout ByteBuffer, into output: inout ByteBuffer, upTo count: Int = stepBytes
  ) throws(HTTPError) -> Bool {
    precondition(count > 0, "there has to be room for something")
    switch engine {
    case .identity:
      let piece = input.split(min(input.count, count))
      try account(piece.count)
      output.append(piece)
      return !input.isEmpty
    case .zlib(let stream, let hasMembers):
      return try inflate(stream, hasMembers, &input, &output, count)
    case .zstd(let context):
      return try decompress(context, &input, &output, count)
    }
  }

  /// Says that nothing follows.
  ///
  /// - Throws: 400 when something should.
  public func finish() throws(HTTPError) {
    guard isWhole else { throw Self.malformed }
  }

  private func account(_ count: Int) throws(HTTPError) {
    produced += count
    if produced > bytesMaximum { throw .bodyTooLarge(limit: bytesMaximum) }
  }

  /// How much room to offer: one byte over the limit, to see it exceeded.
  private func room(_ count: Int) -> Int { min(count, min(bytesMaximum - produced, 1 << 30) + 1) }

  private func inflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ hasMembers: Bool, _ input: inout ByteBuffer,
    _ output: inout ByteBuffer, _ count: Int
  ) throws(HTTPError) -> Bool {
    var left = count
    while left > 0 {
      let offered = min(input.count, 1 << 30)
      if isWhole {
        // The end of a member was seen, or nothing yet: what follows has to be another member.
        if offered == 0 { return false }
        if produced > 0 || stream.pointee.total_in > 0 {
          guard hasMembers, inflateReset(stream) == Z_OK else { throw Self.malformed }
        }
        isWhole = false
      }
      var (result, used) = (Z_OK, 0)
      let wanted = room(left)
      let written = output.withWritableBytes(minimum: min(wanted, 4 << 10)) { target in
        let size = min(target.count, wanted)
        input.withReadableBytes { source in
          stream.pointee.next_in = UnsafeMutablePointer(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
          stream.pointee.avail_in = UInt32(offered)
          stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          stream.pointee.avail_out = UInt32(size)
          result = CZlib.inflate(stream, Z_NO_FLUSH)
          used = offered - Int(stream.pointee.avail_in)
        }
        return size - Int(stream.pointee.avail_out)
      }
      input.consume(used)
      left -= written
      try account(written)
      switch result {
      case Z_OK, Z_BUF_ERROR:
        // Without progress it waits for more; with room left over, too.
        if written == 0 && used == 0 { return false }
        if stream.pointee.avail_out > 0 && input.isEmpty { return false }
      case Z_STREAM_END:
        isWhole = true
      case Z_MEM_ERROR: throw Self.outOfMemory
      default: throw Self.malformed
      }
    }
    return true
  }

  /// Whether a zstd frame of RFC 8878 can start with `byte`: its magic number does, or a skippable frame's.
  ///
  /// The library would take the formats that came before the first version, too.
  private static func startsFrame(_ byte: UInt8) -> Bool { byte == 0x28 || (0x50...0x5f).contains(byte) }

  private func decompress(
    _ context: OpaquePointer, _ input: inout ByteBuffer, _ output: inout ByteBuffer, _ count: Int
  ) throws(HTTPError) -> Bool {
    var left = count
    while left > 0 {
      if isWhole {
        if input.isEmpty { return false }
        if !Self.startsFrame(input[0]) { throw Self.malformed }
      }
      var (result, used, size) = (0, 0, 0)
      let wanted = room(left)
      let written = output.withWritableBytes(minimum: min(wanted, 4 << 10)) { target in
        size = min(target.count, wanted)
        return input.withReadableBytes { source in
          var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
          var to = ZSTD_outBuffer(dst: target.baseAddress, size: size, pos: 0)
          result = ZSTD_decompressStream(context, &to, &from)
          used = from.pos
          return to.pos
        }
      }
      guard ZSTD_isError(result) == 0 else { throw Self.malformed }
      input.consume(used)
      left -= written
      try account(written)
      isWhole = result == 0
      if !isWhole && input.isEmpty && written < size { return false }
    }
    return true
  }
}
