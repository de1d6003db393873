// A file's bytes as memory. The rule of mappings: map only what nobody cuts short while it is mapped
// (sealed segments, finished volumes). The kernel answers a read past the file's end with SIGBUS, which ends
// the process; the simulated file system ends it with a message instead, so that tests find the breach.

import Glibc

/// A read-only mapping of a part of a file; unmapped when it goes out of scope.
///
/// `@unchecked Sendable`: the memory is only ever read, and one owner ends it.
public struct FileMapping: ~Copyable, @unchecked Sendable {
  private let base: UnsafeRawPointer
  /// How many bytes are mapped.
  public let count: Int
  private let release: Release

  /// How the memory is given back.
  enum Release: @unchecked Sendable {
    /// By munmap of the pages at `start`.
    case unmap(start: UnsafeMutableRawPointer, bytes: Int)
    /// By free, then telling whoever counts the mappings.
    case deallocate(UnsafeMutableRawPointer, notify: @Sendable () -> Void)
  }

  init(base: UnsafeRawPointer, count: Int, release: Release) {
    self.base = base
    self.count = count
    self.release = release
  }

  deinit {
    switch release {
    case .unmap(let start, let bytes):
      let result = munmap(start, bytes)
      precondition(result == 0, "munmap of a mapping of our own failed: \(ErrorNumber.last)")
    case .deallocate(let memory, let notify):
      memory.deallocate()
      notify()
    }
  }

  /// The mapped bytes.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // Safe: the span borrows self, which keeps the mapping in place for as long.
      let span = RawSpan(_unsafeStart: base, byteCount: count)
      return _overrideLifetime(span, borrowing: self)
    }
  }

  /// Calls `body` with the mapped bytes; the pointer is good only inside the call.
  public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}
