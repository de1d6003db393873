// The one buffer type of the house. A `ByteBuffer` is a window (`start ..< end`) on reference-counted
// storage: copying or slicing it costs a retain, never a copy of bytes; writing to storage that somebody
// else can still see copies first. Readers get a `RawSpan`, so no pointer escapes by accident.
//
// Appending in its many forms is in ByteBuffer+Append.swift; parsing is ByteReader.swift.

import Glibc

/// Owned, reference-counted bytes with value semantics: append at the end, consume from the front.
public struct ByteBuffer: Sendable {
  @usableFromInline var storage: ByteStorage
  @usableFromInline var start: Int
  @usableFromInline var end: Int

  /// An empty buffer with room for `capacity` bytes.
  @inlinable
  public init(capacity: Int = 0) {
    storage = capacity == 0 ? ByteStorage.empty : ByteStorage(capacity: capacity)
    start = 0
    end = 0
  }

  @inlinable
  init(storage: ByteStorage, start: Int, end: Int) {
    self.storage = storage
    self.start = start
    self.end = end
  }

  /// A buffer holding a copy of `bytes`.
  @inlinable
  public init(copying bytes: UnsafeRawBufferPointer) {
    self.init(capacity: bytes.count)
    append(bytes)
  }

  /// A buffer holding a copy of the span's bytes.
  @inlinable
  public init(copying bytes: RawSpan) {
    self.init(capacity: bytes.byteCount)
    append(bytes)
  }

  /// A buffer holding `bytes`.
  @inlinable
  public init(_ bytes: some Sequence<UInt8>) {
    self.init(capacity: bytes.underestimatedCount)
    append(contentsOf: bytes)
  }

  /// A buffer holding the UTF-8 of `string`.
  @inlinable
  public init(_ string: String) {
    self.init(capacity: string.utf8.count)
    append(string)
  }

  // MARK: Size

  /// How many bytes can be read.
  @inlinable public var count: Int { end - start }

  /// Whether there is nothing to read.
  @inlinable public var isEmpty: Bool { start == end }

  /// How many bytes the storage holds in all, read or not.
  @inlinable public var capacity: Int { storage.capacity }

  /// How many bytes can be appended before storage grows (or, when shared, is copied).
  @inlinable public var writableCount: Int { storage.capacity - end }

  // MARK: Reading

  /// The readable bytes.
  @inlinable
  public var readable: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // Safe: the span borrows self, which keeps the storage alive and unwritten for as long.
      let span = RawSpan(_unsafeStart: UnsafeRawPointer(storage.base + start), byteCount: count)
      return _overrideLifetime(span, borrowing: self)
    }
  }

  /// Calls `body` with the readable bytes; the pointer is good only inside the call.
  @inlinable
  public func withReadableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: storage.base + start, count: count))
  }

  /// The readable byte at `offset`, counted from the first readable one.
  @inlinable
  public subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count, "offset outside the buffer")
    return (storage.base + start + offset).load(as: UInt8.self)
  }

  /// Drops the first `length` readable bytes.
  @inlinable
  public mutating func consume(_ length: Int) {
    precondition(length >= 0 && length <= count, "consuming more than is there")
    start += length
    // Empty again: the whole storage is free for the next write, unless a slice still looks at it.
    if start == end && isKnownUniquelyReferenced(&storage) {
      start = 0
      end = 0
    }
  }

  /// Takes the first `length` readable bytes off as a buffer of their own, sharing storage.
  @inlinable
  public mutating func split(_ length: Int) -> ByteBuffer {
    let front = slice(from: 0, count: length)
    start += length
    return front
  }

  /// `count` readable bytes beginning at `offset`, sharing storage.
  @inlinable
  public func slice(from offset: Int, count length: Int) -> ByteBuffer {
    precondition(offset >= 0 && length >= 0 && offset <= count - length, "slice outside the buffer")
    return ByteBuffer(storage: storage, start: start + offset, end: start + offset + length)
  }

  // MARK: Writing

  /// Makes room for `additional` more bytes in storage that only this buffer sees.
  @inlinable
  public mutating func reserve(_ additional: Int) {
    if additional <= storage.capacity - end && isKnownUniquelyReferenced(&storage) { return }
    makeRoom(additional)
  }

  /// Drops every byte and, when no slice shares it, keeps the storage for reuse.
  @inlinable
  public mutating func clear() {
    if !isKnownUniquelyReferenced(&storage) { storage = ByteStorage.empty }
    start = 0
    end = 0
  }

  /// Hands at least `minimum` bytes of free tail to `fill`, which returns how many it wrote.
  @discardableResult
  @inlinable
  public mutating func withWritableBytes<Failure: Error>(
    minimum: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    reserve(minimum)
    let room = UnsafeMutableRawBufferPointer(start: storage.base + end, count: storage.capacity - end)
    let written = try fill(room)
    precondition(written >= 0 && written <= room.count, "wrote past the room that was given")
    end += written
    return written
  }

  /// Calls `body` with the readable bytes, to be changed in place.
  @inlinable
  public mutating func withMutableReadableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    reserve(0)
    return try body(UnsafeMutableRawBufferPointer(start: storage.base + start, count: count))
  }

  /// Drops bytes from the end until `length` are left.
  @inlinable
  public mutating func truncate(to length: Int) {
    precondition(length >= 0 && length <= count, "truncating to more than is there")
    end = start + length
  }

  @usableFromInline
  @inline(never)
  mutating func makeRoom(_ additional: Int) {
    precondition(additional >= 0, "negative room")
    let length = count
    if isKnownUniquelyReferenced(&storage) && length + additional <= storage.capacity && start >= length {
      // Most of the storage is already-read bytes: moving what is left down is cheaper than growing.
      memcpy(storage.base, storage.base + start, length)
    } else {
      let wanted = Swift.max(length + additional, Swift.min(storage.capacity * 2, length * 2), 64)
      let grown = ByteStorage(capacity: wanted)
      memcpy(grown.base, storage.base + start, length)
      storage = grown
    }
    start = 0
    end = length
  }
}

/// The allocation behind one or more buffers.
///
/// `@unchecked Sendable`: `base` and `capacity` never change, and a `ByteBuffer` writes through `base`
/// only after `isKnownUniquelyReferenced`, so shared bytes are read-only.
@usableFromInline
final class ByteStorage: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let capacity: Int

  /// What every empty buffer points at, so that an empty buffer allocates nothing.
  @usableFromInline static let empty = ByteStorage(capacity: 0)

  @usableFromInline
  init(capacity: Int) {
    // malloc's 16-byte alignment serves every scalar; direct I/O asks for aligned memory of its own.
    guard let base = malloc(Swift.max(capacity, 1)) else {
      preconditionFailure("out of memory for a buffer of \(capacity) bytes")
    }
    self.base = base
    self.capacity = capacity
  }

  deinit { free(base) }
}
