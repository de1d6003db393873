// Writing to an open file. Every form loops until all bytes are taken; after an error an unknown part of them
// is. Nothing is durable before `syncData` or `sync`.

public import Bytes

extension File {
  /// Writes all of `bytes` at `offset`.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    precondition(!options.contains(.append), "\(path) appends: the kernel would ignore the offset")
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let place = offset + done
      let taken = try attempt(.write, at: place, length: rest.count) {
        calls, descriptor throws(ErrorNumber) in
        try calls.write(descriptor, rest, at: place)
      }
      guard taken > 0 else { throw .noProgress(.write, path: path, offset: place, length: rest.count) }
      done += taken
    }
  }

  /// Writes all of the span's bytes at `offset`.
  public func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
    try bytes.withUnsafeBytes { pointer throws(FileError) in try write(pointer, at: offset) }
  }

  /// Writes the buffer's readable bytes at `offset`; the buffer keeps them.
  public func write(_ bytes: ByteBuffer, at offset: Int) throws(FileError) {
    try bytes.withReadableBytes { pointer throws(FileError) in try write(pointer, at: offset) }
  }

  /// Writes several pieces of memory one after the other, from `offset` on, in as few calls as there can be.
  public func write(gathering pieces: [UnsafeRawBufferPointer], at offset: Int) throws(FileError) {
    precondition(!options.contains(.append), "\(path) appends: the kernel would ignore the offset")
    var queue = PieceQueue(pieces)
    var place = offset
    while !queue.isEmpty {
      let taken = try attempt(.write, at: place, length: queue.bytes) {
        calls, descriptor throws(ErrorNumber) in
        try queue.withFront { pieces throws(ErrorNumber) in
          try calls.write(descriptor, gathering: pieces, at: place)
        }
      }
      guard taken > 0 else { throw .noProgress(.write, path: path, offset: place, length: queue.bytes) }
      queue.consume(taken)
      place += taken
    }
  }

  /// Writes all of `bytes` at the end of a file opened with `.append`. Another process that appends too may
  /// come between two parts when the kernel takes them one by one.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    precondition(options.contains(.append), "\(path) was not opened for appending")
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let taken = try attempt(.append, length: rest.count) { calls, descriptor throws(ErrorNumber) in
        try calls.append(descriptor, rest)
      }
      guard taken > 0 else { throw .noProgress(.append, path: path, offset: done, length: rest.count) }
      done += taken
    }
  }

  /// Writes all of the span's bytes at the end of a file opened with `.append`.
  public func append(_ bytes: RawSpan) throws(FileError) {
    try bytes.withUnsafeBytes { pointer throws(FileError) in try append(pointer) }
  }

  /// Copies up to `length` bytes to `target`, inside the kernel where it can: fewer only at this file's end.
  ///
  /// - Returns: how many bytes were copied.
  @discardableResult
  public func copy(
    at offset: Int, length: Int, to target: File, at targetOffset: Int
  ) throws(FileError) -> Int {
    guard calls === target.calls else {
      return try copyThroughMemory(at: offset, length: length, to: target, at: targetOffset)
    }
    var done = 0
    while done < length {
      do {
        let got = try copyOnce(at: offset + done, length: length - done, to: target, at: targetOffset + done)
        if got == 0 { break }
        done += got
      } catch {
        // Two file systems, or one that cannot: through memory then.
        guard let number = error.number, [.crossDevice, .notSupported, .notImplemented].contains(number)
        else {
          throw error
        }
        return try done
          + copyThroughMemory(at: offset + done, length: length - done, to: target, at: targetOffset + done)
      }
    }
    return done
  }

  private func copyOnce(
    at offset: Int, length: Int, to target: File, at targetOffset: Int
  ) throws(FileError) -> Int {
    // Both files count the call as a use, so that neither can be closed under it.
    try target.use { targetDescriptor throws(FileError) in
      try attempt(.copy, at: offset, length: length) { calls, descriptor throws(ErrorNumber) in
        try calls.copy(from: descriptor, at: offset, to: targetDescriptor, at: targetOffset, length: length)
      }
    }
  }

  private func copyThroughMemory(
    at offset: Int, length: Int, to target: File, at targetOffset: Int
  ) throws(FileError) -> Int {
    var piece = AlignedBuffer(bytes: min(max(length, 1), copyPieceBytes))
    var done = 0
    while done < length {
      let wanted = min(piece.count, length - done)
      let got = try piece.withMutableBytes { memory throws(FileError) in
        try read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted]), at: offset + done)
      }
      if got == 0 { break }
      try piece.withBytes { memory throws(FileError) in
        try target.write(UnsafeRawBufferPointer(rebasing: memory[..<got]), at: targetOffset + done)
      }
      done += got
    }
    return done
  }
}

/// How much memory a copy that the kernel cannot do takes at a time.
private let copyPieceBytes = 1 << 20
