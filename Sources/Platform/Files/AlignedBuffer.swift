// Memory that direct I/O accepts: begins on a page, a whole number of pages long.

import Glibc

/// Page-aligned memory with one owner.
///
/// `@unchecked Sendable`: there is one owner at a time, and writing takes exclusive access to it.
public struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  /// How many bytes it holds, a multiple of `alignment`.
  public let count: Int

  /// What addresses and lengths are multiples of: a page, which every disk's sector divides.
  public static let alignment = 4096

  /// At least `bytes` bytes, all zero.
  public init(bytes: Int) {
    precondition(bytes > 0, "an aligned buffer of no bytes")
    count = Self.roundedUp(bytes)
    var memory: UnsafeMutableRawPointer?
    let result = posix_memalign(&memory, Self.alignment, count)
    guard result == 0, let memory else { preconditionFailure("out of memory for \(count) aligned bytes") }
    base = memory
    memset(base, 0, count)
  }

  deinit { free(base) }

  /// The least multiple of the alignment that is not below `bytes`.
  public static func roundedUp(_ bytes: Int) -> Int { (bytes + alignment - 1) & ~(alignment - 1) }

  /// The bytes.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // Safe: the span borrows self, which keeps the memory alive and unwritten for as long.
      _overrideLifetime(RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count), borrowing: self)
    }
  }

  /// Calls `body` with the bytes; the pointer is good only inside the call.
  public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Calls `body` with the bytes, to be changed in place.
  public mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeMutableRawBufferPointer(start: base, count: count))
  }
}
