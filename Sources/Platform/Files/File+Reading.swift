// Reading from an open file. Every form names its offset and loops until the memory is full or the file ends.

public import Bytes
import Glibc

extension File {
  /// Reads at `offset` until `bytes` is full or the file ends.
  ///
  /// - Returns: how many bytes were read: fewer than asked only at the file's end.
  public func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let place = offset + done
      let got = try attempt(.read, at: place, length: rest.count) { calls, descriptor throws(ErrorNumber) in
        try calls.read(descriptor, into: rest, at: place)
      }
      if got == 0 { break }
      done += got
    }
    return done
  }

  /// Reads at `offset` until `bytes` is full; a file that ends before is an error.
  public func read(exactly bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    let got = try read(into: bytes, at: offset)
    guard got == bytes.count else {
      throw .unexpectedEnd(path: path, offset: offset, wanted: bytes.count, got: got)
    }
  }

  /// Appends up to `count` bytes from `offset` to `buffer`: fewer only at the file's end.
  ///
  /// - Returns: how many bytes were appended.
  @discardableResult
  public func read(into buffer: inout ByteBuffer, count: Int, at offset: Int) throws(FileError) -> Int {
    try buffer.withWritableBytes(minimum: count) { room throws(FileError) in
      try read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
    }
  }

  /// Appends exactly `count` bytes from `offset` to `buffer`; a file that ends before is an error, and the
  /// buffer is then as it was.
  public func read(exactly count: Int, into buffer: inout ByteBuffer, at offset: Int) throws(FileError) {
    _ = try buffer.withWritableBytes(minimum: count) { room throws(FileError) in
      try read(exactly: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
      return count
    }
  }

  /// Reads one stretch of the file into several pieces of memory, in order, until all are full or the file
  /// ends.
  ///
  /// - Returns: how many bytes were read in all.
  public func read(
    scattering pieces: [UnsafeMutableRawBufferPointer], at offset: Int
  ) throws(FileError) -> Int {
    var queue = PieceQueue(pieces)
    var done = 0
    while !queue.isEmpty {
      let place = offset + done
      let got = try attempt(.read, at: place, length: queue.bytes) { calls, descriptor throws(ErrorNumber) in
        try queue.withFront { pieces throws(ErrorNumber) in
          try calls.read(descriptor, scattering: pieces, at: place)
        }
      }
      if got == 0 { break }
      queue.consume(got)
      done += got
    }
    return done
  }

  /// Reads what the page cache holds, without waiting for a disk: fit for an event loop's thread.
  ///
  /// - Returns: how many bytes were read, possibly fewer than asked; 0 at the file's end; nil when already
  ///   the first byte would have to come from the disk, or the file system cannot tell.
  public func readCached(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) -> Int? {
    if bytes.isEmpty { return 0 }
    return try attempt(.readCached, at: offset, length: bytes.count) {
      calls, descriptor throws(ErrorNumber) in
      try calls.readCached(descriptor, into: bytes, at: offset)
    }
  }

  /// Maps a range of the file, which must lie inside it.
  ///
  /// Map only files that are not cut short while they are mapped; see `FileMapping`.
  public func map(at offset: Int, length: Int) throws(FileError) -> FileMapping {
    precondition(offset >= 0 && length > 0, "a mapping of nothing")
    let bytes = try status().bytes
    guard offset <= bytes, length <= bytes - offset else {
      throw .unexpectedEnd(path: path, offset: offset, wanted: length, got: max(0, bytes - offset))
    }
    return try attempt(.map, at: offset, length: length) { calls, descriptor throws(ErrorNumber) in
      try calls.map(descriptor, at: offset, length: length)
    }
  }
}

/// The pieces of a scattered or gathered call that are not done yet.
struct PieceQueue {
  private var pieces: [iovec]
  private var first = 0
  /// How many bytes the pieces left have in all.
  private(set) var bytes: Int

  init(_ pieces: [UnsafeMutableRawBufferPointer]) {
    self.pieces = pieces.filter { !$0.isEmpty }.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
    bytes = pieces.reduce(0) { $0 + $1.count }
  }

  init(_ pieces: [UnsafeRawBufferPointer]) {
    self.init(pieces.map { UnsafeMutableRawBufferPointer(mutating: $0) })
  }

  var isEmpty: Bool { first == pieces.count }

  /// As many of the pieces left as one call takes.
  func withFront<Result>(
    _ body: (UnsafeBufferPointer<iovec>) throws(ErrorNumber) -> Result
  ) throws(ErrorNumber) -> Result {
    let end = min(pieces.count, first + scatterMaximum)
    return try pieces.withUnsafeBufferPointer { all throws(ErrorNumber) in
      try body(UnsafeBufferPointer(rebasing: all[first..<end]))
    }
  }

  /// Takes off the `count` bytes that a call did.
  mutating func consume(_ count: Int) {
    precondition(count <= bytes, "a call did more than it was asked")
    bytes -= count
    var left = count
    while left > 0 {
      let length = pieces[first].iov_len
      if left < length {
        pieces[first].iov_base = pieces[first].iov_base.map { $0 + left }
        pieces[first].iov_len = length - left
        return
      }
      left -= length
      first += 1
    }
  }
}
