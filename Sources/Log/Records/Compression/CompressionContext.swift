// The compressors' working memory, kept from batch to batch: both libraries would otherwise allocate and clear
// a few hundred kilobytes for each. Decompression.swift is the way back.

import CLz4
import CZstd

/// What one writer thread compresses with. Not to be shared between threads.
public final class CompressionContext {
  private var lz4Context: OpaquePointer?
  private var zstdContext: OpaquePointer?

  /// A context that allocates on first use of either compression.
  public init() {}

  deinit {
    // Both take nil; freeing can report nothing that could be acted upon.
    LZ4F_freeCompressionContext(lz4Context)
    ZSTD_freeCCtx(zstdContext)
  }

  // MARK: LZ4

  /// Independent blocks of 64 KiB without checksums, as Kafka's own clients write them.
  private static var lz4Preferences: LZ4F_preferences_t {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = LZ4F_max64KB
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.autoFlush = 1
    return preferences
  }

  static func lz4Bound(_ count: Int) -> Int {
    var preferences = lz4Preferences
    return LZ4F_compressFrameBound(count, &preferences)
  }

  func lz4(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(RecordError) -> Int {
    if lz4Context == nil {
      try Self.checkLz4(LZ4F_createCompressionContext(&lz4Context, UInt32(LZ4F_VERSION)))
    }
    guard let context = lz4Context, let start = target.baseAddress else {
      throw .compressionFailed("lz4: no memory")
    }
    var preferences = Self.lz4Preferences
    var written = try Self.checkLz4(LZ4F_compressBegin(context, start, target.count, &preferences))
    written += try Self.checkLz4(
      LZ4F_compressUpdate(
        context, start + written, target.count - written, source.baseAddress, source.count, nil))
    written += try Self.checkLz4(LZ4F_compressEnd(context, start + written, target.count - written, nil))
    return written
  }

  @discardableResult
  static func checkLz4(_ result: Int) throws(RecordError) -> Int {
    if LZ4F_isError(result) == 0 { return result }
    throw .compressionFailed("lz4: " + String(cString: LZ4F_getErrorName(result)))
  }

  // MARK: Zstandard

  /// Where the curve of size against time bends; what Kafka's clients use unless told otherwise.
  private static let zstdLevel: Int32 = 3

  static func zstdBound(_ count: Int) -> Int { ZSTD_compressBound(count) }

  func zstd(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(RecordError) -> Int {
    if zstdContext == nil {
      guard let made = ZSTD_createCCtx() else { throw .compressionFailed("zstd: no memory") }
      zstdContext = made
      try Self.checkZstd(ZSTD_CCtx_setParameter(made, ZSTD_c_compressionLevel, Self.zstdLevel))
    }
    return try Self.checkZstd(
      ZSTD_compress2(zstdContext, target.baseAddress, target.count, source.baseAddress, source.count))
  }

  @discardableResult
  static func checkZstd(_ result: Int) throws(RecordError) -> Int {
    if ZSTD_isError(result) == 0 { return result }
    throw .compressionFailed("zstd: " + String(cString: ZSTD_getErrorName(result)))
  }
}
